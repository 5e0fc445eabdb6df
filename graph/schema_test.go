package graph_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
)

// Whoever never saw the CRMs learns from the schema alone what each part of it means.
func TestEverythingInTheSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	if err != nil {
		t.Fatalf("the SDL that is served does not load: %v", err)
	}
	described := func(what, description string) {
		if len(strings.Fields(description)) == 0 {
			t.Errorf("%s has no description", what)
		}
	}
	types := 0
	for name, definition := range schema.Types {
		if definition.BuiltIn || strings.HasPrefix(name, "__") {
			continue
		}
		types++
		described(name, definition.Description)
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			described(name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				described(name+"."+field.Name+"("+argument.Name+":)", argument.Description)
			}
		}
		for _, value := range definition.EnumValues {
			described(name+"."+value.Name, value.Description)
		}
	}
	if types < 50 {
		t.Errorf("the SDL has %d types only", types)
	}
}

// Who builds a client from the SDL learns all that introspection tells: the directive that is built into the
// parser here is not built into the tools of clients.
func TestTheSDLHasWhatIntrospectionHas(t *testing.T) {
	t.Parallel()
	sdl := graph.SDL()
	for _, want := range []string{
		"\ndirective @defer(",
		"\nschema {\n\tquery: Query\n\tmutation: Mutation\n\tsubscription: Subscription\n}\n",
		"One graph over two CRMs",
	} {
		if got := strings.Count(sdl, want); got != 1 {
			t.Errorf("the SDL has %q %d times, want it once", want, got)
		}
	}
}
