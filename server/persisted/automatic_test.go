package persisted_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"crmgraph/server/persisted"
)

func sum(document string) string {
	hash := sha256.Sum256([]byte(document))
	return hex.EncodeToString(hash[:])
}

// TestApollosFlow is what Apollo Client does with createPersistedQueryLink, and the other
// clients with it: the hash alone, then hash and document, from then on the hash.
func TestApollosFlow(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{Automatic: true})
	// As Apollo Client encodes it for a GET.
	parameters := url.Values{
		"operationName": {""}, "variables": {"{}"},
		"extensions": {`{"persistedQuery":{"version":1,"sha256Hash":"` + typenameHash + `"}}`},
	}
	hashed := `{"variables":{},"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + typenameHash + `"}}}`

	expect(t, "GET of a hash nobody knows", s.get(t, parameters), notFound())
	expect(t, "POST of a hash nobody knows", s.post(t, hashed), notFound())
	// urql says that it is the second time.
	registering := `{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + typenameHash + `","miss":true}}}`
	expect(t, "POST of both", s.post(t, registering), ran(typename))
	expect(t, "GET of the hash", s.get(t, parameters), ran(typename))
	expect(t, "POST of the hash", s.post(t, hashed), ran(typename))
	expect(t, "the hash as document id", s.ask(t, request{DocumentID: "sha256:" + typenameHash}), ran(typename))
	expect(t, "GET of both, as of a client that registers so", s.get(t, url.Values{
		"query": {"{ __typename }"}, "extensions": {`{"persistedQuery":{"version":1,"sha256Hash":"` + sum("{ __typename }") + `"}}`},
	}), ran("{ __typename }"))
	expect(t, "the hash of that", s.ask(t, request{Extensions: automatic(sum("{ __typename }"))}), ran("{ __typename }"))

	got := s.documents.Stats()
	if got.Learnt != 2 || got.Misses != 2 || got.Hits != 4 {
		t.Errorf("got %+v, want 2 documents learnt, 2 misses and 4 hits", got)
	}
}

func TestRefusedReferences(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{Automatic: true, Manifests: []string{write(t, `{"known": "{ __typename }"}`)}})
	const (
		invalid   = "PERSISTED_QUERY_INVALID"
		mismatch  = "PERSISTED_QUERY_HASH_MISMATCH"
		unknown   = "PERSISTED_QUERY_NOT_FOUND"
		invalidID = "DOCUMENT_ID_INVALID"
		conflict  = "DOCUMENT_ID_CONFLICT"
	)
	extension := func(members string) string {
		return `{"query":"{__typename}","extensions":{"persistedQuery":` + members + `}}`
	}
	canaryHash := sum("canary")
	tests := []struct{ name, body, code string }{
		{"no object", extension(`"canary"`), invalid},
		{"no version", extension(`{"sha256Hash":"` + typenameHash + `"}`), invalid},
		{"another version", extension(`{"version":2,"sha256Hash":"` + typenameHash + `"}`), invalid},
		{"a version that is text", extension(`{"version":"1","sha256Hash":"` + typenameHash + `"}`), invalid},
		{"no hash", extension(`{"version":1}`), invalid},
		{"a hash that is a number", extension(`{"version":1,"sha256Hash":7}`), invalid},
		{"an empty hash", extension(`{"version":1,"sha256Hash":""}`), invalid},
		{"a hash that is none", extension(`{"version":1,"sha256Hash":"canary"}`), invalid},
		{"a hash in upper case", extension(`{"version":1,"sha256Hash":"` + strings.ToUpper(typenameHash) + `"}`), invalid},
		{"a hash that is none, alone", `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"canary"}}}`, invalid},
		{"the hash of something else", extension(`{"version":1,"sha256Hash":"` + canaryHash + `"}`), mismatch},
		{"the id of something else", `{"query":"{ viewer { id } }","documentId":"known"}`, mismatch},
		{"a document id of something else", `{"query":"{__typename}","documentId":"sha256:` + canaryHash + `"}`, mismatch},
		{"a document id that is no hash", `{"documentId":"sha256:canary"}`, invalidID},
		{"a document id nobody knows", `{"documentId":"canary"}`, unknown},
		{"two names", `{"documentId":"known","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + typenameHash + `"}}}`, conflict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := s.post(t, test.body)
			if got.Code != test.code || got.Ran != "" {
				t.Errorf("got %+v, want code %s", got, test.code)
			}
			if strings.Contains(got.Message, "canary") || strings.Contains(got.Message, canaryHash) {
				t.Errorf("got %q, want a message that repeats nothing of the request", got.Message)
			}
		})
	}
}

// TestHarmlessReferences: what says nothing about the document that is sent does not keep
// it from running.
func TestHarmlessReferences(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{Automatic: true, Manifests: []string{write(t, `{"known": "{ __typename }"}`)}})
	for name, body := range map[string]string{
		"no reference":                       `{"query":"{__typename}"}`,
		"an extension that is null":          `{"query":"{__typename}","extensions":{"persistedQuery":null}}`,
		"an id of a manifest not given here": `{"query":"{__typename}","documentId":"74221e4de092ffd1e32291f1c18b15ff"}`,
		"an id and its document":             `{"query":"{__typename}","documentId":"known"}`,
		"one name twice":                     `{"query":"{__typename}","documentId":"sha256:` + typenameHash + `","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + typenameHash + `"}}}`,
	} {
		expect(t, name, s.post(t, body), ran(typename))
	}
}

func TestWithoutAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{})
	notSupported := answer{Code: "PERSISTED_QUERY_NOT_SUPPORTED", Message: "PersistedQueryNotSupported"}
	expect(t, "a hash", s.ask(t, request{Extensions: automatic(typenameHash)}), notSupported)
	expect(t, "a hash and its document", s.ask(t, request{Query: typename, Extensions: automatic(typenameHash)}), ran(typename))
	expect(t, "the hash again", s.ask(t, request{Extensions: automatic(typenameHash)}), notSupported)
	expect(t, "a document id", s.ask(t, request{DocumentID: "sha256:" + typenameHash}), notFound())
}

// TestOnlyDocumentsThatRunAreLearnt: nobody fills the memory with what is never run.
func TestOnlyDocumentsThatRunAreLearnt(t *testing.T) {
	t.Parallel()
	s := newServer(t, persisted.Options{Automatic: true})
	for _, document := range []string{`{`, `{ nothing }`, `query($n: Int!) { portfolio(first: $n) { totalCount } }`} {
		if got := s.ask(t, request{Query: document, Extensions: automatic(sum(document))}); got.Code != "GRAPHQL_PARSE_FAILED" && got.Code != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("%s: got %+v, want it refused", document, got)
		}
		expect(t, document, s.ask(t, request{Extensions: automatic(sum(document))}), notFound())
	}
	anonymous := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
		strings.NewReader(`{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"`+typenameHash+`"}}}`))
	anonymous.Header.Set("Content-Type", "application/json")
	expect(t, "a sender that an extension refuses", s.send(t, anonymous), answer{Message: "Who are you?"})
	expect(t, "the hash of that", s.ask(t, request{Extensions: automatic(typenameHash)}), notFound())
	if got := s.documents.Stats().Learnt; got != 0 {
		t.Errorf("got %d documents learnt, want none", got)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const size = 64 << 10
	s := newServer(t, persisted.Options{Automatic: true, MaxBytes: size})
	register := func(document string) {
		t.Helper()
		expect(t, "a new document", s.ask(t, request{Query: document, Extensions: automatic(sum(document))}), ran(document))
	}
	document := func(i int) string { return fmt.Sprintf("{ __typename } # %04d %s", i, strings.Repeat("x", 1000)) }
	register(typename)
	// Its text and its hash are the least that it takes.
	if got, least := s.documents.Stats().Bytes, int64(len(typename)+sha256.Size); got <= least {
		t.Errorf("got %d bytes for a document, want more than %d", got, least)
	}
	for i := range 500 {
		register(document(i))
		expect(t, "one that is asked for often", s.ask(t, request{Extensions: automatic(typenameHash)}), ran(typename))
	}
	register("{ __typename } # " + strings.Repeat("x", 2*size))
	kept := 0
	for i := range 500 {
		if s.ask(t, request{Extensions: automatic(sum(document(i)))}) == ran(document(i)) {
			kept++
		}
	}
	// A document takes 1,023 bytes, and what it takes beyond its text is counted too.
	if kept == 0 || kept > size/1023 {
		t.Errorf("got %d documents kept, want some, and %d at most", kept, size/1023)
	}
	if got := s.documents.Stats().Bytes; got > size {
		t.Errorf("got %d bytes, want %d at most", got, size)
	}
}

// replicas is a store that several replicas share.
type replicas struct {
	mu        sync.Mutex
	documents map[string]string
}

func (r *replicas) Get(_ context.Context, hash persisted.Hash) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	document, ok := r.documents[hash.String()]
	return document, ok
}

func (r *replicas) Put(_ context.Context, hash persisted.Hash, document string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.documents == nil {
		r.documents = make(map[string]string)
	}
	r.documents[hash.String()] = document
}

func (r *replicas) Drop(_ context.Context, hash persisted.Hash) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.documents, hash.String())
}

func anybody(context.Context) bool { return true }

func TestReplicasShareDocuments(t *testing.T) {
	t.Parallel()
	shared := &replicas{}
	opts := persisted.Options{Automatic: true, Shared: shared, MayShare: anybody}
	one, other := newServer(t, opts), newServer(t, opts)
	named, registering := request{Extensions: automatic(typenameHash)}, request{Query: typename, Extensions: automatic(typenameHash)}

	expect(t, "before", other.ask(t, named), notFound())
	expect(t, "one learns it", one.ask(t, registering), ran(typename))
	expect(t, "the other finds it", other.ask(t, named), ran(typename))
	shared.documents = nil
	expect(t, "the other has it of its own now", other.ask(t, named), ran(typename))
	if got := other.documents.Stats(); got.Learnt != 0 || got.Hits != 2 {
		t.Errorf("got %+v of the other, want 2 hits and nothing learnt from a client", got)
	}
}

// TestNotEverybodyFillsTheSharedStore: it is bounded by nothing but who may.
func TestNotEverybodyFillsTheSharedStore(t *testing.T) {
	t.Parallel()
	for name, mayShare := range map[string]func(context.Context) bool{
		"nobody may": nil, "this one may not": func(context.Context) bool { return false },
	} {
		shared := &replicas{}
		s := newServer(t, persisted.Options{Automatic: true, Shared: shared, MayShare: mayShare})
		expect(t, name, s.ask(t, request{Query: typename, Extensions: automatic(typenameHash)}), ran(typename))
		expect(t, name+", but memory has it", s.ask(t, request{Extensions: automatic(typenameHash)}), ran(typename))
		if len(shared.documents) != 0 {
			t.Errorf("%s: got %v shared, want nothing", name, shared.documents)
		}
	}
	shared := &replicas{}
	s := newServer(t, persisted.Options{Automatic: true, Shared: shared, MayShare: anybody})
	large := "{ __typename } # " + strings.Repeat("x", 64<<10)
	expect(t, "a large document", s.ask(t, request{Query: large, Extensions: automatic(sum(large))}), ran(large))
	if len(shared.documents) != 0 {
		t.Error("a large document was shared")
	}
}

// TestPoisonedStore: whoever can write to the store cannot have others' hashes run
// something else.
func TestPoisonedStore(t *testing.T) {
	t.Parallel()
	shared := &replicas{documents: map[string]string{typenameHash: "mutation { login { token } }"}}
	s := newServer(t, persisted.Options{Automatic: true, Shared: shared, MayShare: anybody})
	named := request{Extensions: automatic(typenameHash)}

	expect(t, "the poisoned hash", s.ask(t, named), notFound())
	if len(shared.documents) != 0 {
		t.Errorf("got %v still stored, want it dropped", shared.documents)
	}
	if got := s.documents.Stats().Poisoned; got != 1 {
		t.Errorf("got %d counted, want 1", got)
	}
	expect(t, "registering", s.ask(t, request{Query: typename, Extensions: automatic(typenameHash)}), ran(typename))
	expect(t, "the hash afterwards", s.ask(t, named), ran(typename))
	if got := shared.documents[typenameHash]; got != typename {
		t.Errorf("got %q stored, want the document", got)
	}
}
