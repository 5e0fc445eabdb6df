package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"crmgraph/upstream/sandbox"
)

const (
	workspace = "/api/crm/workspace/"
	projects  = "/backend/public/projects"
)

// response is an answer read to its end.
type response struct {
	status int
	header http.Header
	body   []byte
}

func start(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(o)
	if err != nil {
		t.Fatalf("Start(%+v): %v", o, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func newRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// send makes a request on a connection of its own and reads the answer to its end.
func send(t *testing.T, r *http.Request) response {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: read the answer: %v", r.Method, r.URL, err)
	}
	return response{status: res.StatusCode, header: res.Header, body: body}
}

// portalRequest asks ProPortal as a manager.
func portalRequest(t *testing.T, s *sandbox.Sandbox, managerID int64, path string) *http.Request {
	t.Helper()
	r := newRequest(t, http.MethodGet, s.ProPortalURL()+path, "")
	r.Header.Set("Authorization", "Bearer "+s.Token(managerID))
	return r
}

// solosRequest asks solOS as the company.
func solosRequest(t *testing.T, s *sandbox.Sandbox, method, path, body string) *http.Request {
	t.Helper()
	r := newRequest(t, method, s.SolosURL()+path, body)
	r.Header.Set("X-Crypto-Token", s.SolosToken())
	r.Header.Set("X-Crypto-Secret", s.SolosSecret())
	return r
}

// portal returns ProPortal's answer to the first manager; anything but 200 fails the test.
func portal(t *testing.T, s *sandbox.Sandbox, path string) any {
	t.Helper()
	return decode(t, send(t, portalRequest(t, s, s.ManagerIDs()[0], path)))
}

// solos returns solOS's answer; anything but 200 fails the test.
func solos(t *testing.T, s *sandbox.Sandbox, path string) any {
	t.Helper()
	return decode(t, send(t, solosRequest(t, s, http.MethodGet, path, "")))
}

// decode reads JSON with the numbers as they are spelled.
func decode(t *testing.T, r response) any {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("status %d, want 200: %s", r.status, r.body)
	}
	return decodeText(t, r.body)
}

func decodeText(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("decode %.200s: %v", text, err)
	}
	return value
}

type object = map[string]any

// listOf returns the objects of a bare list or of the one below "data" or "payload".
func listOf(t *testing.T, value any) []object {
	t.Helper()
	if o, ok := value.(object); ok {
		if value = o["data"]; value == nil {
			value = o["payload"]
		}
	}
	list, ok := value.([]any)
	if !ok {
		t.Fatalf("no list: %v", value)
	}
	objects := []object{}
	for _, item := range list {
		o, ok := item.(object)
		if !ok {
			t.Fatalf("no object in the list: %v", item)
		}
		objects = append(objects, o)
	}
	return objects
}

// one returns the object of a list whose id, under any of the names, is as given.
func one(t *testing.T, list []object, id string, names ...string) object {
	t.Helper()
	for _, o := range list {
		for _, name := range names {
			if n, ok := o[name].(json.Number); ok && n.String() == id {
				return o
			}
		}
	}
	t.Fatalf("no object %s among %d", id, len(list))
	return nil
}

// integer reads a number in any of PHP's spellings; nil is null.
func integer(t *testing.T, value any) *int64 {
	t.Helper()
	var text string
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		text = value
	case json.Number:
		text = strings.TrimSuffix(value.String(), ".0")
	default:
		t.Fatalf("no number: %#v", value)
	}
	n, err := json.Number(text).Int64()
	if err != nil {
		t.Fatalf("no whole number: %v", err)
	}
	return &n
}

// integers reads one field of all objects.
func integers(t *testing.T, list []object, field string) []int64 {
	t.Helper()
	numbers := []int64{}
	for _, o := range list {
		n := integer(t, o[field])
		if n == nil {
			t.Fatalf("%s is null in %v", field, o)
		}
		numbers = append(numbers, *n)
	}
	return numbers
}
