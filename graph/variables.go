package graph

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// MutateOperationContext refuses variables that name no value of their enum.
func (e operations) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	return checkEnums(e.graph.schema, op.Operation, op.Variables)
}

// checkEnums returns what is wrong with an enum in the variables of an operation, or nil. The parser's
// own check takes names in any case, which then are those of no value: a filter that is none.
func checkEnums(schema *ast.Schema, definition *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	for _, variable := range definition.VariableDefinitions {
		if err := checkEnum(schema, variable.Type, variables[variable.Variable]); err != nil {
			err.Path = append(ast.Path{ast.PathName("variable"), ast.PathName(variable.Variable)}, err.Path...)
			errcode.Set(err, errcode.ValidationFailed)
			return err
		}
	}
	return nil
}

// checkEnum checks a value that is coerced to its type otherwise.
func checkEnum(schema *ast.Schema, t *ast.Type, value any) *gqlerror.Error {
	if value == nil {
		return nil
	}
	if t.Elem != nil {
		// The parser makes lists of single values, with elements of their own type.
		list := reflect.ValueOf(value)
		if list.Kind() != reflect.Slice {
			return checkEnum(schema, t.Elem, value)
		}
		for i := range list.Len() {
			if err := checkEnum(schema, t.Elem, list.Index(i).Interface()); err != nil {
				err.Path = append(ast.Path{ast.PathIndex(i)}, err.Path...)
				return err
			}
		}
		return nil
	}
	definition := schema.Types[t.NamedType]
	if definition.Kind == ast.Enum {
		if name, _ := value.(string); definition.EnumValues.ForName(name) == nil {
			return gqlerror.Errorf("Expected a value of type %q.", definition.Name)
		}
	}
	if definition.Kind != ast.InputObject {
		return nil
	}
	members, _ := value.(map[string]any)
	for _, field := range definition.Fields {
		if err := checkEnum(schema, field.Type, members[field.Name]); err != nil {
			err.Path = append(ast.Path{ast.PathName(field.Name)}, err.Path...)
			return err
		}
	}
	return nil
}
