package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// codeOf returns the code of the first error of an answer, "" for none.
func codeOf(t *testing.T, body string) string {
	t.Helper()
	var answer struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if len(answer.Errors) == 0 {
		return ""
	}
	return answer.Errors[0].Extensions.Code
}

// TestDocumentsAreRegisteredByHash is the protocol of Apollo's clients: the hash alone, the
// hash with its document, and from then on the hash.
func TestDocumentsAreRegisteredByHash(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	header := queryHeader("Bearer " + loginToken(t, i))
	const document = "{ viewer { id } }"
	hash := sha256.Sum256([]byte(document))
	extensions := `{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(hash[:]) + `"}}`
	byHash := i.url + "/graphql?" + url.Values{"extensions": {extensions}}.Encode()
	const data = `{"data":{"viewer":{"id":"2"}}}`

	got, _ := do(t, http.MethodGet, byHash, "", header)
	if got.Status != http.StatusOK || codeOf(t, got.Body) != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("before: got %v, want 200 and PERSISTED_QUERY_NOT_FOUND", got)
	}
	if got, _ := do(t, http.MethodPost, i.url+"/graphql", `{"query":"`+document+`","extensions":`+extensions+`}`, header); got.Body != data {
		t.Errorf("with the document: got %v, want %s", got, data)
	}
	if got, _ := do(t, http.MethodGet, byHash, "", header); got.Body != data {
		t.Errorf("after: got %v, want %s", got, data)
	}
	if got, _ := do(t, http.MethodPost, i.url+"/graphql", `{"query":"{ viewer { expiresAt } }","extensions":`+extensions+`}`, header); codeOf(t, got.Body) != "PERSISTED_QUERY_HASH_MISMATCH" {
		t.Errorf("another document: got %v, want PERSISTED_QUERY_HASH_MISMATCH", got)
	}
}

// TestOnlyTrustedDocumentsRun: with a manifest and the mode required, what is not in it does not
// run, by whatever way it comes in.
func TestOnlyTrustedDocumentsRun(t *testing.T) {
	t.Parallel()
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(manifest, []byte(`{"who": "query Who { viewer { id } }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	login := startForTest(t, nil)
	i := startForTest(t, nil, "--documents-manifest="+manifest, "--documents-mode=required")
	header := queryHeader("Bearer " + loginToken(t, login))
	tests := []struct{ name, body, code string }{
		{"by its id", `{"documentId":"who"}`, ""},
		{"whole", `{"query":"query Who { viewer { id } }"}`, ""},
		{"written otherwise", `{"query":"query Who {\n  viewer { id }\n}"}`, ""},
		{"another", `{"query":"{ viewer { id } }"}`, "DOCUMENT_NOT_TRUSTED"},
		{"introspection", `{"query":"{ __schema { queryType { name } } }"}`, "DOCUMENT_NOT_TRUSTED"},
		{"an unknown id", `{"documentId":"what"}`, "DOCUMENT_NOT_TRUSTED"},
	}
	for _, test := range tests {
		got, _ := do(t, http.MethodPost, i.url+"/graphql", test.body, header)
		if code := codeOf(t, got.Body); code != test.code {
			t.Errorf("%s: got %v, want code %q", test.name, got, test.code)
		}
	}
}

// TestSchemaIsToldInDevelopmentAlone: in front of real CRMs nobody learns the schema unless that
// is wanted.
func TestSchemaIsToldInDevelopmentAlone(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	env := []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}
	closed, open := startForTest(t, env), startForTest(t, env, "--introspection", "--graphiql")
	const question, typo = `{"query":"{ __schema { queryType { name } } }"}`, `{"query":"{ viewr { id } }"}`
	for _, test := range []struct {
		i       *instance
		code    string
		suggest bool
		status  int
	}{{closed, "INTROSPECTION_DISABLED", false, http.StatusNotFound}, {open, "", true, http.StatusOK}} {
		if got := postQuery(t, test.i, question, ""); codeOf(t, got.Body) != test.code {
			t.Errorf("introspection: got %v, want code %q", got, test.code)
		}
		if got := postQuery(t, test.i, typo, newToken(t, signingKey)); strings.Contains(got.Body, `\"viewer\"`) != test.suggest {
			t.Errorf("a wrong name: got %v, want suggestions %t", got, test.suggest)
		}
		for _, path := range []string{"/schema.graphql", "/"} {
			if got := fetch(t, test.i.url+path); got.Status != test.status {
				t.Errorf("%s: got status %d, want %d", path, got.Status, test.status)
			}
		}
	}
}

func TestRatesAreLimited(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--rate-viewer-requests=3", "--rate-client-requests=12", "--cost-report")
	authorization := "Bearer " + loginToken(t, i)
	statuses := func(authorization string, n int) (statuses []int) {
		for range n {
			got, header := do(t, http.MethodPost, i.url+"/graphql", `{"query":"{ `+map[bool]string{true: "viewer { id }", false: "__typename"}[authorization != ""]+` }"}`, queryHeader(authorization))
			statuses = append(statuses, got.Status)
			if got.Status == http.StatusTooManyRequests && (codeOf(t, got.Body) != "RATE_LIMIT_EXCEEDED" || header.Get("Retry-After") == "") {
				t.Errorf("refused with %v and Retry-After %q", got, header.Get("Retry-After"))
			}
			if header.Get("RateLimit") == "" || header.Get("RateLimit-Policy") == "" {
				t.Errorf("nothing is told of limits: %v", header)
			}
		}
		return statuses
	}
	count := func(statuses []int, status int) (n int) {
		for _, s := range statuses {
			if s == status {
				n++
			}
		}
		return n
	}
	if got := statuses(authorization, 5); count(got, http.StatusOK) != 3 || count(got, http.StatusTooManyRequests) != 2 {
		t.Errorf("five of a viewer: got %v, want three served", got)
	}
	// The login and those five are of the same address; what was refused for the viewer counts.
	if got := statuses("", 10); count(got, http.StatusOK) >= 10 || count(got, http.StatusTooManyRequests) == 0 {
		t.Errorf("ten more of the address: got %v, want some refused", got)
	}
}
