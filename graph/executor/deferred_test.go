package executor_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"crmgraph/graph/executor"
)

// part is one response of several.
type part struct {
	Label, Path, Data string
	Errors            []failure
	HasNext           string // "" where it does not tell
}

func partOf(response *graphql.Response) part {
	p := part{Label: response.Label, Path: response.Path.String(), Data: string(response.Data)}
	if response.HasNext != nil {
		p.HasNext = fmt.Sprint(*response.HasNext)
	}
	for _, err := range response.Errors {
		p.Errors = append(p.Errors, failure{err.Message, err.Path.String()})
	}
	return p
}

// asking is an operation whose responses are asked for one by one.
type asking func() *graphql.Response

func (w *world) begin(ctx context.Context, t testing.TB, query string, variables map[string]any) asking {
	t.Helper()
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := w.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if errs != nil {
		t.Fatalf("%v\n%s", errs, query)
	}
	respond, ctx := w.DispatchOperation(ctx, op)
	return func() *graphql.Response { return respond(ctx) }
}

// parts returns all parts of an answer.
func (w *world) parts(t testing.TB, query string, variables map[string]any) []part {
	t.Helper()
	next := w.begin(t.Context(), t, query, variables)
	var got []part
	for response := next(); response != nil; response = next() {
		got = append(got, partOf(response))
	}
	if w.reasons != nil {
		t.Errorf("%s: left to gqlgen: %v", query, w.reasons)
	}
	return got
}

const shop = `
	type Query { a: A number: Int slow: A @wait items: [A] pets: [Pet] named: [Named] none: A strict: A wait: Int @wait }
	type Mutation { first: A @wait second: A @wait }
	interface Named { name: String }
	union Pet = A | B
	type A implements Named { name: String n: Int slow: String @wait hard: String! hardSlow: String! @wait next: A nextSlow: A @wait list: [A] @wait hardNext: A! bad(a: String): String @wait }
	type B implements Named { name: String slow: String @wait }
`

func shopOf(name string, more object) object {
	o := object{"__typename": "A", "name": name, "n": 1, "slow": "slow " + name, "hard": "hard", "hardSlow": "hard slow"}
	maps.Copy(o, more)
	return o
}

func shopWorld(t testing.TB, options executor.Options) *world {
	inner := shopOf("inner", nil)
	outer := shopOf("outer", object{"next": inner, "nextSlow": inner, "list": []any{shopOf("l0", nil), nil, shopOf("l2", nil)}})
	broken := shopOf("broken", object{"hard": nil, "hardSlow": nil, "slow": errors.New("too slow"), "hardNext": nil})
	b := object{"__typename": "B", "name": "b", "slow": "slow b"}
	return newWorld(t, shop, object{
		"a": outer, "number": 7, "slow": outer, "items": []any{shopOf("i0", nil), nil, broken, shopOf("i3", nil)},
		"pets": []any{inner, b}, "named": []any{b, inner}, "strict": broken, "wait": 1, "first": outer, "second": inner,
	}, options)
}

// What is deferred comes in parts of its own, and what is not, does not.
func TestDeferred(t *testing.T) {
	t.Parallel()
	one := func(data string, errs ...failure) []part { return []part{{Data: data, Errors: errs}} }
	tests := []struct {
		name, query string
		variables   map[string]any
		want        []part
	}{
		{"root", `{ number ... @defer(label: "l") { a { name } } }`, nil, []part{
			{Data: `{"number":7}`, HasNext: "true"},
			{Label: "l", Data: `{"a":{"name":"outer"}}`, HasNext: "false"},
		}},
		{"nothing else", `{ ... @defer { slow { name } } }`, nil, []part{
			{Data: `{}`, HasNext: "true"},
			{Data: `{"slow":{"name":"outer"}}`, HasNext: "false"},
		}},
		{"object", `{ a { name ... @defer { slow n } } number }`, nil, []part{
			{Data: `{"a":{"name":"outer"},"number":7}`, HasNext: "true"},
			{Path: "a", Data: `{"slow":"slow outer","n":1}`, HasNext: "false"},
		}},
		{"below a resolver, by another name", `{ other: slow { me: nextSlow { name ... @defer { n } } } }`, nil, []part{
			{Data: `{"other":{"me":{"name":"inner"}}}`, HasNext: "true"},
			{Path: "other.me", Data: `{"n":1}`, HasNext: "false"},
		}},
		{"named fragment", `{ a { name ...F @defer(label: "f") } } fragment F on A { n __typename }`, nil, []part{
			{Data: `{"a":{"name":"outer"}}`, HasNext: "true"},
			{Label: "f", Path: "a", Data: `{"n":1,"__typename":"A"}`, HasNext: "false"},
		}},
		{"in a fragment", `{ ...Q } fragment Q on Query { a { ...F } } fragment F on A { name ... @defer { n } }`, nil, []part{
			{Data: `{"a":{"name":"outer"}}`, HasNext: "true"},
			{Path: "a", Data: `{"n":1}`, HasNext: "false"},
		}},
		{"a label by variable", `query ($l: String) { number ... @defer(label: $l) { wait } }`, map[string]any{"l": "mine"}, []part{
			{Data: `{"number":7}`, HasNext: "true"},
			{Label: "mine", Data: `{"wait":1}`, HasNext: "false"},
		}},

		{"if: false", `{ number ... @defer(if: false) { wait } }`, nil, one(`{"number":7,"wait":1}`)},
		{"if by variable: false", `query ($d: Boolean!) { number ... @defer(if: $d) { wait } }`, map[string]any{"d": false}, one(`{"number":7,"wait":1}`)},
		{"if by variable: true", `query ($d: Boolean!) { number ... @defer(if: $d) { wait } }`, map[string]any{"d": true}, []part{
			{Data: `{"number":7}`, HasNext: "true"}, {Data: `{"wait":1}`, HasNext: "false"},
		}},
		{"if by a variable that is not given", `query ($d: Boolean) { number ... @defer(if: $d) { wait } }`, nil, []part{
			{Data: `{"number":7}`, HasNext: "true"}, {Data: `{"wait":1}`, HasNext: "false"},
		}},
		{"skipped", `{ number ... @defer @skip(if: true) { wait } ... @defer { a @include(if: false) { name } } }`, nil, one(`{"number":7}`)},

		{"selected outside as well", `{ a { ... @defer { name n } name } }`, nil, []part{
			{Data: `{"a":{"name":"outer"}}`, HasNext: "true"},
			{Path: "a", Data: `{"n":1}`, HasNext: "false"},
		}},
		{"all of it selected outside", `{ ...F @defer ...F } fragment F on Query { wait }`, nil, one(`{"wait":1}`)},
		{"outside with other fields", `{ a { name } ... @defer { a { n } number } }`, nil, []part{
			{Data: `{"a":{"name":"outer","n":1}}`, HasNext: "true"},
			{Data: `{"number":7}`, HasNext: "false"},
		}},
		{"twice the same fragment", `{ number ...F @defer(label: "1") ...F @defer(label: "2") } fragment F on Query { a { n } }`, nil, []part{
			{Data: `{"number":7}`, HasNext: "true"},
			{Label: "1", Data: `{"a":{"n":1}}`, HasNext: "true"},
			{Label: "2", Data: `{"a":{"n":1}}`, HasNext: "false"},
		}},

		{"nested", `{ number ... @defer(label: "out") { a { name } ... @defer(label: "in") { wait a { name } } } }`, nil, []part{
			{Data: `{"number":7}`, HasNext: "true"},
			{Label: "out", Data: `{"a":{"name":"outer"}}`, HasNext: "true"},
			{Label: "in", Data: `{"wait":1}`, HasNext: "false"},
		}},
		{"nested further down", `{ ... @defer(label: "out") { a { name ... @defer(label: "in") { next { n } } } } }`, nil, []part{
			{Data: `{}`, HasNext: "true"},
			{Label: "out", Data: `{"a":{"name":"outer"}}`, HasNext: "true"},
			{Label: "in", Path: "a", Data: `{"next":{"n":1}}`, HasNext: "false"},
		}},
		{"nothing of the outer one left", `{ number ... @defer(label: "out") { number ... @defer(label: "in") { wait } } }`, nil, []part{
			{Data: `{"number":7}`, HasNext: "true"},
			{Label: "in", Data: `{"wait":1}`, HasNext: "false"},
		}},

		{"list", `{ a { list { name ... @defer(label: "l") { slow } } } }`, nil, []part{
			{Data: `{"a":{"list":[{"name":"l0"},null,{"name":"l2"}]}}`, HasNext: "true"},
			{Label: "l", Path: "a.list[0]", Data: `{"slow":"slow l0"}`, HasNext: "true"},
			{Label: "l", Path: "a.list[2]", Data: `{"slow":"slow l2"}`, HasNext: "false"},
		}},
		{"lists of what is deferred", `{ ... @defer { a { list { name } } } }`, nil, []part{
			{Data: `{}`, HasNext: "true"},
			{Data: `{"a":{"list":[{"name":"l0"},null,{"name":"l2"}]}}`, HasNext: "false"},
		}},
		{"union", `{ pets { __typename ... on A @defer { slow } ... on B { name ... @defer { slow } } } }`, nil, []part{
			{Data: `{"pets":[{"__typename":"A"},{"__typename":"B","name":"b"}]}`, HasNext: "true"},
			{Path: "pets[0]", Data: `{"slow":"slow inner"}`, HasNext: "true"},
			{Path: "pets[1]", Data: `{"slow":"slow b"}`, HasNext: "false"},
		}},
		{"interface", `{ named { ... @defer { name ... on B { slow } } } }`, nil, []part{
			{Data: `{"named":[{},{}]}`, HasNext: "true"},
			{Path: "named[1]", Data: `{"name":"inner"}`, HasNext: "true"},
			{Path: "named[0]", Data: `{"name":"b","slow":"slow b"}`, HasNext: "false"},
		}},

		{"null parent", `{ number none { ... @defer { slow } } }`, nil, one(`{"number":7,"none":null}`)},
		{
			"parent that is cut off", `{ strict { hard ... @defer { name } } }`, nil,
			one(`{"strict":null}`, failure{"the requested element is null which the schema does not allow", "strict.hard"}),
		},
		{"parents of which one is cut off", `{ items { hardSlow ... @defer { n } } }`, nil, []part{
			{
				Data: `{"items":[{"hardSlow":"hard slow"},null,null,{"hardSlow":"hard slow"}]}`, HasNext: "true",
				Errors: []failure{{"the requested element is null which the schema does not allow", "items[2].hardSlow"}},
			},
			{Path: "items[0]", Data: `{"n":1}`, HasNext: "true"},
			{Path: "items[3]", Data: `{"n":1}`, HasNext: "false"},
		}},
		{"parent cut off in a deferred part", `{ number ... @defer { strict { hard ... @defer { slow } } } }`, nil, []part{
			{Data: `{"number":7}`, HasNext: "true"},
			{
				Data: `{"strict":null}`, HasNext: "false",
				Errors: []failure{{"the requested element is null which the schema does not allow", "strict.hard"}},
			},
		}},

		{"error", `{ strict { name ... @defer(label: "l") { n slow } } }`, nil, []part{
			{Data: `{"strict":{"name":"broken"}}`, HasNext: "true"},
			{Label: "l", Path: "strict", Data: `{"n":1,"slow":null}`, Errors: []failure{{"too slow", "strict.slow"}}, HasNext: "false"},
		}},
		{"null stops at the part", `{ items { name ... @defer { hardSlow } } }`, nil, []part{
			{Data: `{"items":[{"name":"i0"},null,{"name":"broken"},{"name":"i3"}]}`, HasNext: "true"},
			{Path: "items[0]", Data: `{"hardSlow":"hard slow"}`, HasNext: "true"},
			{
				Path: "items[2]", Data: `null`, HasNext: "true",
				Errors: []failure{{"the requested element is null which the schema does not allow", "items[2].hardSlow"}},
			},
			{Path: "items[3]", Data: `{"hardSlow":"hard slow"}`, HasNext: "false"},
		}},
		{"arguments that cannot be read", `{ a { name ... @defer { bad(a: "bad") n } } }`, nil, []part{
			{Data: `{"a":{"name":"outer"}}`, HasNext: "true"},
			{Path: "a", Data: `{"bad":null,"n":1}`, Errors: []failure{{"no day", "a.bad.a"}}, HasNext: "false"},
		}},

		{"mutation", `mutation { first { name ... @defer { slow } } second { name } }`, nil, []part{
			{Data: `{"first":{"name":"outer"},"second":{"name":"inner"}}`, HasNext: "true"},
			{Path: "first", Data: `{"slow":"slow outer"}`, HasNext: "false"},
		}},
		{
			"at the root of a mutation", `mutation { first { name } ... @defer { second { name } } }`, nil,
			one(`{"first":{"name":"outer"},"second":{"name":"inner"}}`),
		},
		{"a mutation of nothing", `mutation { ... @defer { __typename } }`, nil, one(`{"__typename":"Mutation"}`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := shopWorld(t, executor.Options{}).parts(t, test.query, test.variables)
			sortParts(got)
			sortParts(test.want)
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

// sortParts sorts parts but the first: those of groups that are ready at the same time come in
// any order. The last stays known by what it says of more.
func sortParts(parts []part) {
	if len(parts) < 2 {
		return
	}
	rest := parts[1:]
	rest[len(rest)-1].HasNext = "true"
	slices.SortFunc(rest, func(a, b part) int { return strings.Compare(a.Path+" "+a.Label, b.Path+" "+b.Label) })
	rest[len(rest)-1].HasNext = "false"
}

// A choice that a variable makes has its own plan.
func TestDeferredByChoice(t *testing.T) {
	t.Parallel()
	w := shopWorld(t, executor.Options{})
	for i := range 6 {
		defers := i%2 == 0
		want := 1
		if defers {
			want = 2
		}
		if got := w.parts(t, `query ($d: Boolean!) { number ... @defer(if: $d) { wait } }`, map[string]any{"d": defers}); len(got) != want {
			t.Errorf("if: %v: got %d parts, want %d", defers, len(got), want)
		}
	}
}

// gateway is a resolver that says when it was called, and returns when it is let.
type barrier struct {
	called chan struct{}
	open   chan struct{}
	value  any
}

func newBarrier(value any) *barrier {
	return &barrier{called: make(chan struct{}, 100), open: make(chan struct{}), value: value}
}

func (b *barrier) resolve(ctx context.Context, _ object, _ map[string]any) (any, error) {
	b.called <- struct{}{}
	select {
	case <-b.open:
		return b.value, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

const barriers = `type Query { a: A @wait b: A @wait c: A @wait } type A { name: String x: A @wait y: A @wait }`

// What is deferred starts with everything else, and is not waited for; parts come in the order
// in which they are ready.
func TestDeferredHoldsNothing(t *testing.T) {
	t.Parallel()
	a, b, c := newBarrier(object{"name": "a"}), newBarrier(object{"name": "b"}), newBarrier(object{"name": "c"})
	x := newBarrier(object{"name": "x"})
	a.value = object{"name": "a", "x": resolver(x.resolve)}
	w := newWorld(t, barriers, object{"a": resolver(a.resolve), "b": resolver(b.resolve), "c": resolver(c.resolve)}, executor.Options{})
	next := w.begin(t.Context(), t, `{ a { name ... @defer(label: "x") { x { name } } } ... @defer(label: "b") { b { name } } ... @defer(label: "c") { c { name } } }`, nil)
	first := make(chan part)
	go func() { first <- partOf(next()) }()
	<-a.called
	<-b.called
	<-c.called
	close(a.open)
	if diff := gocmp.Diff(part{Data: `{"a":{"name":"a"}}`, HasNext: "true"}, <-first); diff != "" {
		t.Errorf("first part (-want +got):\n%s", diff)
	}
	<-x.called
	for _, test := range []struct {
		*barrier
		want part
	}{
		{c, part{Label: "c", Data: `{"c":{"name":"c"}}`, HasNext: "true"}},
		{x, part{Label: "x", Path: "a", Data: `{"x":{"name":"x"}}`, HasNext: "true"}},
		{b, part{Label: "b", Data: `{"b":{"name":"b"}}`, HasNext: "false"}},
	} {
		close(test.open)
		if diff := gocmp.Diff(test.want, partOf(next())); diff != "" {
			t.Errorf("part (-want +got):\n%s", diff)
		}
	}
	if more := next(); more != nil {
		t.Errorf("after the last part: %+v", partOf(more))
	}
}

// The fields of a mutation take turns, and none of them waits for what another one defers.
func TestDeferredInMutation(t *testing.T) {
	t.Parallel()
	x := newBarrier(object{"name": "x"})
	var order []string
	field := func(name string) resolver {
		return func(context.Context, object, map[string]any) (any, error) {
			order = append(order, name) // a race, unless they take turns
			return object{"name": name, "x": resolver(x.resolve)}, nil
		}
	}
	w := newWorld(t, `type Query { a: Int } type Mutation { a: A @wait b: A @wait c: A @wait } type A { name: String x: A @wait }`,
		object{"a": field("a"), "b": field("b"), "c": field("c")}, executor.Options{})
	next := w.begin(t.Context(), t, `mutation { a { name ... @defer { x { name } } } b { name } c { name } }`, nil)
	if diff := gocmp.Diff(part{Data: `{"a":{"name":"a"},"b":{"name":"b"},"c":{"name":"c"}}`, HasNext: "true"}, partOf(next())); diff != "" {
		t.Errorf("first part (-want +got):\n%s", diff)
	}
	close(x.open)
	if diff := gocmp.Diff(part{Path: "a", Data: `{"x":{"name":"x"}}`, HasNext: "false"}, partOf(next())); diff != "" {
		t.Errorf("second part (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"a", "b", "c"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// Objects at one place go together, deferred or not, and those of different parts do not wait
// for each other.
func TestDeferredObjectsShareALevel(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var joined []int
	options := executor.Options{
		Join: func(objects []any) []any {
			mu.Lock()
			defer mu.Unlock()
			joined = append(joined, len(objects))
			return objects
		},
		Batched: func(_, field string, _ []string) (executor.Batch, bool) {
			return executor.Batch{Whole: true}, field == "slow"
		},
	}
	w := shopWorld(t, options)
	w.parts(t, `{ items { name ... @defer { slow } } a { next { slow } list { slow } } }`, nil)
	slices.Sort(joined)
	// The list; its two objects with the one of next; the three items.
	if diff := gocmp.Diff([]int{1, 3, 3}, joined); diff != "" {
		t.Errorf("objects that were resolved together (-want +got):\n%s", diff)
	}
}

// What resolvers add themselves is with the part and the object that it is about.
func TestDeferredOwnErrors(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { items: [A] } type A { id: Int own: String @wait hard: A! @wait }`
	noting := resolver(func(ctx context.Context, _ object, _ map[string]any) (any, error) {
		graphql.AddError(ctx, errors.New("mine"))
		return nil, nil
	})
	w := newWorld(t, sdl, object{"items": []any{object{"id": 0}, object{"id": 1, "own": noting}, object{"id": 2, "hard": noting}}}, executor.Options{})
	got := w.parts(t, `{ items { id ... @defer(label: "own") { own } } }`, nil)
	if diff := gocmp.Diff([]part{
		{Data: `{"items":[{"id":0},{"id":1},{"id":2}]}`, HasNext: "true"},
		{Label: "own", Path: "items[0]", Data: `{"own":null}`, HasNext: "true"},
		{Label: "own", Path: "items[1]", Data: `{"own":null}`, Errors: []failure{{"mine", "items[1].own"}}, HasNext: "true"},
		{Label: "own", Path: "items[2]", Data: `{"own":null}`, HasNext: "false"},
	}, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	hard := w.parts(t, `{ items { id ... @defer { hard { id } } } }`, nil)
	if diff := gocmp.Diff([]failure{{"mine", "items[2].hard"}}, hard[3].Errors); diff != "" || hard[3].Data != "null" {
		t.Errorf("got %+v, want null and the resolver's own error", hard[3])
	}
}

// A panic below a deferred field is an error of that field; one outside of resolvers goes on
// where the response is asked for.
func TestDeferredPanics(t *testing.T) {
	t.Parallel()
	panics := resolver(func(context.Context, object, map[string]any) (any, error) { panic("oh") })
	root := object{"a": object{"name": "a", "x": panics}}
	got := newWorld(t, barriers, root, executor.Options{}).parts(t, `{ a { name ... @defer { x { name } } } }`, nil)
	if diff := gocmp.Diff([]part{
		{Data: `{"a":{"name":"a"}}`, HasNext: "true"},
		{Path: "a", Data: `{"x":null}`, Errors: []failure{{"panic: oh", "a.x"}}, HasNext: "false"},
	}, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}

	b := newBarrier(object{"x": nil})
	w := newWorld(t, barriers, object{"a": object{"name": "a"}, "b": resolver(b.resolve)}, executor.Options{
		Join: func([]any) []any { panic("join") },
	})
	next := w.begin(t.Context(), t, `{ a { name } ... @defer { b { x { name } } } }`, nil)
	next()
	close(b.open)
	defer func() {
		if cause := recover(); cause != "join" {
			t.Errorf("recovered %v, want join", cause)
		}
		if more := next(); more != nil {
			t.Errorf("after a panic: %+v", partOf(more))
		}
	}()
	next()
}

// Whoever leaves, however early, leaves no goroutine behind.
func TestDeferredLeaving(t *testing.T) {
	for asked := range 3 {
		b, x := newBarrier(nil), newBarrier(nil)
		w := newWorld(t, barriers, object{
			"a": object{"name": "a", "x": resolver(x.resolve)}, "b": resolver(b.resolve), "c": object{"name": "c"},
		}, executor.Options{})
		ignored := goleak.IgnoreCurrent()
		ctx, leave := context.WithCancel(t.Context())
		next := w.begin(ctx, t, `{ a { name ... @defer { x { name } } } ... @defer { b { name } } ... @defer(label: "c") { c { name } } }`, nil)
		for range asked {
			if next() == nil {
				t.Errorf("asked for %d parts: nothing came", asked)
			}
		}
		if asked > 0 {
			<-b.called
			<-x.called
		}
		leave()
		goleak.VerifyNone(t, ignored)
		if more := next(); more != nil {
			t.Errorf("after leaving: %+v", partOf(more))
		}
	}
}

// With the last part nothing runs any more, nor does what other goroutines have come to help with.
func TestDeferredWaitsForHelpers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		slow := resolver(func(ctx context.Context, _ object, _ map[string]any) (any, error) {
			running.Add(1)
			defer running.Add(-1)
			<-ctx.Done()
			time.Sleep(time.Second) // it takes a while to notice
			return nil, ctx.Err()
		})
		w := newWorld(t, `type Query { a: A @wait b: A @wait c: A @wait d: A @wait } type A { name: String }`,
			object{"a": object{"name": "a"}, "b": slow, "c": slow, "d": slow}, executor.Options{})
		w.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
			respond := next(ctx)
			return func(ctx context.Context) *graphql.Response { return respond(context.WithoutCancel(ctx)) }
		})
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		next := w.begin(ctx, t, `{ a { name } ... @defer { b { name } } ... @defer { c { name } } ... @defer { d { name } } }`, nil)
		next()
		synctest.Wait()
		if begun := running.Load(); begun != 3 {
			t.Fatalf("%d resolvers run, want 3", begun)
		}
		leave()
		next()
		if left := running.Load(); left > 0 {
			t.Errorf("after the last part: got %d resolvers that run, want none", left)
		}
	})
}

// When the time is up, each part says what has become of it to whoever asks.
func TestDeferredAtTheEnd(t *testing.T) {
	t.Parallel()
	b := newBarrier(nil)
	w := newWorld(t, barriers, object{"a": object{"name": "a"}, "b": resolver(b.resolve)}, executor.Options{})
	w.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		respond := next(ctx)
		return func(ctx context.Context) *graphql.Response { return respond(context.WithoutCancel(ctx)) }
	})
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	next := w.begin(ctx, t, `{ a { name } ... @defer(label: "b") { b { name } } }`, nil)
	next()
	if diff := gocmp.Diff(part{
		Label: "b", Data: `{"b":null}`, Errors: []failure{{context.DeadlineExceeded.Error(), "b"}}, HasNext: "false",
	}, partOf(next())); diff != "" {
		t.Errorf("late part (-want +got):\n%s", diff)
	}
}

// What all parts have counts. What is too much is not in the part with which it comes, and that
// part is the last.
func TestDeferredIsBounded(t *testing.T) {
	t.Parallel()
	things := func(n int) []any {
		var list []any
		for range n {
			list = append(list, object{"id": 1})
		}
		return list
	}
	w := newWorld(t, `type Query { some: [A] @wait few: [A] @wait many: [A] @wait } type A { id: Int @wait }`,
		object{"some": things(300), "few": things(2), "many": things(2000)}, executor.Options{MaxObjects: 1000})
	tests := []struct {
		query      string
		parts      int
		isTooLarge bool // the last of them
	}{
		{`{ some { id } ... @defer { few { id } } }`, 2, false},
		{`{ some { id } ... @defer { other: some { id } } }`, 2, true},
		{`{ some { id } ... @defer { many { id } } }`, 2, true},
		{`{ many { id } ... @defer { few { id } } }`, 1, true},
		{`{ few { id ... @defer(label: "a") { again: id } } ... @defer(label: "b") { some { id } } ... @defer(label: "c") { other: some { id } } ... @defer(label: "d") { third: some { id } } }`, 5, true},
	}
	for _, test := range tests {
		got := w.parts(t, test.query, nil)
		if len(got) > test.parts || !test.isTooLarge && len(got) != test.parts {
			t.Errorf("%s: got %d parts, want %d", test.query, len(got), test.parts)
		}
		for i, part := range got {
			isTooLarge := len(part.Errors) == 1 && strings.HasPrefix(part.Errors[0].Message, "The answer would be too large") && part.Data == "null"
			if want := test.isTooLarge && i == len(got)-1; isTooLarge != want {
				t.Errorf("%s: part %d of %d is %.100s %v; too large: want %t", test.query, i+1, len(got), part.Data, part.Errors, want)
			}
		}
	}
}

// What an argument names leads on to what is deferred as well.
func TestDeferredSpeculation(t *testing.T) {
	t.Parallel()
	a := newBarrier(nil)
	var stubbed atomic.Bool
	x := resolver(func(_ context.Context, parent object, _ map[string]any) (any, error) {
		stubbed.Store(stubbed.Load() || parent["stub"] == true)
		if parent["stub"] == true {
			close(a.open)
		}
		return nil, nil
	})
	a.value = object{"name": "a", "x": x}
	w := newWorld(t, barriers, object{"a": resolver(a.resolve)}, executor.Options{
		Speculate: func(string, map[string]any) (any, []string) { return object{"stub": true, "x": x}, []string{"x"} },
	})
	// Without looking ahead, a would wait for ever.
	if got := w.parts(t, `{ a { name ... @defer { x { name } } } }`, nil); len(got) != 2 || !stubbed.Load() {
		t.Errorf("got %+v, want both parts", got)
	}
}

// Fragments that unfold without end are left to gqlgen, and found out in time.
func TestDeferredBomb(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("{ ...F0 } ")
	for i := range 40 {
		fmt.Fprintf(&text, "fragment F%d on Query { ...F%d @defer ...F%d @defer } ", i, i+1, i+1)
	}
	text.WriteString("fragment F40 on Query { number }")
	w := shopWorld(t, executor.Options{})
	if data, _ := w.ask(t, text.String(), nil); data != `"stock"` || !slices.Equal(w.reasons, []executor.Reason{executor.ReasonSize}) {
		t.Errorf("got %s, left to gqlgen because of %v, want %s", data, w.reasons, executor.ReasonSize)
	}
}
