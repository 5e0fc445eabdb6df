package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStraightToTheAPI: a request gets what a multiplexer alone answers, whatever it calls the API.
func TestStraightToTheAPI(t *testing.T) {
	t.Parallel()
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "api "+r.Method) })
	mux := http.NewServeMux()
	mux.Handle(apiPath, api)
	mux.HandleFunc("/", http.NotFound)
	for _, target := range []string{
		"/graphql", "/graphql?query={a}", "/%67raphql", "/graphq%6c", "//graphql", "/./graphql", "/graphql/", "/graphql%2F", "/graphqls", "/", "http://x/graphql",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions, http.MethodPut} {
			got, want := httptest.NewRecorder(), httptest.NewRecorder()
			mux.ServeHTTP(want, httptest.NewRequestWithContext(t.Context(), method, target, nil))
			straightTo(api, mux).ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), method, target, nil))
			if diff := cmp.Diff(want.Result().Header, got.Result().Header); diff != "" || got.Code != want.Code || got.Body.String() != want.Body.String() {
				t.Errorf("%s %s: got %d %q, want %d %q; header (-want +got):\n%s", method, target, got.Code, got.Body, want.Code, want.Body, diff)
			}
		}
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	var ready atomic.Bool
	handler := readiness(&ready, &upstreams{})
	tests := []struct {
		name  string
		ready bool
		want  reply
	}{
		{"before the start", false, reply{http.StatusServiceUnavailable, "not ready\n"}},
		{"running", true, reply{http.StatusOK, "ready\nproportal: not configured\nsolos: not configured\n"}},
		{"draining", false, reply{http.StatusServiceUnavailable, "not ready\n"}},
	}
	for _, test := range tests {
		ready.Store(test.ready)
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		if diff := cmp.Diff(test.want, reply{rec.Code, rec.Body.String()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
