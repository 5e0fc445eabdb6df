package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/sandbox"
)

// witness keeps answers as package cache does, and what each looked like when it was given first.
type witness struct {
	*cache.Cache
	mu   sync.Mutex
	seen map[any]string // JSON of a value by the key it answers
	live map[any]any
}

func (w *witness) Kept(ctx context.Context, question upstream.Question, terms upstream.Terms) (upstream.Answer, error, bool) { //nolint:revive // as the interface has it
	answer, err, ok := w.Cache.Kept(ctx, question, terms)
	w.note(question, answer)
	return answer, err, ok
}

func (w *witness) Get(ctx context.Context, question upstream.Question, terms upstream.Terms) (upstream.Answer, error) {
	answer, err := w.Cache.Get(ctx, question, terms)
	w.note(question, answer)
	return answer, err
}

func (w *witness) note(question upstream.Question, answer upstream.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := question.Key()
	if _, ok := w.seen[key]; answer.Value == nil || ok {
		return
	}
	w.seen[key], w.live[key] = picture(answer.Value), answer.Value
}

// picture is all that is to be seen of a value.
func picture(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Answers that are kept are shared by all operations: none may change one, and each gets from
// them what it would get of the CRMs.
func TestKeptAnswersNeverChange(t *testing.T) {
	t.Parallel()
	answers, err := cache.New(cache.Options{Lifetime: func(upstream.Service, string) cache.Lifetime {
		return cache.Lifetime{TTL: time.Hour, NotFound: time.Hour}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(answers.Close)
	kept := &witness{Cache: answers, seen: map[any]string{}, live: map[any]any{}}
	asking := newWorld(t, sandbox.Options{Dialect: sandbox.DialectResource, Customers: 5, Groups: 3, Tasks: 15, Projects: 8})
	keeping := newWorldOn(t, asking.crms, func(w *wiring) { w.caller.Answers = kept })

	schema := gqlparser.MustLoadSchema(&ast.Source{Input: graph.SDL()})
	values := newRandomValues(asking.crms.Data())
	const workers, operations = 4, 150
	var running sync.WaitGroup
	for worker := range workers {
		running.Go(func() {
			for i := range operations {
				g := &generator{Rand: rand.New(rand.NewPCG(uint64(worker), uint64(i))), schema: schema, values: values}
				query, variables := g.operation()
				want, wantErr := asking.post(asking.crms.Token(asking.crms.ManagerIDs()[0]), query, variables)
				got, gotErr := keeping.post(asking.crms.Token(asking.crms.ManagerIDs()[0]), query, variables)
				if wantErr != nil || gotErr != nil {
					t.Errorf("%v, %v", wantErr, gotErr)
					return
				}
				if diff := gocmp.Diff(string(want.Data), string(got.Data)); diff != "" {
					t.Errorf("data (-asked +kept):\n%s\nof %s", diff, query)
				}
				if len(want.Errors) != len(got.Errors) {
					t.Errorf("errors: %v of what is asked, %v of what is kept, of %s", want.Errors, got.Errors, query)
				}
			}
		})
	}
	running.Wait()
	if len(kept.seen) < 20 {
		t.Fatalf("only %d answers were kept", len(kept.seen))
	}
	for key, before := range kept.seen {
		if after := picture(kept.live[key]); after != before {
			t.Errorf("the answer to %s was changed (-before +after):\n%s", fmt.Sprint(key), gocmp.Diff(before, after))
		}
	}
}
