package executor

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Reason is why an operation was left to gqlgen's own executor.
type Reason string

// The reasons.
const (
	ReasonSubscription  Reason = "subscription"
	ReasonIntrospection Reason = "introspection"
	ReasonDirective     Reason = "directive"        // any but @skip, @include and @defer
	ReasonMiddleware    Reason = "field middleware" // around fields or root fields
	ReasonField         Reason = "field"            // one that the accessors do not cover
	ReasonSize          Reason = "size"             // too many fields once fragments are unfolded
)

// inspection is what one walk over an operation finds out before it is compiled.
type inspection struct {
	reason Reason // the first found, if any
	// conditions are the values that decide on @skip, @include and @defer, other than constants.
	conditions []*ast.Value
	defers     bool // has @defer
}

// inspector walks an operation.
type inspector struct {
	inspection
	fragments ast.FragmentDefinitionList
	seen      map[string]bool
}

// inspect walks an operation, each fragment once.
func inspect(document *ast.QueryDocument, operation *ast.OperationDefinition) inspection {
	i := &inspector{fragments: document.Fragments, seen: map[string]bool{}}
	if operation.Operation == ast.Subscription {
		i.found(ReasonSubscription)
	}
	i.directives(operation.Directives)
	i.selections(operation.SelectionSet)
	return i.inspection
}

func (i *inspector) found(reason Reason) {
	if i.reason == "" {
		i.reason = reason
	}
}

func (i *inspector) selections(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if selection.Name == "__schema" || selection.Name == "__type" {
				i.found(ReasonIntrospection)
			}
			i.directives(selection.Directives)
			i.selections(selection.SelectionSet)
		case *ast.InlineFragment:
			i.directives(selection.Directives)
			i.selections(selection.SelectionSet)
		case *ast.FragmentSpread:
			i.directives(selection.Directives)
			if fragment := i.fragments.ForName(selection.Name); fragment != nil && !i.seen[selection.Name] {
				i.seen[selection.Name] = true
				i.directives(fragment.Directives)
				i.selections(fragment.SelectionSet)
			}
		}
	}
}

func (i *inspector) directives(list ast.DirectiveList) {
	for _, directive := range list {
		switch directive.Name {
		case "skip", "include", "defer":
			i.defers = i.defers || directive.Name == "defer"
			if argument := directive.Arguments.ForName("if"); argument != nil && argument.Value.Kind == ast.Variable {
				i.conditions = append(i.conditions, argument.Value)
			}
		default:
			i.found(ReasonDirective)
		}
	}
}
