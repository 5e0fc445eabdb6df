package persisted

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrongManifests(t *testing.T) {
	t.Parallel()
	apollo := func(operations string) string {
		return `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": ` + operations + `}`
	}
	tests := []struct{ name, content, want string }{
		{"empty", ``, "JSON object"},
		{"a list", `[]`, "JSON object"},
		{"cut off", `{"a": "{ id }"`, "JSON object"},
		{"two of them", `{"a": "{ id }"} {"b": "{ id }"}`, "follows"},
		{"not UTF-8", "{\"a\": \"{ id(text: \\\"\xff\\\") }\"}", "UTF-8"},
		{"nothing", `{}`, "no documents"},
		{"a number", `{"a": 1}`, `"a": want text`},
		{"a name twice", `{"a": "{ id }", "a": "{ name }"}`, `"a" is there twice`},
		{"an id without a document", `{"a": " # nothing\n"}`, `"a": the document is empty`},
		{"a document without an id", `{"": "{ id }"}`, "id is empty"},
		{"no id but the prefix", `{"sha256:": "{ id }"}`, "id is empty"},
		{"no tokens", `{"a": "{ \u0001 }"}`, `"a"`},
		{"another format", `{"format": "x", "version": 1, "operations": []}`, "apollo-persisted-query-manifest"},
		{"another version", `{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}`, "version 1"},
		{"no format", `{"operations": [{"id": "a", "body": "{ id }"}]}`, "want the format"},
		{"no operations", apollo(`[]`), "no documents"},
		{"operations by id", apollo(`{"a": {"body": "{ id }"}}`), `"version": want text`},
		{"an operation that is text", apollo(`["{ id }"]`), "number 1"},
		{"an operation without an id", apollo(`[{"body": "{ id }"}]`), "id is empty"},
		{"an operation without a body", apollo(`[{"id": "a"}]`), "document is empty"},
		{"a body that is a number", apollo(`[{"id": "a", "body": 1}]`), `"body": want text`},
		{"an id for two bodies", apollo(`[{"id": "a", "body": "{ id }"}, {"id": "sha256:a", "body": "{ name }"}]`), "stands for two"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := newManifest([]string{"manifest.json"}, [][]byte{[]byte(test.content)})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "manifest.json: ") {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestAllThatIsWrongWithManifests: one look at the error is enough to mend all files.
func TestAllThatIsWrongWithManifests(t *testing.T) {
	t.Parallel()
	_, err := newManifest([]string{"one", "two", "three"}, [][]byte{
		[]byte(`{"a": "", "b": "{ id }", "c": "\""}`), []byte(`no`), []byte(`{"b": "{ name }"}`),
	})
	want := []string{`one: "a"`, `one: "c"`, "two: ", `three: "b"`}
	for i, line := range strings.Split(err.Error(), "\n") {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("line %d: got %q, want %q", i, line, want)
		}
	}
}

// TestTwoClientsWithOneDocument: their manifests have it both.
func TestTwoClientsWithOneDocument(t *testing.T) {
	t.Parallel()
	m, err := newManifest([]string{"one", "two"}, [][]byte{
		[]byte(`{"a": "{ id }"}`), []byte(`{"format": "apollo-persisted-query-manifest", "version": 1, "clients": ["x"], "operations": [
			{"id": "a", "body": "{ id }", "name": "A", "type": "query", "clientName": null}, {"id": "b", "body": "{ id }", "name": "A", "type": "query"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{ID: "a", Text: "{ id }"}, {ID: "b", Name: "A", Type: "query", Text: "{ id }"}}
	if diff := cmp.Diff(want, m.Entries()); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// TestNormalFormEnds: what is longer than any trusted document is not read to its end.
func TestNormalFormEnds(t *testing.T) {
	t.Parallel()
	const form = "{ a b } "
	if got, err := normalForm("{a,b}", len(form)); got != form || err != nil {
		t.Errorf("got %q and %v, want %q", got, err, form)
	}
	if got, err := normalForm("{a,b} \"what is no document any more", len(form)-1); !errors.Is(err, errLong) {
		t.Errorf("got %q and %v, want %v", got, err, errLong)
	}
}

// FuzzManifest: whatever a file holds, reading it ends, and what is accepted is found by
// all its names and reads the same when it is written down in the shorter format.
func FuzzManifest(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != 3 {
		f.Fatalf("got %v and %v, want three files", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(`{"format": "{ id }", "operations": "{ id }"}`))
	f.Add([]byte(`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a", "body": "{ id # x\n }"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := newManifest([]string{"file"}, [][]byte{content})
		if err != nil {
			return
		}
		documents := make(map[string]string)
		for _, entry := range m.Entries() {
			documents[entry.ID] = entry.Text
			for _, id := range []string{entry.ID, hashPrefix + hashOf(entry.Text).String()} {
				ref, refused := readDocumentID(id)
				if refused != nil { // sha256: and something else, which the format of ids rules out
					continue
				}
				if got, ok := m.find(ref); !ok || got != entry.Text {
					t.Errorf("%q: got %q, %v, want %q", id, got, ok, entry.Text)
				}
			}
			if !m.holds(entry.Text) || !m.holds("# comment\n,"+entry.Text+"\n") {
				t.Errorf("%q is not trusted", entry.Text)
			}
		}
		written, err := json.Marshal(documents)
		if err != nil {
			t.Fatal(err)
		}
		again, err := newManifest([]string{"file"}, [][]byte{written})
		if err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if diff := cmp.Diff(m.byID, again.byID); diff != "" {
			t.Errorf("documents by id (-want +got):\n%s", diff)
		}
	})
}
