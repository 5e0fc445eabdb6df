package sandbox_test

import (
	"encoding/json"
	"net/http"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

func TestControlEndpoints(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	control := func(method, path, body string) response {
		// Below the host, not below the base path.
		url := s.ProPortalURL()[:len(s.ProPortalURL())-len("/proportal")] + "/__sandbox/" + path
		return send(t, newRequest(t, method, url, body))
	}

	var token struct{ Token string }
	if err := json.Unmarshal(control("GET", "token?manager=2", "").body, &token); err != nil {
		t.Fatal(err)
	}
	ask := newRequest(t, http.MethodGet, s.ProPortalURL()+workspace+"groups", "")
	ask.Header.Set("Authorization", "Bearer "+token.Token)
	if got := send(t, ask); got.status != http.StatusOK {
		t.Errorf("the token is refused with %d", got.status)
	}
	if got := control("GET", "token?manager=99", ""); got.status != http.StatusNotFound {
		t.Errorf("token of nobody: got %d, want 404", got.status)
	}

	if diff := gocmp.Diff(any(object{"proportal.groups": json.Number("1")}), decode(t, control("GET", "calls", ""))); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	requests := listOf(t, decode(t, control("GET", "requests", "")))
	if len(requests) != 1 || requests[0]["path"] != "/proportal"+workspace+"groups" {
		t.Errorf("requests: got %v, want the one for groups", requests)
	}

	order := `{"target":"proportal.groups","kind":"status","status":503,"retryAfter":"3s","times":1}`
	if got := control("POST", "faults", order); got.status != http.StatusNoContent {
		t.Fatalf("faults: got %d %s, want 204", got.status, got.body)
	}
	if got := send(t, portalRequest(t, s, 2, workspace+"groups")); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "3" {
		t.Errorf("after the fault was set: got %d, Retry-After %q", got.status, got.header.Get("Retry-After"))
	}
	for _, body := range []string{`{`, `{"target":"nobody","kind":"hang"}`, `{"target":"*","kind":"hang","color":"red"}`, `{"target":"*","kind":"slow-body","delay":5}`} {
		if got := control("POST", "faults", body); got.status != http.StatusBadRequest {
			t.Errorf("faults %s: got %d, want 400", body, got.status)
		}
	}

	if got := control("POST", "reset", ""); got.status != http.StatusNoContent {
		t.Errorf("reset: got %d, want 204", got.status)
	}
	for path, want := range map[string]string{"calls": "{}", "requests": "[]"} {
		if got := control("GET", path, ""); string(got.body) != want {
			t.Errorf("%s after the reset: got %s, want %s", path, got.body, want)
		}
	}
}
