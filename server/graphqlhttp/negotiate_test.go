package graphqlhttp_test

import (
	"testing"

	"crmgraph/server/graphqlhttp"
)

// The rules are those of RFC 9110, section 12.5.1.
func TestNegotiate(t *testing.T) {
	t.Parallel()
	const (
		plain   = "application/json"
		graphQL = "application/graphql-response+json"
	)
	tests := []struct {
		accept []string
		want   string
	}{
		{nil, plain},
		{[]string{""}, plain},
		{[]string{"*/*"}, plain},
		{[]string{"application/*"}, plain},
		{[]string{"APPLICATION/JSON"}, plain},
		{[]string{graphQL}, graphQL},
		{[]string{graphQL + ", application/json;q=0.9"}, graphQL},
		{[]string{"application/json;q=0.9", graphQL}, graphQL},
		{[]string{"application/json ; q=0.9 , application/graphql-response+json ; Q=0.8"}, plain},
		{[]string{"application/graphql-response+json;q=0, */*"}, plain},
		{[]string{"application/json;q=0, */*"}, graphQL},
		{[]string{"application/json;q=0.5, */*"}, graphQL},
		{[]string{"*/*, " + graphQL}, graphQL},              // as much, but named
		{[]string{plain + ", " + graphQL}, plain},           // as much, and first
		{[]string{"text/html, */*;q=0.1"}, plain},           // browsers
		{[]string{"application/*;q=0.2, */*;q=0.9"}, plain}, // the more exact range holds for both
		{[]string{"application/json; charset=utf-8"}, plain},
		{[]string{`application/json; charset="UTF-8"`}, plain},
		{[]string{"application/json; charset=utf-16, application/graphql-response+json;q=0.1"}, graphQL},
		{[]string{`text/x; a="b, application/json"`}, ""},
		{[]string{"application/json; charset=utf-16"}, ""},
		{[]string{"text/html"}, ""},
		{[]string{"application/json;q=0"}, ""},
		{[]string{"*/*;q=0.000"}, ""},
		{[]string{"application/json;q=2"}, ""},
		{[]string{"application/json;q=nan"}, ""},
		{[]string{"application/jsonp, application"}, ""},
		{[]string{"canary"}, ""},
	}
	for _, test := range tests {
		if got := graphqlhttp.Negotiate(test.accept, plain, graphQL); got != test.want {
			t.Errorf("Accept %q: got %q, want %q", test.accept, got, test.want)
		}
	}
}
