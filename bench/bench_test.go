package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"crmgraph/bench/queries"
)

// TestGoServersAgree runs everything that is written in Go once: building, answering,
// comparing, measuring and printing.
func TestGoServersAgree(t *testing.T) {
	t.Parallel()
	agree(t, "baseline,crmgraph,unchanged,kept,stock")
}

func TestMercuriusAgrees(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("no %s here", tool)
			}
			t.Skipf("no %s here", tool)
		}
	}
	agree(t, "baseline,mercurius")
}

func agree(t *testing.T, names string) {
	t.Helper()
	servers, err := named(names)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	programs, err := build(t.Context(), dir, servers)
	if err != nil {
		t.Fatal(err)
	}
	o := options{queries: queries.All(), requests: 4, rounds: 1}
	found, err := runCompare(t.Context(), o, dir, programs) // fails unless the answers are equal
	if err != nil {
		t.Fatal(err)
	}
	for i, query := range found.queries {
		for k, name := range found.servers {
			checkCalls(t, query.Name+" of "+name, found.agreed[i].calls[k], servers[k].keeps)
			if used := found.atOnce[i][k].cpu[0]; used <= 0 {
				t.Errorf("%s of %s took %v ms of CPU", query.Name, name, used)
			}
			if objects := found.atOnce[i][k].mallocs[0]; servers[k].tells && objects <= 0 {
				t.Errorf("%s of %s took %v allocations", query.Name, name, objects)
			}
		}
	}
	var text strings.Builder
	r := &report{out: &text}
	found.print(r)
	if r.err != nil {
		t.Fatal(r.err)
	}
	for _, name := range found.servers {
		if got, want := strings.Count(text.String(), "\n| "+name+" |"), len(found.queries)+1; got != want {
			t.Errorf("%s is in %d tables, want %d:\n%s", name, got, want, &text)
		}
	}
}

// checkCalls checks that calls are as few as the CRMs allow, and none where answers are kept.
func checkCalls(t *testing.T, what string, calls map[string]int, kept bool) {
	t.Helper()
	for call, count := range calls {
		want := 1
		switch {
		case call == "proportal.tasks":
			want = 3 // the lists by status
		case calls["solos.filterProjects"] > 0 && (call == "solos.steps" || call == "solos.payments"):
			want = calls["solos.steps"] // one a project
		}
		if count != want {
			t.Errorf("%s makes %d calls of %s, want %d", what, count, call, want)
		}
	}
	if (len(calls) == 0) != kept {
		t.Errorf("%s makes %d kinds of calls", what, len(calls))
	}
}
