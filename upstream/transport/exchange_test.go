package transport_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// room is the memory of one body.
type room []byte

func (r *room) Make(n int) []byte {
	*r = make([]byte, n)
	return *r
}

// Whatever the server speaks, Exchange gives its answer.
func TestExchange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tls, http2 bool
		want       string
		atOnce     bool
	}{
		"HTTP/1.1":          {want: "HTTP/1.1 POST hello", atOnce: true},
		"HTTP/1.1 over TLS": {tls: true, want: "HTTP/1.1 POST hello", atOnce: true},
		"HTTP/2":            {tls: true, http2: true, want: "HTTP/2.0 POST hello"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crm := newCRM(t)
			crm.EnableHTTP2 = test.http2
			if test.tls {
				crm.StartTLS()
			} else {
				crm.Start()
			}
			tr := crm.trusting(t, nil)
			for range 3 {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, crm.URL, strings.NewReader("hello"))
				if err != nil {
					t.Fatal(err)
				}
				var memory room
				resp, err := tr.Exchange(req, &memory, 1000)
				if err != nil {
					t.Fatal(err)
				}
				if got := resp == nil; got != test.atOnce {
					t.Errorf("read at once: got %t, want %t", got, test.atOnce)
				}
				if resp != nil {
					if memory, err = io.ReadAll(resp.Body); err != nil {
						t.Fatal(err)
					}
					_ = resp.Body.Close()
				}
				if got := string(memory); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
		})
	}
}
