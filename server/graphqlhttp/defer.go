package graphqlhttp

import (
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// withoutDefer has an operation answered at once, as who asks for one response must have it:
// what @defer marks would be left out of it otherwise. The document, which other requests
// share, stays as it is.
func withoutDefer(op *graphql.OperationContext) {
	if !strings.Contains(op.RawQuery, "defer") {
		return
	}
	doc := *op.Doc
	doc.Fragments = make(ast.FragmentDefinitionList, len(op.Doc.Fragments))
	for i, fragment := range op.Doc.Fragments {
		whole := *fragment
		whole.SelectionSet = wholeSelections(fragment.SelectionSet)
		doc.Fragments[i] = &whole
	}
	operation := *op.Operation
	operation.SelectionSet = wholeSelections(op.Operation.SelectionSet)
	op.Doc, op.Operation = &doc, &operation
}

// wholeSelections copies selections but for @defer.
func wholeSelections(selections ast.SelectionSet) ast.SelectionSet {
	if selections == nil {
		return nil
	}
	out := make(ast.SelectionSet, len(selections))
	for i, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			whole := *selection
			whole.SelectionSet = wholeSelections(selection.SelectionSet)
			out[i] = &whole
		case *ast.InlineFragment:
			whole := *selection
			whole.Directives = otherDirectives(selection.Directives)
			whole.SelectionSet = wholeSelections(selection.SelectionSet)
			out[i] = &whole
		case *ast.FragmentSpread:
			whole := *selection
			whole.Directives = otherDirectives(selection.Directives)
			out[i] = &whole
		}
	}
	return out
}

// otherDirectives returns the directives that are not @defer.
func otherDirectives(directives ast.DirectiveList) ast.DirectiveList {
	var out ast.DirectiveList
	for _, directive := range directives {
		if directive.Name != "defer" {
			out = append(out, directive)
		}
	}
	return out
}
