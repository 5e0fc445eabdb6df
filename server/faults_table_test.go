package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
)

var update = flag.Bool("update", false, "write the table of docs/faults.md")

// TestFaultsAreDocumented holds the table that operators read to the contract.
func TestFaultsAreDocumented(t *testing.T) {
	t.Parallel()
	const (
		path  = "../docs/faults.md"
		begin = "| fault | CRM |"
	)
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	prose, table, found := strings.Cut(string(page), begin)
	if !found {
		t.Fatalf("%s has no table that begins with %s", path, begin)
	}
	want := faultTable()
	if *update {
		if err := os.WriteFile(path, []byte(prose+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, begin+table); diff != "" {
		t.Errorf("the table; go test ./server -run TestFaultsAreDocumented -update writes it (-want +got):\n%s", diff)
	}
}

// faultTable is the contract in Markdown.
func faultTable() string {
	names := map[upstream.Service]string{upstream.ProPortal: "ProPortal", upstream.Solos: "solOS"}
	var table strings.Builder
	table.WriteString("| fault | CRM | cold | warm | past its time |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range faultContract() {
		for _, service := range f.services {
			fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", f.name, names[service], f.expect(cold), f.expect(warm), f.expect(past))
		}
	}
	for _, service := range []upstream.Service{upstream.ProPortal, upstream.Solos} {
		fmt.Fprintf(&table, "| no answer, with stale-while-revalidate | %s | as without | as without | %s |\n", names[service], whileRevalidating)
	}
	return table.String()
}

// String is what a cell of the table says.
func (e expected) String() string {
	words := []string{e.Data}
	if e.State != "" {
		words = append(words, e.State)
	}
	if e.Code != "" {
		words = append(words, "`"+e.Code+"`")
	}
	words = append(words, plural(e.Calls, "call"))
	if e.Attempts != e.Calls && e.Attempts != 0 {
		words[len(words)-1] += " in " + plural(e.Attempts, "attempt")
	}
	words = append(words, string(e.wait))
	if e.forgets {
		words = append(words, "forgotten")
	}
	return strings.Join(words, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
