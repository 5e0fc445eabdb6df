package executor

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
)

// stockObject is how many objects, and each of its fields as one more, an object of gqlgen's
// executor counts for: that much longer it takes.
const stockObject = 6

// bound has gqlgen's executor, too, keep to the limit. What is beyond it is null or empty, and
// the answer has no data but one error for all of that.
func bound(ctx context.Context, op *graphql.OperationContext, limit int, exec func(context.Context) graphql.ResponseHandler) graphql.ResponseHandler {
	var counted size
	counted.begin(ctx, limit)
	inner := op.ResolverMiddleware
	op.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		field := graphql.GetFieldContext(ctx).Field
		if counted.exceeded() && !field.Definition.Type.NonNull {
			return nil, nil
		}
		value, err := inner(ctx, next)
		if err != nil || value == nil || len(field.Selections) == 0 {
			return value, err
		}
		list := reflect.ValueOf(value)
		isList, objects := list.Kind() == reflect.Slice, 1
		if isList {
			objects = list.Len()
		}
		if !counted.add(objects*(stockObject+len(field.Selections))) && isList {
			return reflect.MakeSlice(list.Type(), 0, 0).Interface(), nil
		}
		return value, nil
	}
	respond := exec(ctx)
	return func(ctx context.Context) *graphql.Response {
		response := respond(counted.with(ctx))
		if response != nil && counted.exceeded() {
			response.Data = []byte("null")
			op.Error(ctx, counted.err())
		}
		return response
	}
}
