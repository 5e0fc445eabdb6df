package main

import (
	"go/types"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestParameters: a leaf's method is called with variables, whose names no argument can clash
// with; any other with what is in the map.
func TestParameters(t *testing.T) {
	t.Parallel()
	argument := func(name string, kind types.Type) *codegen.FieldArgument {
		return &codegen.FieldArgument{
			ArgumentDefinition: &ast.ArgumentDefinition{Name: name},
			TypeReference:      &config.TypeReference{GO: kind},
		}
	}
	method := &codegen.Field{Args: []*codegen.FieldArgument{
		argument("type", types.NewPointer(types.Typ[types.String])),
		argument("w", types.NewInterfaceType(nil, nil)),
	}}
	if want, got := []string{`args["type"].(*string)`, `args["w"]`}, (field{Field: method}).Arguments(); !slices.Equal(got, want) {
		t.Errorf("got arguments %q, want %q", got, want)
	}
	tests := []struct {
		name  string
		field field
		want  string
	}{
		{"leaf", field{Field: method, IsLeaf: true}, `arg0, arg1`},
		{"leaf without arguments", field{Field: &codegen.Field{}, IsLeaf: true}, ``},
		{"leaf that waits", field{Field: method, IsLeaf: true, IsWaiting: true}, `ctx, args["type"].(*string), args["w"]`},
		{"object", field{Field: method}, `args["type"].(*string), args["w"]`},
	}
	for _, test := range tests {
		if got := test.field.Parameters(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
