package executor

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// fragment is what is selected of one object in one part of the answer: of the whole
// operation but for what is deferred, or of one deferred fragment.
type fragment struct {
	label    *ast.Value
	above    *fragment // in which this one is deferred
	fields   ast.SelectionSet
	deferred []*fragment

	keys   map[string]bool // of fields
	spread map[string]bool // named fragments that are part of this one already
}

func newFragment(above *fragment, label *ast.Value) *fragment {
	return &fragment{above: above, label: label, keys: map[string]bool{}, spread: map[string]bool{}}
}

// collector sorts the fields of a selection set by the fragments that they are deferred in.
// graphql.CollectFields does not tell fragments apart, nor one in another from one beside it.
type collector struct {
	*compiler
	object *Object
	looked int // at selections
}

// collect returns what is selected of an object. What is selected outside of a deferred
// fragment as well is not deferred, whole as it is.
func (c *compiler) collect(object *Object, set ast.SelectionSet) (*fragment, error) {
	collecting := collector{compiler: c, object: object}
	whole := newFragment(nil, nil)
	collecting.add(whole, set)
	if collecting.looked > maxSteps {
		return nil, errTooLarge
	}
	whole.settle()
	return whole, nil
}

func (c *collector) add(to *fragment, set ast.SelectionSet) {
	for _, selected := range set {
		if c.looked++; c.looked > maxSteps {
			return
		}
		switch selected := selected.(type) {
		case *ast.Field:
			if c.included(selected.Directives) {
				to.fields = append(to.fields, selected)
				to.keys[selected.Alias] = true
			}
		case *ast.InlineFragment:
			if c.included(selected.Directives) && c.applies(selected.TypeCondition) {
				c.add(c.deferring(to, selected.Directives), selected.SelectionSet)
			}
		case *ast.FragmentSpread:
			definition := c.op.Doc.Fragments.ForName(selected.Name)
			if !c.included(selected.Directives) || !c.applies(definition.TypeCondition) {
				continue
			}
			if into := c.deferring(to, selected.Directives); !into.spread[selected.Name] {
				into.spread[selected.Name] = true
				c.add(into, definition.SelectionSet)
			}
		}
	}
}

// deferring returns where the fields of a fragment with these directives belong. Those of
// Mutation take turns, which none that is deferred could keep to.
func (c *collector) deferring(to *fragment, directives ast.DirectiveList) *fragment {
	if c.object == c.mutation || !c.decides(directives, "defer", false) {
		return to
	}
	var label *ast.Value
	if argument := directives.ForName("defer").Arguments.ForName("label"); argument != nil {
		label = argument.Value
	}
	into := newFragment(to, label)
	to.deferred = append(to.deferred, into)
	return into
}

func (c *collector) included(directives ast.DirectiveList) bool {
	return c.decides(directives, "include", true) && !c.decides(directives, "skip", false)
}

// decides returns what a directive says, true where it does not say, and otherwise where
// there is none.
func (c *collector) decides(directives ast.DirectiveList, name string, otherwise bool) bool {
	directive := directives.ForName(name)
	if directive == nil {
		return otherwise
	}
	argument := directive.Arguments.ForName("if")
	if argument == nil {
		return true
	}
	value, err := argument.Value.Value(c.op.Variables)
	return err != nil || value != false
}

func (c *collector) applies(condition string) bool {
	return condition == "" || slices.Contains(c.object.Satisfies, condition)
}

// settle moves each field that is also selected outside of its fragment to there, and leaves
// out fragments without fields of their own.
func (f *fragment) settle() {
	var deferred []*fragment
	for _, later := range f.deferred {
		var own ast.SelectionSet
		for _, selected := range later.fields {
			key := selected.(*ast.Field).Alias
			if outer := later.outermost(key); outer != later {
				outer.fields = append(outer.fields, selected)
			} else {
				own = append(own, selected)
			}
		}
		later.fields = own
		later.settle()
		if len(later.fields) > 0 {
			deferred = append(deferred, later)
		} else {
			deferred = append(deferred, later.deferred...)
		}
	}
	f.deferred = deferred
}

// outermost returns the outermost fragment around f, or f, that selects a field.
func (f *fragment) outermost(key string) *fragment {
	found := f
	for around := f.above; around != nil; around = around.above {
		if around.keys[key] {
			found = around
		}
	}
	return found
}

// merged merges the fields of a fragment that have the same key.
func (c *compiler) merged(f *fragment, object *Object) []graphql.CollectedField {
	// CollectFields keeps what it finds by the address of a set, and this one goes.
	fresh := &graphql.OperationContext{Doc: c.op.Doc, Variables: c.op.Variables}
	return graphql.CollectFields(fresh, f.fields, object.Satisfies)
}
