package admission_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph/admission"
)

// petsSDL has what the schema of the gateway lacks: fields that only interfaces and unions
// let merge or conflict.
const petsSDL = `
type Query {
	pet: Pet
	pets(first: Int = 1, filter: Filter, tags: [String!]): [Pet!]!
	catOrDog: CatOrDog
	dog: Dog
	cat: Cat!
	human(id: ID!): Human
}
type Mutation { rename(name: String!): Pet }
interface Pet { name: String owner: Human friend: Pet is(command: Command, atHome: Boolean): Boolean! }
union CatOrDog = Cat | Dog
type Dog implements Pet {
	name: String nick: String owner: Human friend: Pet barks: Int
	is(command: Command, atHome: Boolean): Boolean! volume: Int kin: [Dog] some: Kin
}
type Cat implements Pet {
	name: String nick: String! owner: Human friend: Pet meows: String
	is(command: Command, atHome: Boolean): Boolean! volume: Float kin: [Cat!] some: Kin!
}
type Kin { name: String other: CatOrDog pet: Pet }
type Human { id: ID! name: String pets(first: Int): [Pet] home: JSON }
enum Command { SIT DOWN }
input Filter { name: String! = "x" age: Int and: [Filter!] tags: [String!] }
scalar JSON
`

// unlimited are limits that no document of a test reaches.
var unlimited = admission.Limits{
	MaxBytes: math.MaxInt32, MaxTokens: math.MaxInt32, MaxNesting: parser.MaxNestingDepth, MaxNameBytes: math.MaxInt32,
	MaxOperations: math.MaxInt32, MaxDepth: math.MaxInt32, MaxFields: math.MaxInt32, MaxRootFields: math.MaxInt32,
	MaxAliases: math.MaxInt32, MaxDirectives: math.MaxInt32, MaxDirectivesPerLocation: math.MaxInt32,
	MaxFragments: math.MaxInt32, MaxSpreads: math.MaxInt32, MaxVariables: math.MaxInt32,
	MaxInputDepth: math.MaxInt32, MaxListSize: math.MaxInt32, MaxErrors: math.MaxInt32,
}

func pets(t testing.TB) *ast.Schema {
	t.Helper()
	return load(t, petsSDL)
}

// crms is the schema of the gateway.
func crms(t testing.TB) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob("../../schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema: %v", err)
	}
	var sdl strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sdl.Write(text)
	}
	return load(t, sdl.String())
}

func load(t testing.TB, sdl string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func newGate(t testing.TB, schema *ast.Schema, opts admission.Options) *admission.Gate {
	t.Helper()
	gate, err := admission.New(schema, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gate.Close)
	return gate
}

// stock is what gqlparser alone finds wrong with a document, by its default rules or by those
// given.
func stock(schema *ast.Schema, query string, only ...validator.Rule) gqlerror.List {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return gqlerror.List{gqlerror.Wrap(err)}
	}
	if len(doc.Operations) == 0 { // as gqlgen does
		return gqlerror.List{gqlerror.Errorf("no operation")}
	}
	if len(only) > 0 {
		return validator.ValidateWithRules(schema, doc, rules.NewRules(only...))
	}
	return validator.ValidateWithRules(schema, doc, nil)
}
