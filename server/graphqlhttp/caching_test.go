package graphqlhttp_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

	"crmgraph/server/graphqlhttp"
)

func TestEntityTags(t *testing.T) {
	t.Parallel()
	const target = "/?query={name}"
	server := newServerWith(t, graphqlhttp.Options{Vary: []string{"X-Shape"}}, ada)
	ask := func(accept, ifNoneMatch string) answer {
		header := http.Header{"Accept": {accept}}
		if ifNoneMatch != "" {
			header.Set("If-None-Match", ifNoneMatch)
		}
		return send(t, server, http.MethodGet, target, "", header)
	}
	first := ask("*/*", "")
	tag := first.Header.Get("Etag")
	if again := ask("*/*", ""); tag == "" || tag != again.Header.Get("Etag") {
		t.Errorf("tags of one answer: got %q and %q, want one", tag, again.Header.Get("Etag"))
	}
	if other := ask("application/graphql-response+json", "").Header.Get("Etag"); other == tag {
		t.Errorf("tag in another media type: got %s too, want another", other)
	}
	for ifNoneMatch, want := range map[string]int{
		tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304,
		`"x"`: 200, tag[1 : len(tag)-1]: 200,
	} {
		got := ask("*/*", ifNoneMatch)
		if got.Status != want {
			t.Errorf("If-None-Match %s: got status %d, want %d", ifNoneMatch, got.Status, want)
		}
		// RFC 9110, section 15.4.5: what a 200 says of caching, and nothing of a body.
		wantHeader := first.Header.Clone()
		if want == http.StatusNotModified {
			wantHeader.Del("Content-Type")
			wantHeader.Del("Content-Length")
		}
		if diff := cmp.Diff(wantHeader, got.Header); diff != "" {
			t.Errorf("If-None-Match %s: header (-want +got):\n%s", ifNoneMatch, diff)
		}
	}
	if got, want := first.Header.Get("Vary"), "Accept, Authorization, X-Shape"; got != want {
		t.Errorf("Vary: got %q, want %q", got, want)
	}
}

// TestHeadIsGetWithoutABody: RFC 9110, section 9.3.2.
func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	server := newServer(t, ada)
	for _, target := range []string{"/?query={name}", "/?query={", "/", "/?query=mutation{rename}"} {
		get, head := send(t, server, http.MethodGet, target, "", nil), send(t, server, http.MethodHead, target, "", nil)
		if get.Status != head.Status || head.Body != "" {
			t.Errorf("%s: got status %d and %q, want %d and no body", target, head.Status, head.Body, get.Status)
		}
		if diff := cmp.Diff(get.Header, head.Header); diff != "" {
			t.Errorf("%s: header (-GET +HEAD):\n%s", target, diff)
		}
		if got, want := head.Header.Get("Content-Length"), strconv.Itoa(len(get.Body)); got != want {
			t.Errorf("%s: Content-Length %s, want %s", target, got, want)
		}
	}
}

// What is about the schema alone is the same for everybody; nothing else is.
func TestWhatAnybodyMayKeep(t *testing.T) {
	t.Parallel()
	const public, none = "public, max-age=60", "no-store"
	tests := []struct {
		method, query string
		maxAge        time.Duration
		extensions    map[string]any
		want          string
	}{
		{"GET", "{__typename}", time.Minute, nil, public},
		{"GET", "{__schema{queryType{name}}t:__type(name:%22Query%22){name}}", time.Minute, nil, public},
		{"GET", "query{...F}fragment+F+on+Query{__typename}", time.Minute, nil, public},
		{"GET", "{__typename}", 0, nil, none},
		{"GET", "{__typename+name}", time.Minute, nil, none},
		{"GET", "{name}", time.Minute, nil, none},
		{"GET", "{__typename}", time.Minute, map[string]any{"cost": 1}, none},
		{"GET", "{__typename", time.Minute, nil, none},
		{"POST", "{__typename}", time.Minute, nil, none},
	}
	for _, test := range tests {
		server := newServerWith(t, graphqlhttp.Options{SchemaMaxAge: test.maxAge}, ada)
		server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
			response := next(ctx)
			response.Extensions = test.extensions
			return response
		})
		got := send(t, server, test.method, "/?query="+test.query, `{"query":"`+test.query+`"}`, http.Header{"Content-Type": {"application/json"}})
		if got := got.Header.Get("Cache-Control"); got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.method, test.query, got, test.want)
		}
	}
}
