package graphqlhttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/graphqlhttp"
)

// Each refusal has a sentence and a code of its own, and repeats nothing of the request.
func TestRefusals(t *testing.T) {
	t.Parallel()
	server := newServerWith(t, graphqlhttp.Options{MaxBatch: 2, MaxQuery: 60}, ada)
	const (
		notOneValue = "The request body is not one JSON value in UTF-8."
		twice       = "The request body has an object with two members of one name."
		tooDeep     = "The request body is nested too deeply."
		tooMany     = "The request body has a value with too many elements."
		notEncoded  = "The query string is not encoded as application/x-www-form-urlencoded in UTF-8."
		notObject   = "A request is a JSON object with the text of a query."
	)
	tests := []struct {
		name, method, target, body string
		status                     int
		message, extensions        string
	}{
		{"no JSON", "POST", "/", `{"query": canary`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"no body", "POST", "/", ``, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"half of a body", "POST", "/", `{"query":`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"a second value", "POST", "/", `{"query":"{ name }"}{}`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"an open object behind it", "POST", "/", `{"query":"{ name }"}{"":`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"trailing bytes", "POST", "/", `{"query":"{ name }"} canary`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"a byte order mark", "POST", "/", "\xef\xbb\xbf" + `{"query":"{ name }"}`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"not UTF-8", "POST", "/", "{\"query\":\"{ name }\",\"x\":\"\xff\"}", 400, notOneValue, `"code":"INVALID_JSON"`},
		{"UTF-16", "POST", "/", "{\x00}\x00", 400, notOneValue, `"code":"INVALID_JSON"`},
		{"a parameter twice", "POST", "/", `{"query":"{ name }","query":"canary"}`, 400, twice, `"code":"INVALID_JSON"`},
		{"a parameter twice, once escaped", "POST", "/", `{"query":"{ name }","\u0071uery":"canary"}`, 400, twice, `"code":"INVALID_JSON"`},
		{"a variable twice", "POST", "/", `{"query":"{ name }","variables":{"canary":1,"canary":2}}`, 400, twice, `"code":"INVALID_JSON"`},
		{"deep variables", "POST", "/", `{"query":"{ name }","variables":{"a":` + nested(63) + `}}`, 400, tooDeep, `"code":"INVALID_JSON","limit":64,"value":65`},
		{"a deep member that is not known", "POST", "/", `{"query":"{ name }","a":` + nested(64) + `}`, 400, tooDeep, `"code":"INVALID_JSON","limit":64,"value":65`},
		{"many elements of a variable", "POST", "/", `{"query":"{ name }","variables":{"a":[` + strings.Repeat("1,", 9_999) + `1]}}`, 422, tooMany, `"code":"VARIABLES_TOO_MANY_ELEMENTS","limit":10000,"value":10001`},
		{"many variables", "POST", "/", `{"query":"{ name }","variables":{` + members(10_001) + `}}`, 422, tooMany, `"code":"VARIABLES_TOO_MANY_ELEMENTS","limit":10000,"value":10001`},
		{"many elements in each other", "POST", "/", `{"query":"{ name }","extensions":{"a":[` + strings.Repeat("[[{}]],", 3_333) + `[]]}}`, 422, tooMany, `"code":"VARIABLES_TOO_MANY_ELEMENTS","limit":10000,"value":10001`},
		{"many elements of a member that is not known", "POST", "/", `{"query":"{ name }","a":[` + strings.Repeat("[],", 10_000) + `[]]}`, 422, tooMany, `"code":"VARIABLES_TOO_MANY_ELEMENTS","limit":10000,"value":10001`},
		{"a number", "POST", "/", `1`, 422, notObject, `"code":"INVALID_REQUEST"`},
		{"no query", "POST", "/", `{"qeury":"canary"}`, 422, "The request has no query.", `"code":"INVALID_REQUEST"`},
		{"a query that is null", "POST", "/", `{"query":null}`, 422, "The request has no query.", `"code":"INVALID_REQUEST"`},
		{"a query that is no text", "POST", "/", `{"query":["canary"]}`, 422, "The parameter query is not text.", `"code":"INVALID_REQUEST"`},
		{"an operation name that is no text", "POST", "/", `{"query":"{ name }","operationName":1}`, 422, "The parameter operationName is not text.", `"code":"INVALID_REQUEST"`},
		{"a document id that is no text", "POST", "/", `{"documentId":{}}`, 422, "The parameter documentId is not text.", `"code":"INVALID_REQUEST"`},
		{"variables that are a list", "POST", "/", `{"query":"{ name }","variables":["canary"]}`, 422, "The parameter variables is not an object.", `"code":"INVALID_REQUEST"`},
		{"extensions that are text", "POST", "/", `{"query":"{ name }","extensions":"canary"}`, 422, "The parameter extensions is not an object.", `"code":"INVALID_REQUEST"`},
		{"an empty list", "POST", "/", `[]`, 422, "The list has no operation.", `"code":"INVALID_REQUEST"`},
		{"a long list", "POST", "/", `[{},{},{}]`, 422, "The list has too many operations.", `"code":"BATCH_TOO_LARGE","limit":2,"value":3`},
		{"a list that is no JSON", "POST", "/", `[{},canary]`, 400, notOneValue, `"code":"INVALID_JSON"`},
		{"a method", "PUT", "/", `{"query":"{ name }"}`, 405, "Send operations with POST or GET.", `"code":"METHOD_NOT_ALLOWED"`},
		{"a mutation by GET", "GET", "/?query=mutation{rename}", "", 405, "Send mutations with POST.", `"code":"MUTATION_BY_GET"`},
		{"one of several by GET", "GET", "/?query=query+A{name}mutation+B{rename}&operationName=B", "", 405, "Send mutations with POST.", `"code":"MUTATION_BY_GET"`},
		{"a subscription", "POST", "/", `{"query":"subscription { renamed }"}`, 422, "Subscriptions are answered with Accept: text/event-stream, or over a WebSocket.", `"code":"SUBSCRIPTION_NEEDS_STREAM"`},
		{"nothing by GET", "GET", "/", "", 422, "The request has no query.", `"code":"INVALID_REQUEST"`},
		{"an empty query by GET", "GET", "/?query=", "", 422, "The request has no query.", `"code":"INVALID_REQUEST"`},
		{"a broken escape", "GET", "/?query=%7Bname%zz", "", 400, notEncoded, `"code":"INVALID_REQUEST"`},
		{"an address that is not UTF-8", "GET", "/?query=%ff", "", 400, notEncoded, `"code":"INVALID_REQUEST"`},
		{"a parameter twice by GET", "GET", "/?query={name}&query=canary", "", 422, "The query string has a parameter twice.", `"code":"INVALID_REQUEST"`},
		{"variables by GET that are a list", "GET", "/?query={name}&variables=[1]", "", 422, "The parameter variables is not an object.", `"code":"INVALID_REQUEST"`},
		{"more than an object of variables", "GET", "/?query={name}&variables={}{}", "", 400, "The parameter variables is not one JSON value in UTF-8.", `"code":"INVALID_JSON"`},
		{"extensions by GET that are no JSON", "GET", "/?query={name}&extensions=canary", "", 400, "The parameter extensions is not one JSON value in UTF-8.", `"code":"INVALID_JSON"`},
		{"a long address", "GET", "/?query=" + strings.Repeat("x", 55), "", 414, "The query string is too long. Send the operation with POST.", `"code":"URI_TOO_LONG","limit":60,"value":61`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// Go's client would escape such an address.
			got := send(t, server, test.method, strings.ReplaceAll(test.target, "{}{}", "%7B%7D%7B%7D"), test.body, http.Header{"Content-Type": {"application/json"}})
			want := `{"errors":[{"message":"` + test.message + `","extensions":{` + test.extensions + `}}]}`
			if got.Status != test.status || got.Body != want {
				t.Errorf("got status %d and %s, want %d and %s", got.Status, got.Body, test.status, want)
			}
			wantHeader := http.Header{
				"Content-Type": {"application/graphql-response+json; charset=utf-8"}, "Cache-Control": {"no-store"}, "Vary": {"Accept, Authorization"},
			}
			gotHeader := http.Header{"Content-Type": got.Header["Content-Type"], "Cache-Control": got.Header["Cache-Control"], "Vary": got.Header["Vary"]}
			if diff := cmp.Diff(wantHeader, gotHeader); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

// nested returns JSON that is nested depth levels deep.
func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// members returns n members of an object.
func members(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `,"a%d":1`, i)
	}
	return text.String()[1:]
}

// TestAsManyElementsAsThereMayBe: each parameter has its own, and so has each operation of a list.
func TestAsManyElementsAsThereMayBe(t *testing.T) {
	t.Parallel()
	server := newServerWith(t, graphqlhttp.Options{MaxBatch: 2}, ada)
	many := `{"query":"{ name }","variables":{` + members(10_000) + `},"extensions":{"a":[` + strings.Repeat("[[{}]],", 3_332) + `[[{}]]]},` + members(20_000) + `}`
	for body, want := range map[string]string{
		many:                          `{"data":{"name":"Ada"}}`,
		"[" + many + "," + many + "]": `[{"data":{"name":"Ada"}},{"data":{"name":"Ada"}}]`,
	} {
		if got := post(t, server, body); got.Body != want {
			t.Errorf("got %.200s, want %s", got.Body, want)
		}
	}
}

func TestAllowedMethods(t *testing.T) {
	t.Parallel()
	server := newServer(t, ada)
	tests := []struct {
		method, target string
		status         int
		want           string
	}{
		{"OPTIONS", "/", 200, "GET, HEAD, OPTIONS, POST"},
		{"DELETE", "/", 405, "GET, HEAD, OPTIONS, POST"},
		{"GET", "/?query=mutation{rename}", 405, "POST"},
		{"HEAD", "/?query=mutation{rename}", 405, "POST"},
	}
	for _, test := range tests {
		got := send(t, server, test.method, test.target, "", http.Header{"Accept": {"application/json"}})
		if got.Status != test.status || got.Header.Get("Allow") != test.want {
			t.Errorf("%s: got status %d and Allow %q, want %d and %q", test.method, got.Status, got.Header.Get("Allow"), test.status, test.want)
		}
	}
}

func TestTypesOfBodies(t *testing.T) {
	t.Parallel()
	server := newServer(t, ada)
	tests := map[string]int{
		"application/json":                   200,
		"Application/JSON":                   200,
		"application/json; charset=utf-8":    200,
		`application/json;charset="UTF-8"`:   200,
		"application/json; charset=utf-16":   415,
		"application/json; charset=latin1":   415,
		"application/json; charset":          415,
		"application/graphql+json":           415,
		"application/graphql":                415,
		"text/plain":                         415,
		"multipart/form-data; boundary=x":    415,
		"application/x-www-form-urlencoded":  415,
		"application/json, application/json": 415,
		"":                                   415,
	}
	for contentType, want := range tests {
		got := send(t, server, http.MethodPost, "/", `{"query":"{ name }"}`, http.Header{"Content-Type": {contentType}})
		if got.Status != want || want == 415 && !strings.Contains(got.Body, `"code":"UNSUPPORTED_MEDIA_TYPE"`) {
			t.Errorf("%q: got status %d and %s, want %d", contentType, got.Status, got.Body, want)
		}
	}
}

// TestBodiesThatCannotBeRead: whichever middleware limits them, the refusal is the same.
func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body   io.Reader
		status int
		want   string
	}{
		{http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(`{"query":"{ name }"}`)), 8), 413, `"code":"BODY_TOO_LARGE","limit":8`},
		{errReader{}, 400, `"code":"INVALID_REQUEST"`},
	}
	for _, test := range tests {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", test.body)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		newServer(t, ada).ServeHTTP(w, r)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("got status %d and %s, want %d and %s", w.Code, w.Body, test.status, test.want)
		}
	}
}

type errReader struct{}

// Read fails.
func (errReader) Read([]byte) (int, error) { return 0, errors.New("canary") }

// TestUnknownMembersAreIgnored: the draft reserves them for its own future.
func TestUnknownMembersAreIgnored(t *testing.T) {
	t.Parallel()
	server := newServer(t, ada)
	for _, got := range []answer{
		post(t, server, `{"future":{"a":[1,{"b":null}]},"query":"{ name }","id":1,"variables":null,"extensions":null,"operationName":null,"documentId":null}`),
		send(t, server, http.MethodGet, "/?future=1&query={name}&future=2&variables=&extensions=&operationName=", "", nil),
	} {
		if want := `{"data":{"name":"Ada"}}`; got.Body != want {
			t.Errorf("got %s, want %s", got.Body, want)
		}
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, opts := range []graphqlhttp.Options{{MaxBatch: -1}, {MaxQuery: -1}, {SchemaMaxAge: -1}} {
		if _, err := graphqlhttp.New(opts); err == nil {
			t.Errorf("%+v: got no error, want one", opts)
		}
	}
}
