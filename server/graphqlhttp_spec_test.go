package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// The media types of the draft, "Serialization Format", "Media Types".
const (
	responseJSON = "application/graphql-response+json; charset=utf-8"
	plainJSON    = "application/json; charset=utf-8"
	// conforming is the Accept header that the draft asks of clients ("Request", "Accept").
	conforming = "application/graphql-response+json, application/json;q=0.9"
	legacy     = "application/json"
)

// exchange is a request, and what the draft of GraphQL over HTTP of August 2026 has it
// answered with.
type exchange struct {
	section     string // that says so
	name        string
	method      string // "" for POST
	query       string // the query string of the address
	body        string
	accept      string
	contentType string // "" for application/json, "-" for none
	status      int
	answered    string // media type, with its encoding
	data        bool   // the response has an entry for it
}

// TestGraphQLOverHTTP has the whole program asked over real HTTP.
func TestGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	i := startForTest(t, []string{"CRMGRAPH_SANDBOX_FAULT=solos.projects=status:500"}, "--request-max-body=2KiB")
	authorization := pageHeaders(t, fetch(t, i.url+"/").Body).Get("Authorization")
	for _, test := range draftExchanges() {
		t.Run(test.name+" as "+test.accept, func(t *testing.T) {
			t.Parallel()
			got, header := test.send(t, i, authorization)
			if got.Status != test.status || header.Get("Content-Type") != test.answered {
				t.Errorf("%s: got status %d and %q, want %d and %q", test.section, got.Status, header.Get("Content-Type"), test.status, test.answered)
			}
			if test.method == http.MethodHead || test.method == http.MethodOptions {
				return
			}
			var response map[string]json.RawMessage
			if err := json.Unmarshal([]byte(got.Body), &response); err != nil {
				t.Fatalf("%s: got %s, want a response: %v", test.section, got.Body, err)
			}
			if _, hasData := response["data"]; hasData != test.data {
				t.Errorf("%s: got %s, want data: %v", test.section, got.Body, test.data)
			}
		})
	}
}

func (e exchange) send(t *testing.T, i *instance, authorization string) (reply, http.Header) {
	t.Helper()
	header := http.Header{"Authorization": {authorization}}
	if e.accept != "" {
		header.Set("Accept", e.accept)
	}
	method := http.MethodPost
	if e.method != "" {
		method = e.method
	}
	switch e.contentType {
	case "":
		header.Set("Content-Type", "application/json")
	case "-":
	default:
		header.Set("Content-Type", e.contentType)
	}
	return do(t, method, i.url+"/graphql"+e.query, e.body, header)
}

// draftExchanges are at least one for each status of the draft.
func draftExchanges() []exchange {
	const (
		media      = "Serialization Format, Media Types"
		parameters = "Request, Request Parameters"
		get        = "Request, GET"
		post       = "Request, POST"
		encoding   = "Request, POST, JSON Encoding"
		body       = "Response, Body"
		statuses   = "Response, Status Codes"

		typename = `{"query":"{ __typename }"}`
		partial  = `{"query":"{ viewer { id } projects { totalCount } }"}`
		coercion = `{"query":"query ($id: ID!) { customer(id: $id) { name } }","variables":{"id":null}}`
	)
	byGet := func(pairs ...string) string {
		query := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			query.Set(pairs[i], pairs[i+1])
		}
		return "?" + query.Encode()
	}
	return []exchange{
		// What is accepted.
		{section: body, name: "data", body: typename, accept: conforming, status: 200, answered: responseJSON, data: true},
		{section: body, name: "data", body: typename, accept: legacy, status: 200, answered: plainJSON, data: true},
		{section: "Request, Accept", name: "data", body: typename, status: 200, answered: plainJSON, data: true},
		{section: body, name: "data by weights", body: typename, accept: "application/graphql-response+json;q=0.1, application/json;q=0.2", status: 200, answered: plainJSON, data: true},
		{section: body, name: "data", body: typename, accept: "text/html, */*;q=0.1", status: 200, answered: plainJSON, data: true},
		{section: media, name: "an encoding", body: typename, accept: "application/graphql-response+json; charset=utf-8", contentType: "application/json; charset=utf-8", status: 200, answered: responseJSON, data: true},
		{section: encoding, name: "a property of the future", body: `{"query":"{ __typename }","future":1}`, accept: conforming, status: 200, answered: responseJSON, data: true},
		{section: encoding, name: "null for nothing", body: `{"query":"{ __typename }","operationName":null,"variables":null,"extensions":null}`, accept: conforming, status: 200, answered: responseJSON, data: true},
		{section: get, name: "a query by GET", method: "GET", query: byGet("query", "query Q($n: String!) { __type(name: $n) { name } }", "variables", `{"n":"Query"}`, "operationName", "Q"), accept: conforming, contentType: "-", status: 200, answered: responseJSON, data: true},
		{section: get, name: "empty for nothing", method: "GET", query: byGet("query", "{ __typename }", "variables", "", "operationName", "", "extensions", ""), accept: conforming, contentType: "-", status: 200, answered: responseJSON, data: true},
		{section: get, name: "an operation called null", method: "GET", query: byGet("query", "query null { __typename } query other { __typename }", "operationName", "null"), accept: conforming, contentType: "-", status: 200, answered: responseJSON, data: true},
		{section: "RFC 9110, HEAD", name: "a query by HEAD", method: "HEAD", query: byGet("query", "{ __typename }"), accept: conforming, contentType: "-", status: 200, answered: responseJSON},
		{section: "RFC 9110, OPTIONS", name: "the options", method: "OPTIONS", contentType: "-", status: 200},

		// Data with errors.
		{section: statuses, name: "a partial answer", body: partial, accept: conforming, status: 294, answered: responseJSON, data: true},
		{section: "Non-normative notes, Partial success", name: "a partial answer", body: partial, accept: legacy, status: 200, answered: plainJSON, data: true},

		// No data. A legacy client is told the same, but that its document is wrong: the audits of
		// graphql-http have 200 for that, and 400 for variables where the draft has 422.
		{section: statuses, name: "a mutation by GET", method: "GET", query: byGet("query", "mutation { login { token } }"), accept: conforming, contentType: "-", status: 405, answered: responseJSON},
		{section: statuses, name: "another method", method: "PUT", body: typename, accept: conforming, status: 405, answered: responseJSON},
		{section: statuses, name: "a form", body: "query={__typename}", accept: conforming, contentType: "application/x-www-form-urlencoded", status: 415, answered: responseJSON},
		{section: post, name: "no content type", body: typename, accept: conforming, contentType: "-", status: 415, answered: responseJSON},
		{section: statuses, name: "another encoding", body: typename, accept: conforming, contentType: "application/json; charset=utf-16", status: 415, answered: responseJSON},
		{section: statuses, name: "another encoding, for a stream", body: typename, accept: "text/event-stream, " + conforming, contentType: "application/json; charset=utf-16", status: 415, answered: responseJSON},
		{section: statuses, name: "nothing that is acceptable", body: typename, accept: "text/html", status: 406, answered: responseJSON},
		{section: statuses, name: "nothing that is acceptable by GET", method: "GET", query: byGet("query", "{ __typename }"), accept: "application/json;q=0", contentType: "-", status: 406, answered: responseJSON},
		{section: statuses, name: "a long address", method: "GET", query: byGet("query", strings.Repeat(" ", 9<<10)), accept: conforming, contentType: "-", status: 414, answered: responseJSON},
		{section: statuses, name: "a large body", body: strings.Repeat(" ", 3<<10), accept: conforming, status: 413, answered: responseJSON},
		{section: statuses, name: "a large body", body: strings.Repeat(" ", 3<<10), accept: legacy, status: 413, answered: responseJSON},
		{section: statuses + ", JSON parsing failure", name: "nonsense", body: `NONSENSE`, accept: conforming, status: 400, answered: responseJSON},
		{section: statuses + ", JSON parsing failure", name: "half of a body", body: `{"query":`, accept: legacy, status: 400, answered: responseJSON},
		{section: parameters, name: "a wrong type", body: `{"query":["{ __typename }"]}`, accept: conforming, status: 422, answered: responseJSON},
		{section: statuses + ", Invalid parameters", name: "a typo", body: `{"qeury":"{__typename}"}`, accept: conforming, status: 422, answered: responseJSON},
		{section: statuses + ", Invalid parameters", name: "variables that are a list", body: `{"query":"query Q ($i:Int!) { q(i: $i) }","variables":[7]}`, accept: legacy, status: 422, answered: responseJSON},
		{section: statuses + ", Document parsing failure", name: "half of a document", body: `{"query":"{"}`, accept: conforming, status: 400, answered: responseJSON},
		{section: statuses + ", Document parsing failure", name: "half of a document", body: `{"query":"{"}`, accept: legacy, status: 200, answered: plainJSON},
		{section: statuses + ", Document validation failure", name: "an unknown field", body: `{"query":"{ nothing }"}`, accept: conforming, status: 422, answered: responseJSON},
		{section: statuses + ", Document validation failure", name: "an unknown field", body: `{"query":"{ nothing }"}`, accept: legacy, status: 200, answered: plainJSON},
		{section: statuses + ", Operation cannot be determined", name: "one of two", body: `{"query":"query A { __typename } query B { __typename }"}`, accept: conforming, status: 422, answered: responseJSON},
		{section: statuses + ", Operation cannot be determined", name: "an unknown operation", body: `{"query":"query A { __typename }","operationName":"B"}`, accept: conforming, status: 422, answered: responseJSON},
		{section: statuses + ", Variable coercion failure", name: "null for an id", body: coercion, accept: conforming, status: 400, answered: responseJSON},
		{section: statuses + ", Variable coercion failure", name: "null for an id without use", body: `{"query":"query Q($id: ID!) { __typename }","variables":{"id":null}}`, accept: conforming, status: 400, answered: responseJSON},
		{section: statuses + ", Variable coercion failure", name: "null for an id", body: coercion, accept: legacy, status: 200, answered: plainJSON},
	}
}

// TestWhoIsNotSignedIn: the draft's "Status Codes" wants 401 of a request that its client may
// not make.
func TestWhoIsNotSignedIn(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	got, header := do(t, http.MethodPost, i.url+"/graphql", `{"query":"{ viewer { id } }"}`, queryHeader(""))
	if got.Status != http.StatusUnauthorized || header.Get("Www-Authenticate") != "Bearer" || strings.Contains(got.Body, `"data"`) {
		t.Errorf("got %v and %v, want 401, a challenge, and no data", got, header)
	}
}

// TestKeptByBrowsers: what a viewer got is that viewer's, until the first of its parts is stale.
func TestKeptByBrowsers(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	header := http.Header{"Authorization": {pageHeaders(t, fetch(t, i.url+"/").Body).Get("Authorization")}}
	target := i.url + "/graphql?query=" + url.QueryEscape("{ group(id: 129) { name } }")
	first, firstHeader := do(t, http.MethodGet, target, "", header)
	if got := firstHeader.Get("Cache-Control"); first.Status != http.StatusOK || got != "private, max-age=60" {
		t.Errorf("got status %d and Cache-Control %q, want 200 and private, max-age=60", first.Status, got)
	}
	header.Set("If-None-Match", firstHeader.Get("Etag"))
	again, againHeader := do(t, http.MethodGet, target, "", header)
	if diff := cmp.Diff(reply{http.StatusNotModified, ""}, again); diff != "" {
		t.Errorf("asked whether it has changed (-want +got):\n%s", diff)
	}
	for _, name := range []string{"Etag", "Vary", "Cache-Control"} {
		if got, want := againHeader.Get(name), firstHeader.Get(name); got != want || want == "" {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestBatchesAskOnce: ten operations that ask the same of a CRM make the calls of one.
func TestBatchesAskOnce(t *testing.T) {
	t.Parallel()
	g := newKeepingGateway(t, sandbox.Options{})
	g.crms.Reset()
	one := `{"query":"{ group(id: 129) { name } }"}`
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, newRequest(t, "["+strings.Repeat(one+",", 9)+one+"]", g.authorization))
	if got, want := strings.Count(w.Body.String(), `{"data":{"group":{"name":`), 10; got != want {
		t.Errorf("responses: got %d in %s, want %d", got, w.Body, want)
	}
	if diff := cmp.Diff(map[string]int{"proportal.group": 1}, g.crms.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestDeferInOneResponse: a client that takes one response gets all of it.
func TestDeferInOneResponse(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	authorization := pageHeaders(t, fetch(t, i.url+"/").Body).Get("Authorization")
	got := postQuery(t, i, `{"query":"{ viewer { id } ...F @defer } fragment F on Query { group(id: 129) { ... @defer { valuation } } }"}`, authorization)
	want := reply{http.StatusOK, `{"data":{"viewer":{"id":"2"},"group":{"valuation":10}}}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}
