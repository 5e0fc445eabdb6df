package executor

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
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
	if !s.constant {
		if err := findNull(s.collected.Arguments, r.op.Variables); err != nil {
			return nil, graphql.AddFieldLocationToError(ctx, err)
		}
	}
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

// NullError is the error of a field in whose arguments a variable is null where no null can be. Documents
// may have variables there whose type is nullable, as long as there is a default; a null that a request
// gives all the same is found out when the field is resolved.
type NullError struct {
	Argument string // its path in the arguments, with dots
}

func (e *NullError) Error() string { return "The argument " + e.Argument + " must not be null." }

// GraphQL returns the error as clients see it.
func (e *NullError) GraphQL() *gqlerror.Error {
	return &gqlerror.Error{Err: e, Message: e.Error(), Extensions: map[string]any{"code": "BAD_USER_INPUT", "argument": e.Argument}}
}

// findNull returns the error of the first such argument.
func findNull(arguments ast.ArgumentList, variables map[string]any) error {
	for _, argument := range arguments {
		if null := nullIn(argument.Value, variables); null != nil {
			return &NullError{Argument: append(ast.Path{ast.PathName(argument.Name)}, null...).String()}
		}
	}
	return nil
}

// nullIn returns the way to a variable in value that is null where it must not be, empty for value
// itself, and nil where there is none.
func nullIn(value *ast.Value, variables map[string]any) ast.Path {
	if value.Kind == ast.Variable {
		if given, ok := variables[value.Raw]; ok && given == nil && value.ExpectedType != nil && value.ExpectedType.NonNull {
			return ast.Path{}
		}
		return nil
	}
	for i, child := range value.Children {
		if null := nullIn(child.Value, variables); null != nil {
			var at ast.PathElement = ast.PathIndex(i)
			if child.Name != "" {
				at = ast.PathName(child.Name)
			}
			return append(ast.Path{at}, null...)
		}
	}
	return nil
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
