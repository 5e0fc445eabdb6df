package executor_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/executor"
)

// library is a world that takes note of which objects have been joined.
type library struct {
	*world
	mu     sync.Mutex
	joined [][]string
}

// newLibrary has authors and books that lead to each other without end.
func newLibrary(t *testing.T, batched map[string]bool) *library {
	t.Helper()
	const sdl = `
		type Query { authors(of: String): [Author!] @wait books: [Book!] @wait none: Author @wait bad: [Author!] @wait }
		type Author { name: String! books(first: Int = 2): [Book!] @wait notes: [String!] @wait }
		type Book { name: String! author: Author @wait authors: [Author!] }
	`
	author, book := object{"__typename": "Author", "name": "author"}, object{"__typename": "Book", "name": "book"}
	author["books"] = resolver(func(context.Context, object, map[string]any) (any, error) { return []any{book}, nil })
	author["notes"] = []any{"n"}
	book["author"], book["authors"] = author, []any{author}
	l := &library{}
	l.world = newWorld(t, sdl, object{"authors": []any{author, author}, "books": []any{book}, "none": nil, "bad": errNoDay}, executor.Options{
		Batched: func(_, field string, selected []string) (executor.Batch, bool) {
			if slices.Contains(selected, "name") {
				return executor.Batch{Kind: "named"}, batched[field]
			}
			return executor.Batch{}, batched[field]
		},
		Join: func(objects []any) []any {
			var names []string
			for _, o := range objects {
				names = append(names, o.(object)["name"].(string))
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.joined = append(l.joined, names)
			return objects
		},
	})
	return l
}

// Which objects are resolved together: those of all positions where a batched field has
// the same arguments, unless one leads to the other.
func TestJoin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		want        []string // sizes of what was joined, largest first
	}{
		{"one position", `{ authors { books { name } } }`, []string{"aa"}},
		{"aliases", `{ x: authors { books { name } } y: authors { books { name } } }`, []string{"aaaa"}},
		{"other arguments", `{ x: authors { books { name } } y: authors { books(first: 1) { name } } }`, []string{"aa", "aa"}},
		{"default and literal", `{ x: authors { books { name } } y: authors { books(first: 2) { name } } }`, []string{"aaaa"}},
		{"variable", `query ($n: Int = 2) { x: authors { books { name } } y: authors { books(first: $n) { name } } }`, []string{"aaaa"}},
		{"another kind", `{ x: authors { books { name } } y: authors { books { __typename } } }`, []string{"aa", "aa"}},
		{"other levels", `{ authors { books { name } } books { author { books { name } } } }`, []string{"aaa", "b"}},
		{"plain fields between", `{ authors { books { name } } books { authors { books { name } } } }`, []string{"aaa"}},
		{"not batched", `{ x: authors { notes } y: authors { notes } }`, []string{"aa", "aa"}},
		{"nested", `{ authors { books { author { books { name } } } } }`, []string{"aa", "aa", "bb"}},
		{
			"nested aliases", `{ x: authors { books { author { books { name } } } } y: authors { books { author { books { name } } } } }`,
			[]string{"aaaa", "aaaa", "bb", "bb"},
		},
		{
			"crossed", `{ x: authors { one: books(first: 1) { author { books(first: 2) { name } } } }
				y: authors { two: books(first: 2) { author { books(first: 1) { name } } } } }`,
			nil,
		},
		{"no objects", `{ none { books { name } } authors { books { name } } }`, []string{"aa"}},
		{"an error above", `{ bad { books { author { books { name } } } } authors { books { name } } }`, []string{"aa"}},
		{"several gates", `{ authors { a: books { name } b: books { name } c: books { name } } }`, []string{"aaaaaa"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t, map[string]bool{"books": true})
			l.ask(t, test.query, nil)
			if test.want == nil {
				return // that it comes to an end is all there is to say
			}
			var got []string
			for _, names := range l.joined {
				text := ""
				for _, name := range names {
					text += name[:1]
				}
				got = append(got, text)
			}
			slices.SortFunc(got, func(a, b string) int {
				if len(a) != len(b) {
					return len(b) - len(a)
				}
				return strings.Compare(a, b)
			})
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("joined (-want +got):\n%s", diff)
			}
		})
	}
}

// Fields that lead to each other crosswise do not wait for each other in a circle: which of
// them share a batch matters less than that all of them are resolved.
func TestJoinCrosswise(t *testing.T) {
	t.Parallel()
	tests := []struct{ query, want string }{
		{
			`{ authors { books { author { name } } } books { author { books { name } } } }`,
			`{"authors":[{"books":[{"author":{"name":"author"}}]},{"books":[{"author":{"name":"author"}}]}],"books":[{"author":{"books":[{"name":"book"}]}}]}`,
		},
		{
			`{ books { author { books(first: 1) { author { books(first: 2) { name } } } } } authors { books(first: 2) { author { books(first: 1) { name } } } } }`,
			`{"books":[{"author":{"books":[{"author":{"books":[{"name":"book"}]}}]}}],"authors":[{"books":[{"author":{"books":[{"name":"book"}]}}]},{"books":[{"author":{"books":[{"name":"book"}]}}]}]}`,
		},
	}
	for _, test := range tests {
		for _, batched := range []map[string]bool{{"books": true}, {"author": true}, {"books": true, "author": true}} {
			l := newLibrary(t, batched)
			if data, failures := l.ask(t, test.query, nil); data != test.want || failures != nil {
				t.Errorf("%v: %s\ngot %s %v\nwant %s", batched, test.query, data, failures, test.want)
			}
		}
	}
}
