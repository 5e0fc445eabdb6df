package persisted_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/graphqlhttp"
	"crmgraph/server/persisted"
)

// TestReload: what the files hold comes into force while the server runs; where that cannot
// be read, what was in force stays.
func TestReload(t *testing.T) {
	t.Parallel()
	first, second := write(t, `{"a": "{ __typename }"}`), write(t, `{"b": "{ viewer { id } }"}`)
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		d, err := persisted.New(persisted.Options{
			Manifests: []string{first, second}, Mode: persisted.Required, Reload: time.Second,
			Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { d.Run(ctx) })
		// look lets the server look at the files a few times.
		look := func() {
			<-time.After(3*time.Second + time.Millisecond)
			synctest.Wait()
		}
		type outcome struct {
			Found             string // of the ids
			Reloads, Failures int64
		}
		expect := func(what string, want outcome) {
			t.Helper()
			look()
			stats := d.Stats()
			got := outcome{Reloads: stats.Reloads, Failures: stats.Failures}
			for _, id := range []string{"a", "b", "c"} {
				if d.Document(t.Context(), &graphqlhttp.Params{DocumentID: id}) == nil {
					got.Found += id
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		expect("nothing changed", outcome{"ab", 0, 0})
		rewrite(t, first, `{"c": "{ __typename }"}`)
		expect("one file changed", outcome{"bc", 1, 0})
		rewrite(t, first, `{"a": "{ __typename`)
		expect("half a file", outcome{"bc", 1, 1})
		rewrite(t, first, `{"b": "{ __typename }"}`)
		expect("an id for two documents", outcome{"bc", 1, 2})
		if err := os.Remove(first); err != nil {
			t.Fatal(err)
		}
		expect("no file", outcome{"bc", 1, 3})
		rewrite(t, first, `{}`)
		expect("a manifest of nothing", outcome{"bc", 1, 4})
		// As long as what it was, in a file that may have the same time of change.
		rewrite(t, first, `{"a": "{ __typename }"}`)
		expect("a good file again", outcome{"ab", 2, 4})
		stop()
		running.Wait()

		want := []string{"level=INFO", "level=ERROR", "level=ERROR", "level=ERROR", "level=ERROR", "level=INFO"}
		var got []string
		for line := range strings.Lines(log.String()) {
			level, _, _ := strings.Cut(line, " ")
			got = append(got, level)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("log levels (-want +got):\n%s\nin\n%s", diff, &log)
		}
	})
}

// TestReloadWhileServing: each request sees one manifest whole.
func TestReloadWhileServing(t *testing.T) {
	t.Parallel()
	const one, other = `{"a": "{ __typename }", "b": "{ viewer { id } }"}`, `{"a": "{ viewer { id } }", "b": "{ __typename }"}`
	file := write(t, one)
	d, err := persisted.New(persisted.Options{Manifests: []string{file}, Mode: persisted.Required, Reload: time.Microsecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	for range 4 {
		running.Go(func() {
			for ctx.Err() == nil {
				p := graphqlhttp.Params{DocumentID: "a"}
				if refused := d.Document(ctx, &p); refused != nil || p.Query != "{ __typename }" && p.Query != "{ viewer { id } }" {
					t.Errorf("got %q and %v, want a document", p.Query, refused)
					return
				}
			}
		})
	}
	next := filepath.Join(t.TempDir(), "next")
	for i := range int64(5) {
		rewrite(t, next, []string{other, one}[i%2])
		if err := os.Rename(next, file); err != nil { // whole, as a deployment replaces it
			t.Fatal(err)
		}
		for d.Stats().Reloads == i {
			runtime.Gosched()
		}
	}
	if got := d.Stats().Failures; got != 0 {
		t.Errorf("got %d files that could not be read, want none", got)
	}
	stop()
	running.Wait()
}
