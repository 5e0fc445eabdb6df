package graph

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// MutateOperationContext refuses variables that gqlgen takes and nobody can do anything with.
func (e operations) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	return checkVariables(e.graph.schema, op.Doc.Fragments, op.Operation, op.Variables)
}

// checkVariables returns what is wrong with the variables of an operation, coerced and with their
// defaults, that gqlgen does not find; or nil.
func checkVariables(schema *ast.Schema, fragments ast.FragmentDefinitionList, definition *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	if err := checkEnums(schema, definition, variables); err != nil {
		return err
	}
	return checkConditions(fragments, definition, variables)
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

// checkConditions returns what is wrong with a variable that is null and decides on @skip or @include. Documents
// may have one whose type is nullable there, as long as there is a default.
func checkConditions(fragments ast.FragmentDefinitionList, definition *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	c := conditions{fragments: fragments, nulls: map[string]bool{}, seen: map[string]bool{}}
	for _, variable := range definition.VariableDefinitions {
		if value, given := variables[variable.Variable]; given && value == nil && variable.Type.NamedType == "Boolean" {
			c.nulls[variable.Variable] = true
		}
	}
	if len(c.nulls) == 0 {
		return nil
	}
	name := c.undecided(definition.SelectionSet)
	if name == "" {
		return nil
	}
	err := gqlerror.ErrorPathf(ast.Path{ast.PathName("variable"), ast.PathName(name)}, "cannot be null")
	errcode.Set(err, errcode.ValidationFailed)
	return err
}

// conditions looks for variables that decide on @skip and @include.
type conditions struct {
	fragments ast.FragmentDefinitionList
	nulls     map[string]bool // variables that are null
	seen      map[string]bool // fragments
}

// undecided returns the first such variable that is null; "" is none.
func (c *conditions) undecided(set ast.SelectionSet) string {
	for _, selected := range set {
		var directives ast.DirectiveList
		var below ast.SelectionSet
		switch selected := selected.(type) {
		case *ast.Field:
			directives, below = selected.Directives, selected.SelectionSet
		case *ast.InlineFragment:
			directives, below = selected.Directives, selected.SelectionSet
		case *ast.FragmentSpread:
			directives = selected.Directives
			if fragment := c.fragments.ForName(selected.Name); fragment != nil && !c.seen[selected.Name] {
				c.seen[selected.Name] = true
				below = fragment.SelectionSet
			}
		}
		for _, directive := range directives {
			if directive.Name != "skip" && directive.Name != "include" {
				continue
			}
			if value := directive.Arguments.ForName("if").Value; value.Kind == ast.Variable && c.nulls[value.Raw] {
				return value.Raw
			}
		}
		if name := c.undecided(below); name != "" {
			return name
		}
	}
	return ""
}
