package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
