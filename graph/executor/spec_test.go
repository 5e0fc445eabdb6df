package executor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/executor"
)

const message = "Name for character with ID 1002 could not be fetched."

// starWars is the data of the specification's examples of errors.
func starWars() object {
	return object{"hero": object{
		"name": "R2-D2",
		"friends": []any{
			object{"id": "1000", "name": "Luke Skywalker"},
			object{"id": "1002", "name": errors.New(message)},
			object{"id": "1003", "name": "Leia Organa"},
		},
	}}
}

// GraphQL October 2021, 7.1.2 Errors, and 6.4.4 Handling Field Errors: the example query
// under types that let null go less and less far, in plain fields and in resolvers.
func TestErrorPropagation(t *testing.T) {
	t.Parallel()
	const query = `query { hero { name heroFriends: friends { id name } } }`
	const friends = `{"hero":{"name":"R2-D2","heroFriends":[{"id":"1000","name":"Luke Skywalker"},%s,{"id":"1003","name":"Leia Organa"}]}}`
	tests := []struct{ hero, friends, name, want string }{
		{"Character", "[Character]", "String", fmt.Sprintf(friends, `{"id":"1002","name":null}`)},
		{"Character", "[Character]", "String!", fmt.Sprintf(friends, `null`)},
		{"Character", "[Character!]", "String!", `{"hero":{"name":"R2-D2","heroFriends":null}}`},
		{"Character", "[Character!]!", "String!", `{"hero":null}`},
		{"Character!", "[Character!]!", "String!", `null`},
		{"Character!", "[Character!]", "String!", `{"hero":{"name":"R2-D2","heroFriends":null}}`},
		{"Character!", "[Character]!", "String!", fmt.Sprintf(friends, `null`)},
	}
	want := []failure{{message, "hero.heroFriends[1].name"}}
	for _, test := range tests {
		for _, waiting := range []string{"", "hero", "friends", "name", "hero friends name"} {
			wait := func(field string) string {
				if strings.Contains(waiting, field) {
					return " @wait"
				}
				return ""
			}
			sdl := fmt.Sprintf(`type Query { hero: %s%s } type Character { id: ID! name: %s%s friends: %s%s }`,
				test.hero, wait("hero"), test.name, wait("name"), test.friends, wait("friends"))
			data, failures := newWorld(t, sdl, starWars(), executor.Options{}).ask(t, query, nil)
			if data != test.want {
				t.Errorf("%s\ndata: got %s, want %s", sdl, data, test.want)
			}
			if diff := gocmp.Diff(want, failures); diff != "" {
				t.Errorf("%s\nerrors (-want +got):\n%s", sdl, diff)
			}
		}
	}
}

// An error tells where in the document its field stands.
func TestErrorLocation(t *testing.T) {
	t.Parallel()
	for _, wait := range []string{"", "@wait"} {
		w := newWorld(t, `type Query { hero: Character } type Character { name: String `+wait+` friends: [Character] }`, starWars(), executor.Options{})
		errs := w.respond(t, "{\n  hero {\n    friends {\n      name\n    }\n  }\n}", nil).Errors
		if len(errs) != 1 || len(errs[0].Locations) != 1 || errs[0].Locations[0].Line != 4 || errs[0].Locations[0].Column != 7 {
			t.Errorf("%s: got %v, want one error at 4:7", wait, errs)
		}
	}
}

const nullError = "the requested element is null which the schema does not allow"

// GraphQL October 2021, 3.12 "Combining List and Non-Null": the whole table.
func TestListAndNonNull(t *testing.T) {
	t.Parallel()
	fail := errors.New("fail")
	values := map[string]any{
		"[1, 2, 3]": []any{1, 2, 3}, "null": nil, "[1, 2, null]": []any{1, 2, nil}, "[1, 2, Error]": []any{1, 2, fail},
	}
	tests := []struct {
		kind, value, want string // want is empty where the field itself is in error
		errs              []failure
	}{
		{"[Int]", "[1, 2, 3]", `[1,2,3]`, nil},
		{"[Int]", "null", `null`, nil},
		{"[Int]", "[1, 2, null]", `[1,2,null]`, nil},
		{"[Int]", "[1, 2, Error]", `[1,2,null]`, []failure{{"fail", "f[2]"}}},
		{"[Int]!", "[1, 2, 3]", `[1,2,3]`, nil},
		{"[Int]!", "null", ``, []failure{{nullError, "f"}}},
		{"[Int]!", "[1, 2, null]", `[1,2,null]`, nil},
		{"[Int]!", "[1, 2, Error]", `[1,2,null]`, []failure{{"fail", "f[2]"}}},
		{"[Int!]", "[1, 2, 3]", `[1,2,3]`, nil},
		{"[Int!]", "null", `null`, nil},
		{"[Int!]", "[1, 2, null]", `null`, []failure{{nullError, "f[2]"}}},
		{"[Int!]", "[1, 2, Error]", `null`, []failure{{"fail", "f[2]"}}},
		{"[Int!]!", "[1, 2, 3]", `[1,2,3]`, nil},
		{"[Int!]!", "null", ``, []failure{{nullError, "f"}}},
		{"[Int!]!", "[1, 2, null]", ``, []failure{{nullError, "f[2]"}}},
		{"[Int!]!", "[1, 2, Error]", ``, []failure{{"fail", "f[2]"}}},
	}
	for _, test := range tests {
		for _, wait := range []string{"", "@wait"} {
			want := fmt.Sprintf(`{"f":%s}`, test.want)
			if test.want == "" {
				want = "null"
			}
			w := newWorld(t, fmt.Sprintf(`type Query { f: %s %s }`, test.kind, wait), object{"f": values[test.value]}, executor.Options{})
			data, failures := w.ask(t, `{ f }`, nil)
			if data != want {
				t.Errorf("%s %s of %s: got %s, want %s", test.kind, wait, test.value, data, want)
			}
			if diff := gocmp.Diff(test.errs, failures); diff != "" {
				t.Errorf("%s %s of %s: errors (-want +got):\n%s", test.kind, wait, test.value, diff)
			}
		}
	}
}

// The same table holds for lists of objects and lists of lists, whether or not there are
// resolvers below.
func TestListsOfObjects(t *testing.T) {
	t.Parallel()
	a, b := object{"id": "a", "more": "A"}, object{"id": "b", "more": "B"}
	tests := []struct {
		kind  string
		value any
		want  string
		errs  []failure
	}{
		{"[O]", []any{a, nil, b}, `{"f":[{"id":"a"},null,{"id":"b"}]}`, nil},
		{"[O!]", []any{a, nil, b}, `{"f":null}`, []failure{{nullError, "f[1]"}}},
		{"[[O]]", []any{[]any{a, nil}, nil, []any{b}}, `{"f":[[{"id":"a"},null],null,[{"id":"b"}]]}`, nil},
		{"[[O!]]", []any{[]any{a, nil}, []any{}, []any{b}}, `{"f":[null,[],[{"id":"b"}]]}`, []failure{{nullError, "f[0][1]"}}},
		{"[[O!]!]!", []any{[]any{a}, []any{nil, b}}, `null`, []failure{{nullError, "f[1][0]"}}},
		{"O!", nil, `null`, []failure{{nullError, "f"}}},
		{"O", nil, `{"f":null}`, nil},
	}
	for _, test := range tests {
		for _, wait := range []string{"", "@wait"} {
			w := newWorld(t, fmt.Sprintf(`type Query { f: %s %s } type O { id: ID! more: String @wait }`, test.kind, wait), object{"f": test.value}, executor.Options{})
			data, failures := w.ask(t, `{ f { id } }`, nil)
			if data != test.want {
				t.Errorf("%s %s: got %s, want %s", test.kind, wait, data, test.want)
			}
			below, again := w.ask(t, `{ f { id more } }`, nil)
			wantBelow := strings.NewReplacer(`{"id":"a"}`, `{"id":"a","more":"A"}`, `{"id":"b"}`, `{"id":"b","more":"B"}`).Replace(test.want)
			if below != wantBelow {
				t.Errorf("%s %s: got %s, want %s", test.kind, wait, below, wantBelow)
			}
			if diff := gocmp.Diff([][]failure{test.errs, test.errs}, [][]failure{failures, again}); diff != "" {
				t.Errorf("%s %s: errors (-want +got):\n%s", test.kind, wait, diff)
			}
		}
	}
}

// GraphQL October 2021, 3.9: a value that is not of the enum is a field error.
func TestEnumFailure(t *testing.T) {
	t.Parallel()
	const sdl = `enum Direction { NORTH EAST SOUTH WEST } type Query { a: Direction b: Direction c: [Direction!] }`
	w := newWorld(t, sdl, object{"a": "NORTH", "b": "UP", "c": []any{"EAST", "DOWN"}}, executor.Options{})
	data, failures := w.ask(t, `{ a b c }`, nil)
	if want := `{"a":"NORTH","b":null,"c":null}`; data != want {
		t.Errorf("data: got %s, want %s", data, want)
	}
	const none = "the value is none of its enum"
	if diff := gocmp.Diff([]failure{{none, "b"}, {none, "c[1]"}}, failures); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

// GraphQL October 2021, 3.5.2: a Float that is no finite number is a field error.
func TestScalarFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `type Query { a: Float b: Float c: Float! d: Boolean! }`, object{
		"a": graphql.MarshalFloatContext(1.5), "b": graphql.MarshalFloatContext(math.Inf(1)),
		"c": graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, "2") }), "d": graphql.True,
	}, executor.Options{})
	data, failures := w.ask(t, `{ a b c d }`, nil)
	if want := `{"a":1.5,"b":null,"c":2,"d":true}`; data != want {
		t.Errorf("data: got %s, want %s", data, want)
	}
	if len(failures) != 1 || failures[0].Path != "b" {
		t.Errorf("errors: got %v, want one at b", failures)
	}
	w = newWorld(t, `type Query { a: Float! b: Float }`, object{"a": graphql.Null, "b": graphql.Null}, executor.Options{})
	if data, failures := w.ask(t, `{ a }`, nil); data != "null" || !gocmp.Equal(failures, []failure{{nullError, "a"}}) {
		t.Errorf("a null scalar: got %s %v, want null and an error", data, failures)
	}
	if data, failures := w.ask(t, `{ b }`, nil); data != `{"b":null}` || failures != nil {
		t.Errorf("a null scalar: got %s %v, want null", data, failures)
	}
}

// A panic is an error of the field it strikes and of no other.
func TestPanic(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { list: [O!] %[1]s } type O { a: String %[1]s b: String! %[1]s c: P %[1]s d: String } type P { id: ID @wait }`
	for _, wait := range []string{"", "@wait"} {
		w := newWorld(t, fmt.Sprintf(sdl, wait), object{"list": []any{
			object{"a": blast{"boom"}, "b": "b", "c": blast{"bang"}, "d": "d"},
			object{"a": "a", "b": "b", "c": nil, "d": blast{"crash"}},
		}}, executor.Options{})
		data, failures := w.ask(t, `{ list { a b c { id } d } }`, nil)
		if want := `{"list":[{"a":null,"b":"b","c":null,"d":"d"},{"a":"a","b":"b","c":null,"d":null}]}`; data != want {
			t.Errorf("%s: data: got %s, want %s", wait, data, want)
		}
		want := []failure{{"panic: boom", "list[0].a"}, {"panic: bang", "list[0].c"}, {"panic: crash", "list[1].d"}}
		if diff := gocmp.Diff(want, failures); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", wait, diff)
		}
	}
	w := newWorld(t, `type Query { a: A } type A { b: String! }`, object{"a": object{"b": blast{"boom"}}}, executor.Options{})
	if data, _ := w.ask(t, `{ a { b } }`, nil); data != `{"a":null}` {
		t.Errorf("a panic in a non-null field: got %s, want null above", data)
	}
}

// Arguments that cannot be read are an error at each object's own path.
func TestArgumentFailure(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { list: [O!] } type O { a(on: String): String %s id: ID! }`
	for _, wait := range []string{"", "@wait"} {
		w := newWorld(t, fmt.Sprintf(sdl, wait), object{"list": []any{object{"id": "1", "a": "A"}, object{"id": "2", "a": "A"}}}, executor.Options{})
		data, failures := w.ask(t, `{ list { id a(on: "bad") good: a(on: "good") } }`, nil)
		if want := `{"list":[{"id":"1","a":null,"good":"A"},{"id":"2","a":null,"good":"A"}]}`; data != want {
			t.Errorf("%s: data: got %s, want %s", wait, data, want)
		}
		if diff := gocmp.Diff([]failure{{"no day", "list[0].a.on"}, {"no day", "list[1].a.on"}}, failures); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", wait, diff)
		}
	}
}

// GraphQL October 2021, 6.2.2: the fields of a mutation run one after the other, each with
// all that is below it.
func TestMutationInTurn(t *testing.T) {
	t.Parallel()
	var order []string
	step := func(name string) resolver {
		return func(context.Context, object, map[string]any) (any, error) {
			order = append(order, name)
			return object{"after": resolver(func(context.Context, object, map[string]any) (any, error) {
				order = append(order, "after "+name)
				return name, nil
			})}, nil
		}
	}
	const sdl = `type Query { a: String } type Mutation { first: R @wait second: R @wait } type R { after: String @wait }`
	w := newWorld(t, sdl, object{"first": step("first"), "second": step("second")}, executor.Options{})
	data, failures := w.ask(t, `mutation { second { after } first { after } again: second { after } }`, nil)
	if want := `{"second":{"after":"second"},"first":{"after":"first"},"again":{"after":"second"}}`; data != want || failures != nil {
		t.Errorf("got %s %v, want %s", data, failures, want)
	}
	want := []string{"second", "after second", "first", "after first", "second", "after second"}
	if diff := gocmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
