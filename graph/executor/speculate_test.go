package executor_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/executor"
)

// The parts of an object that its id leads to are resolved before it is found and again
// after that, and only the second time counts.
func TestSpeculate(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { thing(id: ID!): Thing @wait } type Thing { name: String part(at: String): String @wait other: String @wait }`
	tests := []struct {
		name, query string
		want        string
		failures    []failure
		parts       []string // resolved for a stub, or for the object itself
	}{
		{"found", `{ thing(id: "1") { name part } }`, `{"thing":{"name":"thing","part":"of thing"}}`, nil, []string{"stub", "thing"}},
		{"missing", `{ thing(id: "0") { name part } }`, `{"thing":null}`, nil, []string{"stub"}},
		{"no id", `{ thing(id: "x") { name part } }`, `{"thing":null}`, nil, nil},
		{"nothing that the id leads to", `{ thing(id: "1") { name other } }`, `{"thing":{"name":"thing","other":"o"}}`, nil, nil},
		{"failing part", `{ thing(id: "1") { part(at: "fail") } }`, `{"thing":{"part":null}}`, []failure{{"added", "thing.part"}, {"failed", "thing.part"}}, []string{"stub", "thing"}},
		{"failing part of nothing", `{ thing(id: "0") { part(at: "fail") } }`, `{"thing":null}`, nil, []string{"stub"}},
		{"panicking part of nothing", `{ thing(id: "0") { part(at: "panic") } }`, `{"thing":null}`, nil, []string{"stub"}},
		{"bad argument", `{ thing(id: "1") { part(at: "bad") } }`, `{"thing":{"part":null}}`, []failure{{"no day", "thing.part.at"}}, nil},
		{"bad argument of nothing", `{ thing(id: "0") { part(at: "bad") } }`, `{"thing":null}`, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var parts []string
			stubStarted := make(chan struct{})
			part := resolver(func(ctx context.Context, parent object, args map[string]any) (any, error) {
				name := parent["name"].(string)
				mu.Lock()
				parts = append(parts, name)
				mu.Unlock()
				if name == "stub" {
					close(stubStarted)
				}
				switch args["at"] {
				case "fail":
					graphql.AddError(ctx, errors.New("added"))
					return nil, errors.New("failed")
				case "panic":
					panic("part")
				}
				return "of " + name, nil
			})
			thing := object{"name": "thing", "part": part, "other": "o"}
			w := newWorld(t, sdl, object{"thing": resolver(func(_ context.Context, _ object, args map[string]any) (any, error) {
				if slices.Contains(test.parts, "stub") {
					<-stubStarted // it does not wait for this one
				}
				if args["id"] == "1" {
					return thing, nil
				}
				return nil, nil
			})}, executor.Options{Speculate: func(field string, args map[string]any) (any, []string) {
				if field != "thing" || args["id"] == "x" {
					return nil, nil
				}
				return object{"name": "stub", "part": part}, []string{"part"}
			}})
			presented := 0
			w.SetErrorPresenter(func(ctx context.Context, err error) *gqlerror.Error {
				presented++
				return graphql.DefaultErrorPresenter(ctx, err)
			})
			data, failures := w.ask(t, test.query, nil)
			if presented != len(failures) {
				t.Errorf("errors presented: got %d, want the %d of the answer", presented, len(failures))
			}
			if data != test.want {
				t.Errorf("data: got %s, want %s", data, test.want)
			}
			if diff := gocmp.Diff(test.failures, failures); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(test.parts, parts); diff != "" {
				t.Errorf("parts resolved (-want +got):\n%s", diff)
			}
		})
	}
}
