package executor

import (
	"context"
	"reflect"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// arguments are those of one step, once they have been read. All calls of the step share
// them. A step has one node, so that nobody else reads them at the same time.
type arguments struct {
	values map[string]any
	write  func(w *Writer, object any) bool // of a leaf, bound to them; nil for any other field
}

// noArguments are those of a field that takes none.
var noArguments = &arguments{}

// knownArguments returns a step's arguments, and nil if they have not been read yet.
func (r *run) knownArguments(s *step) *arguments {
	own := &r.args[s.id]
	if *own == nil {
		*own = s.constants.Load()
	}
	return *own
}

// arguments returns a step's arguments. Their errors tell the path to the field of ctx, and
// so have to be made anew for every object.
func (r *run) arguments(ctx context.Context, s *step) (args *arguments, err error) {
	if args := r.knownArguments(s); args != nil {
		return args, nil
	}
	defer func() {
		if cause := recover(); cause != nil { // a number that does not fit, for one
			args, err = nil, r.op.Recover(ctx, cause)
		}
	}()
	values, err := s.field.Args(ctx, s.collected.ArgumentMap(r.op.Variables))
	if err != nil {
		return nil, err
	}
	args = &arguments{values: values}
	if s.field.Bind != nil {
		args.write = s.field.Bind(values)
	}
	r.args[s.id] = args
	if s.constant && areScalars(values) {
		s.constants.Store(args)
	}
	return args, nil
}

// hasVariables reports whether a variable is in any of the arguments.
func hasVariables(arguments ast.ArgumentList) bool {
	return slices.ContainsFunc(arguments, func(a *ast.Argument) bool { return hasVariable(a.Value) })
}

func hasVariable(value *ast.Value) bool {
	return value.Kind == ast.Variable ||
		slices.ContainsFunc(value.Children, func(c *ast.ChildValue) bool { return hasVariable(c.Value) })
}

// areScalars reports whether arguments are scalars, or pointers to some, and so nothing that a
// resolver could change for the runs after it without meaning to.
func areScalars(args map[string]any) bool {
	for _, value := range args {
		kind := reflect.Invalid // of nil
		if value != nil {
			t := reflect.TypeOf(value)
			if kind = t.Kind(); kind == reflect.Pointer {
				kind = t.Elem().Kind()
			}
		}
		if kind > reflect.Complex128 && kind != reflect.String {
			return false
		}
	}
	return true
}
