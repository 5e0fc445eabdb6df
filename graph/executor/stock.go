package executor

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// stockObject is how many objects an object of gqlgen's executor counts for, and each selection of
// it as one more: that much longer it takes.
const stockObject = 6

// unfolding counts what is selected of objects, wherever their fragments are.
type unfolding struct {
	fragments map[string]int // what is in each of them
	most      int            // that any count comes to: doubling fragments would overflow
}

// unfold looks at the fragments of a document, each once. What it returns is safe for
// concurrent use.
func unfold(doc *ast.QueryDocument, most int) unfolding {
	u := unfolding{make(map[string]int, len(doc.Fragments)), most}
	for _, fragment := range doc.Fragments {
		u.fragment(fragment)
	}
	return u
}

func (u unfolding) fragment(fragment *ast.FragmentDefinition) int {
	count, known := u.fragments[fragment.Name]
	if !known {
		u.fragments[fragment.Name] = 0 // for a circle, which is not valid, to end
		count = u.count(fragment.SelectionSet)
		u.fragments[fragment.Name] = count
	}
	return count
}

// count returns what a set counts for, with those of its fragments.
func (u unfolding) count(set ast.SelectionSet) int {
	count := len(set)
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			count += u.below(selection)
		case *ast.InlineFragment:
			count += u.count(selection.SelectionSet)
		case *ast.FragmentSpread:
			count += u.fragment(selection.Definition)
		}
	}
	return min(count, u.most)
}

// below returns what a field counts for before its value is there, beside itself.
func (u unfolding) below(field *ast.Field) int {
	switch {
	case len(field.SelectionSet) == 0:
		return 0
	case isSure(field):
		return stockObject + u.count(field.SelectionSet)
	case field.ObjectDefinition.BuiltIn:
		return 0
	default:
		return stockObject // for the call of a resolver, which may find nothing
	}
}

// isSure reports whether there will be an object, come what may. It is counted with the one that
// it is a field of, because it cannot be left out once that one is there.
func isSure(field *ast.Field) bool {
	return field.Definition.Type.NonNull && field.Definition.Type.Elem == nil
}

// bound has gqlgen's executor, too, keep to the limit. What is beyond it is null or empty, and
// the answer has no data but one error for all of that.
func bound(ctx context.Context, op *graphql.OperationContext, limit int, exec func(context.Context) graphql.ResponseHandler) graphql.ResponseHandler {
	var counted size
	counted.begin(ctx, limit)
	selected := unfold(op.Doc, limit)
	inner := op.ResolverMiddleware
	op.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		field := graphql.GetFieldContext(ctx).Field
		if counted.exceeded() && !field.Definition.Type.NonNull {
			return nil, nil
		}
		value, err := inner(ctx, next)
		if err != nil || value == nil || len(field.Selections) == 0 || isSure(field.Field) {
			return value, err
		}
		list := reflect.ValueOf(value)
		isList, objects := list.Kind() == reflect.Slice, 1
		if isList {
			objects = list.Len()
		}
		if objects > 0 && !counted.add(objects*(stockObject+selected.count(field.Selections))) && isList {
			return reflect.MakeSlice(list.Type(), 0, 0).Interface(), nil
		}
		return value, nil
	}
	counted.add(selected.count(op.Operation.SelectionSet))
	respond := exec(ctx)
	return func(ctx context.Context) *graphql.Response {
		response := respond(context.WithValue(ctx, sizeKey{}, &counted))
		if response != nil && counted.exceeded() {
			response.Data = []byte("null")
			op.Error(ctx, counted.err())
		}
		return response
	}
}
