package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

var update = flag.Bool("update", false, "write the answers of testdata/*.golden.json from the oracle")

// golden is what testdata/<name>.golden.json holds for the operation <name>.graphql.
type golden struct {
	// Calls are the upstream calls the operation may make, by operation.
	Calls map[string]int `json:"calls"`
	// CallsResource are those of the resource dialect, where its objects tell more or less.
	CallsResource map[string]int `json:"callsResource,omitzero"`
	// CallsDocumented are those at an installation that has only what the reference
	// documents. Operations without it are not run there.
	CallsDocumented map[string]int `json:"callsDocumented,omitzero"`
	// Answer is the data, the same in every dialect.
	Answer json.RawMessage `json:"answer"`
}

// Every operation in testdata, in both dialects, against the oracle's answer and the fewest
// calls. An operation named *.reference or *.resource asks for what only that dialect tells.
func TestGolden(t *testing.T) {
	t.Parallel()
	installations := []struct {
		name  string
		opts  sandbox.Options
		calls func(golden) map[string]int
	}{
		{"reference", sandbox.Options{Dialect: sandbox.DialectReference}, func(g golden) map[string]int { return g.Calls }},
		{"resource", sandbox.Options{Dialect: sandbox.DialectResource}, func(g golden) map[string]int {
			if g.CallsResource != nil {
				return g.CallsResource
			}
			return g.Calls
		}},
		{"documented", sandbox.Options{Dialect: sandbox.DialectReference, DocumentedOnly: true}, func(g golden) map[string]int { return g.CallsDocumented }},
	}
	names := goldenNames(t)
	if *update {
		updateGoldens(t, names)
	}
	for _, installation := range installations {
		t.Run(installation.name, func(t *testing.T) {
			t.Parallel()
			crms := startSandbox(t, installation.opts)
			o, err := newOracle(crms, installation.opts.Dialect, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				wanted := readGolden(t, name)
				calls := installation.calls(wanted)
				if only := onlyDialect(name); only != "" && string(only) != installation.name || calls == nil {
					continue // not for this installation
				}
				t.Run(name, func(t *testing.T) {
					query, variables := readOperation(t, name)
					expected := oracleAnswer(t, o, query, variables)
					if diff := cmp.Diff(lines(t, wanted.Answer), lines(t, []byte(expected))); diff != "" {
						t.Fatalf("the golden answer is not the oracle's (-golden +oracle):\n%s", diff)
					}
					// What an earlier operation learned of the installation is not to save this one calls.
					w := newWorldOn(t, crms)
					if installation.opts.DocumentedOnly {
						w.refused = "proportal.customer"
					}
					w.check(t, query, variables, expected, calls)
				})
			}
		})
	}
}

// onlyDialect returns the dialect that alone can answer an operation, empty for both.
func onlyDialect(name string) sandbox.Dialect {
	return sandbox.Dialect(strings.TrimPrefix(filepath.Ext(name), "."))
}

func orReference(dialect sandbox.Dialect) sandbox.Dialect {
	if dialect == "" {
		return sandbox.DialectReference
	}
	return dialect
}

// updateGoldens writes the oracle's answers; which calls are due is for a person to say.
func updateGoldens(t *testing.T, names []string) {
	t.Helper()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		o, err := newOracle(startSandbox(t, sandbox.Options{Dialect: dialect}), dialect, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if orReference(onlyDialect(name)) != dialect {
				continue
			}
			query, variables := readOperation(t, name)
			g := readGolden(t, name)
			g.Answer = json.RawMessage(oracleAnswer(t, o, query, variables))
			writeGolden(t, name, g)
		}
	}
}

// goldenNames lists the operations in testdata.
func goldenNames(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no operations in testdata: %v", err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".graphql"))
	}
	return names
}

func readOperation(t *testing.T, name string) (query string, variables map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".graphql"))
	if err != nil {
		t.Fatal(err)
	}
	values, err := os.ReadFile(filepath.Join("testdata", name+".variables.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return string(text), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(values))
	decoder.UseNumber()
	if err := decoder.Decode(&variables); err != nil {
		t.Fatal(err)
	}
	return string(text), variables
}

func goldenPath(name string) string { return filepath.Join("testdata", name+".golden.json") }

func readGolden(t *testing.T, name string) golden {
	t.Helper()
	text, err := os.ReadFile(goldenPath(name))
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&g); err != nil {
		t.Fatal(err)
	}
	return g
}

func writeGolden(t *testing.T, name string, g golden) {
	t.Helper()
	text, err := encodeJSON(g, "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenPath(name), append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}

// oracleAnswer returns what the oracle answers, in its normal form.
func oracleAnswer(t *testing.T, o *oracle, query string, variables map[string]any) string {
	t.Helper()
	data, err := o.answer(query, variables)
	if err != nil {
		t.Fatal(err)
	}
	text, err := encodeJSON(data, "")
	if err != nil {
		t.Fatal(err)
	}
	expected, err := normal(text)
	if err != nil {
		t.Fatal(err)
	}
	return expected
}

func lines(t *testing.T, text []byte) []string {
	t.Helper()
	normalised, err := normal(text)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(normalised, "\n")
}

func startSandbox(t testing.TB, opts sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	crms, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := crms.Close(); err != nil {
			t.Error(err)
		}
	})
	return crms
}

// check sends an operation and compares its answer and the calls it made. No call may
// be made twice.
func (w *world) check(t *testing.T, query string, variables map[string]any, answer string, calls map[string]int) {
	t.Helper()
	variables = w.withCursors(t, query, variables)
	w.crms.Reset()
	got := w.ask(t, query, variables)
	if len(got.Errors) != 0 {
		t.Fatalf("errors: %+v", got.Errors)
	}
	compareAnswers(t, query, answer, got.Data)
	made := w.crms.Calls()
	if made[w.refused] > 0 && made[w.refused] < calls[w.refused] {
		made[w.refused] = calls[w.refused]
	}
	if diff := cmp.Diff(calls, made); diff != "" {
		t.Errorf("%s\ncalls (-want +got):\n%s", query, diff)
	}
	w.checkNoRepetition(t)
}

func compareAnswers(t *testing.T, query, want string, got []byte) {
	t.Helper()
	if diff := cmp.Diff(lines(t, []byte(want)), lines(t, got)); diff != "" {
		t.Errorf("%s\nanswer (-want +got):\n%s", query, diff)
	}
}

// checkNoRepetition fails if any upstream call was made twice.
func (w *world) checkNoRepetition(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	for _, r := range w.crms.Requests() {
		seen[strings.Join([]string{r.Method, r.Path, r.RawQuery, r.Body}, " ")]++
	}
	for call, times := range seen {
		if times > 1 {
			t.Errorf("made %d times: %s", times, call)
		}
	}
}

// withCursors puts a real cursor in the place of "after:<n>": that of the n-th element of
// the operation's list, which it reads with the variables first and after.
func (w *world) withCursors(t *testing.T, query string, variables map[string]any) map[string]any {
	t.Helper()
	after, _ := variables["after"].(string)
	digits, ok := strings.CutPrefix(after, afterElements)
	if !ok {
		return variables
	}
	elements, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	reading := maps.Clone(variables)
	delete(reading, "after")
	for elements > 0 {
		first := min(100, elements)
		reading["first"] = first
		got := w.ask(t, query, reading)
		tree, err := readTree(got.Data)
		if err != nil || len(got.Errors) != 0 {
			t.Fatalf("%v, errors: %+v", err, got.Errors)
		}
		reading["after"] = endCursor(tree)
		elements -= first
	}
	reading["first"] = variables["first"]
	return reading
}
