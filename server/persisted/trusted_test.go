package persisted_test

import (
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/handler/transport"

	"crmgraph/server/graphqlhttp"
	"crmgraph/server/persisted"
)

// TestFormats: the files of testdata are what generate-persisted-query-manifest 1.4.0, the
// client preset 4.8.3 of graphql-codegen and relay-compiler 18.2.0 made of two operations.
func TestFormats(t *testing.T) {
	t.Parallel()
	const apollo = "query Dashboard($first: Int = 5) {\n  portfolio(first: $first) {\n    nodes {\n      ...CustomerFields\n      projects(first: 2) {\n        nodes {\n          name\n          __typename\n        }\n        __typename\n      }\n      __typename\n    }\n    __typename\n  }\n}\n\nfragment CustomerFields on Customer {\n  name\n  revenue {\n    amount\n    __typename\n  }\n  __typename\n}"
	tests := []struct{ file, id, document string }{
		{"apollo.json", "1e929033d31d61a910625b1408bc4bbe55475e34b249986ee8d95658ec3dc7ec", apollo},
		{"codegen.json", "a37e3c7e30812e366ead3aafd8dc5388fe5505a1", "fragment CustomerFields on Customer { name revenue { amount } } query Dashboard($first: Int = 5) { portfolio(first: $first) { nodes { projects(first: 2) { nodes { name } } ...CustomerFields } } }"},
		{"relay.json", "74221e4de092ffd1e32291f1c18b15ff", "query DashboardQuery(\n  $first: Int = 5\n) {\n  portfolio(first: $first) {\n    nodes {\n      name\n      revenue {\n        amount\n      }\n      projects(first: 2) {\n        nodes {\n          name\n          id\n        }\n      }\n      id\n    }\n  }\n}\n"},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, persisted.Options{Manifests: []string{"testdata/" + test.file}, Mode: persisted.Required})
			want := ran(test.document)
			expect(t, "the id", s.ask(t, request{DocumentID: test.id}), want)
			expect(t, "the id in a GET", s.get(t, url.Values{"documentId": {test.id}}), want)
			expect(t, "the id as a hash", s.ask(t, request{Extensions: automatic(test.id)}), want)
			expect(t, "the document's hash", s.ask(t, request{Extensions: automatic(sum(test.document))}), want)
			expect(t, "the document's hash as id", s.ask(t, request{DocumentID: "sha256:" + sum(test.document)}), want)
			expect(t, "the document", s.ask(t, request{Query: test.document}), want)
			expect(t, "both", s.ask(t, request{Query: test.document, DocumentID: test.id}), want)
			expect(t, "another id", s.ask(t, request{DocumentID: test.id[1:] + "0"}), notTrusted())
			expect(t, "another document", s.ask(t, request{Query: typename}), notTrusted())
			if got := s.documents.Stats().Trusted; got != 2 {
				t.Errorf("got %d documents, want 2", got)
			}
		})
	}
}

// TestPrefixedIdentifiers has the examples of the appendix on persisted documents in GraphQL
// over HTTP.
func TestPrefixedIdentifiers(t *testing.T) {
	t.Parallel()
	documents := map[string]string{
		"sha256:7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e": "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}",
		"sha256:71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b": "query($id:ID!){user(id:$id){name}}",
	}
	d, err := persisted.New(persisted.Options{Manifests: []string{
		write(t, `{"a": "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"}`), write(t, `{"b": "query($id:ID!){user(id:$id){name}}"}`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range documents {
		p := graphqlhttp.Params{DocumentID: id}
		if refused := d.Document(t.Context(), &p); refused != nil || p.Query != want {
			t.Errorf("%s: got %q and %v, want %q", id, p.Query, refused, want)
		}
	}
}

func TestDocumentsThatAreSentWhereTheyMustBeTrusted(t *testing.T) {
	t.Parallel()
	const document = `query Find($id: ID!) { customer(id: $id) { name } project(id: "a, b") { name } }`
	const minified = `query Find($id:ID!){customer(id:$id){name}project(id:"a, b"){name}}`
	s := newServer(t, persisted.Options{
		Manifests: []string{write(t, manifestOf(t, map[string]string{"find": document}))}, Mode: persisted.Required, Automatic: true,
	})
	sent := func(document string) answer {
		t.Helper()
		body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"id": 17}})
		if err != nil {
			t.Fatal(err)
		}
		return s.post(t, string(body))
	}
	for name, same := range map[string]string{
		"as it is":    document,
		"indented":    "query Find(\n\t$id: ID!\n) {\n  customer(id: $id) {\n    name\n  }\n  project(id: \"a, b\") {\n    name\n  }\n}\n",
		"minified":    minified,
		"with commas": `query Find($id: ID!,) { customer(id: $id) { name }, project(id: "a, b") { name } }`,
		"commented":   "# of the dashboard\n" + document,
		"escaped":     strings.Replace(document, `"a, b"`, `"\u0061, b"`, 1),
		"marked":      "\ufeff" + document,
	} {
		expect(t, name, sent(same), ran(same))
	}
	for name, other := range map[string]string{
		"another name":        strings.Replace(document, "Find", "Found", 1),
		"one field more":      strings.Replace(document, "name", "name id", 1),
		"one field less":      strings.Replace(document, `project(id: "a, b") { name }`, "", 1),
		"another order":       `query Find($id: ID!) { project(id: "a, b") { name } customer(id: $id) { name } }`,
		"white space in text": strings.Replace(document, "a, b", "a,  b", 1),
		"commas in text":      strings.Replace(document, "a, b", "a  b", 1),
		"text for a name":     strings.Replace(document, "customer(id: $id)", `customer(id: "$ id")`, 1),
		"two operations":      document + ` query Other { viewer { id } }`,
		"the same twice":      document + " " + document,
		"no document":         "canary",
		"no tokens even":      "{ \x01",
		"open text":           `{ customer(id: "`,
		"introspection":       `{ __schema { types { name } } }`,
		"the smallest":        typename,
	} {
		expect(t, name, sent(other), notTrusted())
	}
	withHash, err := json.Marshal(map[string]any{"query": minified, "variables": map[string]any{"id": 17}, "extensions": automatic(sum(minified))})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "a trusted document with a hash of its own", s.post(t, string(withHash)), ran(minified))
	hashed := s.ask(t, request{Query: typename, Extensions: automatic(typenameHash)})
	expect(t, "a document with its hash", hashed, notTrusted())
	expect(t, "its hash", s.ask(t, request{Extensions: automatic(typenameHash)}), notTrusted())
	expect(t, "a hash that the manifest does not have", s.ask(t, request{Extensions: automatic(sum(minified))}), notTrusted())
	if got := s.documents.Stats(); got.Refused != 17 || got.Learnt != 0 || got.Bytes != 0 {
		t.Errorf("got %+v, want 17 refusals and nothing learnt", got)
	}
}

func TestIntrospectionOfTheManifest(t *testing.T) {
	t.Parallel()
	const introspection = `{ __schema { queryType { name } } }`
	s := newServer(t, persisted.Options{Manifests: []string{write(t, manifestOf(t, map[string]string{"schema": introspection}))}, Mode: persisted.Required})
	expect(t, "what the manifest has", s.ask(t, request{Query: introspection}), ran(introspection))
	expect(t, "what it does not", s.ask(t, request{Query: `{ __schema { types { name } } }`}), notTrusted())
}

// TestWaysInWithoutTheHook: a transport that knows nothing of documents does not get around
// the manifest. The presenter of the real server masks what it does not know; that of this
// one does not.
func TestWaysInWithoutTheHook(t *testing.T) {
	t.Parallel()
	documents, err := persisted.New(persisted.Options{Manifests: []string{write(t, manifestOf(t, map[string]string{"a": typename}))}, Mode: persisted.Required})
	if err != nil {
		t.Fatal(err)
	}
	s := newServerWith(documents, transport.POST{})
	expect(t, "a document of the manifest", s.ask(t, request{Query: typename}), ran(typename))
	expect(t, "another", s.ask(t, request{Query: `{ viewer { id } }`}), notTrusted())

	documents, err = persisted.New(persisted.Options{Automatic: true})
	if err != nil {
		t.Fatal(err)
	}
	s = newServerWith(documents, transport.POST{})
	expect(t, "a document with another's hash", s.ask(t, request{Query: typename, Extensions: automatic(sum("x"))}), ran(typename))
	if got := documents.Stats().Learnt; got != 0 {
		t.Errorf("got %d documents learnt under a wrong hash, want none", got)
	}
}

func TestUntrustedDocumentsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := newServer(t, persisted.Options{
		Manifests: []string{write(t, manifestOf(t, map[string]string{"a": typename}))}, Mode: persisted.Log, Automatic: true,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})),
	})
	const other = `query Other { viewer { id } }`
	for range 3 {
		expect(t, "a document of the manifest", s.ask(t, request{Query: typename}), ran(typename))
		expect(t, "the same, written otherwise", s.ask(t, request{Query: "{ __typename }"}), ran("{ __typename }"))
		expect(t, "another", s.ask(t, request{Query: other, Extensions: automatic(sum(other))}), ran(other))
		expect(t, "the other by its hash", s.ask(t, request{Extensions: automatic(sum(other))}), ran(other))
	}
	long := "query " + strings.Repeat("x", 1000) + " { viewer { id } }"
	expect(t, "a long name", s.ask(t, request{Query: long}), ran(long))
	want := `level=WARN msg="a document is not in the manifest" hash=` + sum(other) + " operation=Other\n" +
		`level=WARN msg="a document is not in the manifest" hash=` + sum(long) + " operation=" + strings.Repeat("x", 64) + "\n"
	if got := log.String(); got != want {
		t.Errorf("got log\n%swant\n%s", got, want)
	}
	if got := s.documents.Stats().Untrusted; got != 7 {
		t.Errorf("got %d counted, want 7", got)
	}
}

func withoutTime(_ []string, attribute slog.Attr) slog.Attr {
	if attribute.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return attribute
}

// TestManifestWithoutAMode: its ids are found, and nothing else changes.
func TestManifestWithoutAMode(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{Manifests: []string{"testdata/relay.json"}})
	if got := s.ask(t, request{DocumentID: "775400e8654bc5ac495dff41cb3769f5"}); !strings.HasPrefix(got.Ran, "mutation DashboardLoginMutation") {
		t.Errorf("got %+v, want the mutation run", got)
	}
	expect(t, "another document", s.ask(t, request{Query: typename}), ran(typename))
}

// TestMutationByGet: that a document is trusted does not make it safe.
func TestMutationByGet(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{Manifests: []string{"testdata/relay.json"}, Mode: persisted.Required})
	got := s.get(t, url.Values{"documentId": {"775400e8654bc5ac495dff41cb3769f5"}})
	if got.Ran != "" || got.Code != graphqlhttp.CodeMutationByGet {
		t.Errorf("got %+v, want it refused", got)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]persisted.Options{
		"unknown mode":             {Mode: "strict"},
		"required without any":     {Mode: persisted.Required},
		"log without any":          {Mode: persisted.Log},
		"negative memory":          {Automatic: true, MaxBytes: -1},
		"negative time":            {Reload: -1},
		"no such file":             {Manifests: []string{"testdata/nothing.json"}},
		"a file that is none":      {Manifests: []string{"trusted_test.go"}},
		"one good and one missing": {Manifests: []string{"testdata/relay.json", "testdata/nothing.json"}},
	} {
		if _, err := persisted.New(opts); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}
