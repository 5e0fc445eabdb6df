package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestRefusedOperationsCount: what is refused before anybody asks who sent it is one of the client's
// operations all the same, however many come in one request or over one connection.
func TestRefusedOperationsCount(t *testing.T) {
	t.Parallel()
	const limit = 3
	tests := map[string]string{
		"a document that is wrong":       `{"query":"{ nobody }"}`,
		"a document that does not parse": `{"query":"{"}`,
		"a hash of nothing":              `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + strings.Repeat("0", 64) + `"}}}`,
		"a question about the schema":    `{"query":"{ __schema { types { name } } }"}`,
		"nobody's":                       `{"query":"{ viewer { id } }"}`,
	}
	for name, operation := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := startForTest(t, nil, "--rate-client-requests=3", "--rate-window=1h", "--no-introspection")
			socket := dialSocket(t, i, nil)
			tell(t, socket, `{"type":"connection_init"}`)
			hear(t, socket)
			for n := 1; n <= limit+1; n++ {
				tell(t, socket, `{"type":"subscribe","id":"1","payload":`+operation+`}`)
				_, text, err := socket.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got, want := strings.Contains(string(text), "RATE_LIMIT_EXCEEDED"), n > limit; got != want {
					t.Errorf("over a WebSocket, operation %d of %d: got %s, want it refused for the rate: %t", n, limit, text, want)
				}
			}

			other := startForTest(t, nil, "--rate-client-requests=3", "--rate-window=1h", "--no-introspection")
			list := "[" + strings.Repeat(operation+",", limit) + operation + "]"
			got, _ := do(t, http.MethodPost, other.url+"/graphql", list, http.Header{"Content-Type": {"application/json"}})
			if n := strings.Count(got.Body, "RATE_LIMIT_EXCEEDED"); n != 1 {
				t.Errorf("in a list: got %d refused for the rate, want 1, in %s", n, got.Body)
			}
		})
	}
}
