package upstream

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/jsonread"
)

func newTestCaller(t *testing.T, opts CallerOptions, handler http.HandlerFunc) *Caller {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	if opts.Transport == nil {
		// Of its own: a test server that closes gives up the idle connections of the default one.
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		opts.Transport = transport
	}
	caller, err := NewCaller(server.URL+"/base/", opts)
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

func answer(t *testing.T, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		if _, err := io.WriteString(w, body); err != nil {
			t.Error(err)
		}
	}
}

func skip(d *jsonread.Decoder) error { return d.Skip() }

// do gets an answer of which only the reading counts.
func do(ctx context.Context, c *Caller, req *Request, read func(*jsonread.Decoder) error) error {
	_, err := Get(ctx, c, req, func(d *jsonread.Decoder) (struct{}, error) { return struct{}{}, read(d) })
	return err
}

// outcome is what the tests expect of an *Error.
type outcome struct {
	Kind       Kind
	Status     int
	RetryAfter time.Duration
	Field      string
	Text       string
}

func outcomeOf(t *testing.T, err error) outcome {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v (%T), want an *Error", err, err)
	}
	if e.Call != testCall {
		t.Errorf("got call %+v, want %+v", e.Call, testCall)
	}
	return outcome{e.Kind, e.Status, e.RetryAfter, e.Field, e.Error()}
}

func TestDoSends(t *testing.T) {
	t.Parallel()
	type sent struct {
		Method, URI, Body string
		Header            http.Header
	}
	tests := []struct {
		name string
		req  *Request
		want sent
	}{
		{
			"bare",
			&Request{Call: &testCall},
			sent{Method: "GET", URI: "/base/api/tasks", Header: http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}}},
		},
		{"id, query and header", &Request{
			Call: &Call{Service: ProPortal, Operation: "task", Method: "GET", Path: "api/tasks/{id}/steps"},
			ID:   "5", Query: "a=%D0%B0&b=1", Header: NewHeader(http.Header{"X-One": {"1"}}),
		}, sent{
			Method: "GET", URI: "/base/api/tasks/5/steps?a=%D0%B0&b=1",
			Header: http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "X-One": {"1"}},
		}},
		{
			"id with more than digits",
			&Request{Call: &Call{Service: ProPortal, Operation: "task", Method: "GET", Path: "api/tasks/{id}"}, ID: "5/6 ё?"},
			sent{Method: "GET", URI: "/base/api/tasks/5%2F6%20%D1%91%3F", Header: http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}}},
		},
		{
			"body",
			&Request{Call: &Call{Service: Solos, Operation: "filter", Method: "POST", Path: "filter"}, Body: []byte(`{"a":1}`)},
			sent{Method: "POST", URI: "/base/filter", Body: `{"a":1}`, Header: http.Header{
				"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Content-Type": {"application/json"}, "Content-Length": {"7"},
			}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []sent
			caller := newTestCaller(t, CallerOptions{}, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				r.Header.Del("User-Agent")
				got = append(got, sent{r.Method, r.URL.RequestURI(), string(body), r.Header})
				answer(t, 200, `{}`)(w, r)
			})
			for range 2 { // the first leaves the request as it was
				if err := do(t.Context(), caller, test.req, skip); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]sent{test.want, test.want}, got); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBaseURLKeepsItsEscapes(t *testing.T) {
	t.Parallel()
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.RequestURI()
		answer(t, 200, `{}`)(w, r)
	}))
	t.Cleanup(server.Close)
	caller, err := NewCaller(server.URL+"/a%2Fb", CallerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := do(t.Context(), caller, &Request{Call: &testCall}, skip); err != nil {
		t.Fatal(err)
	}
	if want := "/a%2Fb/api/tasks"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDoDecodes(t *testing.T) {
	t.Parallel()
	const notJSON = "proportal.tasks: malformed answer (status 200): the answer is not the expected JSON"
	const trailing = "proportal.tasks: malformed answer (status 200): text after the end of the JSON"
	tests := []struct {
		name   string
		body   string
		decode func(*jsonread.Decoder) error
		want   outcome // of Kind "" for success
	}{
		{"object", ` {"a":1} ` + "\n", skip, outcome{}},
		{"byte order mark", "\ufeff{}", skip, outcome{}},
		{"empty", ``, skip, outcome{Kind: Malformed, Status: 200, Text: notJSON}},
		{"HTML", `<html>secret</html>`, skip, outcome{Kind: Malformed, Status: 200, Text: notJSON}},
		{"cut off", `{"secret":`, skip, outcome{Kind: Malformed, Status: 200, Text: notJSON}},
		{"two values", `{} {}`, skip, outcome{Kind: Malformed, Status: 200, Text: trailing}},
		{"text after the end", `{}<br />`, skip, outcome{Kind: Malformed, Status: 200, Text: trailing}},
		{"open text after the end", `{} "cut`, skip, outcome{Kind: Malformed, Status: 200, Text: trailing}},
		{"open object after the end", `{} {`, skip, outcome{Kind: Malformed, Status: 200, Text: trailing}},
		{"open member after the end", `{} {"":`, skip, outcome{Kind: Malformed, Status: 200, Text: trailing}},
		{"half a word after the end", `{} nul`, skip, outcome{Kind: Malformed, Status: 200, Text: trailing}},
		{
			"not UTF-8", "{\"a\":\"\xcf\xf0\xe8\"}", skip,
			outcome{Kind: Malformed, Status: 200, Text: "proportal.tasks: malformed answer (status 200): the answer is not UTF-8"},
		},
		{
			"kind of the decoder", `[]`, func(*jsonread.Decoder) error { return AtField("data", NotFound) },
			outcome{Kind: NotFound, Status: 200, Text: "proportal.tasks: not found (status 200)"},
		},
		{
			"field of the decoder", `[]`, func(*jsonread.Decoder) error { return AtIndex(3, AtField("id", Unreadable("missing"))) },
			outcome{Kind: Malformed, Status: 200, Field: "[3].id", Text: "proportal.tasks: malformed answer (status 200): field [3].id: missing"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := do(t.Context(), newTestCaller(t, CallerOptions{}, answer(t, 200, test.body)), &Request{Call: &testCall}, test.decode)
			if test.want.Kind == "" {
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
				return
			}
			if diff := cmp.Diff(test.want, outcomeOf(t, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDoRefused(t *testing.T) {
	t.Parallel()
	want := map[int]Kind{
		301: Malformed, 304: Malformed, 400: Invalid, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 405: Invalid, 408: Timeout,
		410: NotFound, 422: Invalid, 429: RateLimited, 500: Unavailable, 502: Unavailable, 503: Unavailable, 504: Unavailable,
	}
	for status, kind := range want {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			caller := newTestCaller(t, CallerOptions{}, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				// The caller may hang up before the end of so long a page.
				_, _ = io.WriteString(w, strings.Repeat("secret ", 10_000))
			})
			err := do(t.Context(), caller, &Request{Call: &testCall}, skip)
			if got := outcomeOf(t, err); got.Kind != kind || got.Status != status || strings.Contains(got.Text, "secret") {
				t.Errorf("got %+v, want %s with status %d", got, kind, status)
			}
		})
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	req := &Request{Call: &testCall, Classify: func(status int, body []byte) Kind {
		if status != 500 || string(body) != `["token_expired"]` {
			t.Errorf("got %d %s", status, body)
		}
		return Unauthenticated
	}}
	err := do(t.Context(), newTestCaller(t, CallerOptions{}, answer(t, 500, `["token_expired"]`)), req, skip)
	want := outcome{Kind: Unauthenticated, Status: 500, Text: "proportal.tasks: unauthenticated (status 500)"}
	if diff := cmp.Diff(want, outcomeOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.September, 1, 9, 0, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"":                              0,
		"30":                            30 * time.Second,
		"0":                             0,
		"-5":                            0,
		"soon":                          0,
		"86401":                         24 * time.Hour,
		"9999999999999":                 24 * time.Hour,
		"99999999999999999999":          0,
		"Tue, 01 Sep 2026 09:01:30 GMT": 90 * time.Second,
		"Tue, 01 Sep 2026 08:59:00 GMT": 0,
		"Fri, 01 Sep 2126 09:00:00 GMT": 24 * time.Hour,
	}
	for value, want := range tests {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", value, got, want)
		}
	}
}

// A CRM's clock may be wrong, but it is the one that its Retry-After goes by.
func TestRetryAfterByTheUpstreamsClock(t *testing.T) {
	t.Parallel()
	for clock, offset := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		caller := newTestCaller(t, CallerOptions{}, func(w http.ResponseWriter, _ *http.Request) {
			date := time.Now().Add(offset).UTC()
			w.Header().Set("Date", date.Format(http.TimeFormat))
			w.Header().Set("Retry-After", date.Add(30*time.Second).Format(http.TimeFormat))
			w.WriteHeader(http.StatusTooManyRequests)
		})
		err := do(t.Context(), caller, &Request{Call: &testCall}, skip)
		if failure := (*Error)(nil); !errors.As(err, &failure) || failure.RetryAfter != 30*time.Second {
			t.Errorf("%s: got %+v, want 30 s", clock, err)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	body := `"` + strings.Repeat("a", 98) + `"` // 100 bytes
	respond := map[string]http.HandlerFunc{
		"announced": answer(t, 200, body),
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			if _, err := io.WriteString(w, body); err != nil {
				t.Error(err)
			}
		},
		"compressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			zipped := gzip.NewWriter(w)
			if _, err := io.WriteString(zipped, body); err != nil {
				t.Error(err)
			}
			if err := zipped.Close(); err != nil {
				t.Error(err)
			}
		},
	}
	tooLarge := outcome{Kind: Malformed, Status: 200, Text: "proportal.tasks: malformed answer (status 200): the answer is larger than the limit"}
	for name, handler := range respond {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := do(t.Context(), newTestCaller(t, CallerOptions{MaxBody: 100}, handler), &Request{Call: &testCall}, skip); err != nil {
				t.Errorf("100 bytes: %v", err)
			}
			err := do(t.Context(), newTestCaller(t, CallerOptions{MaxBody: 99}, handler), &Request{Call: &testCall}, skip)
			if diff := cmp.Diff(tooLarge, outcomeOf(t, err)); diff != "" {
				t.Errorf("99 bytes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	slowBody := func(w http.ResponseWriter, r *http.Request) {
		answer(t, 200, `{"a":`)(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	timeout := outcome{Kind: Timeout, Text: "proportal.tasks: timeout: the deadline passed"}
	for name, handler := range map[string]http.HandlerFunc{"before the answer": hang, "within the answer": slowBody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller := newTestCaller(t, CallerOptions{Timeout: 20 * time.Millisecond}, handler)
			err := do(t.Context(), caller, &Request{Call: &testCall}, skip)
			if diff := cmp.Diff(timeout, outcomeOf(t, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("of the caller", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := do(ctx, newTestCaller(t, CallerOptions{}, hang), &Request{Call: &testCall}, skip)
		if diff := cmp.Diff(timeout, outcomeOf(t, err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("caller goes away", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		caller := newTestCaller(t, CallerOptions{}, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		err := do(ctx, caller, &Request{Call: &testCall}, skip)
		want := outcome{Kind: Canceled, Text: "proportal.tasks: canceled: the caller went away"}
		if diff := cmp.Diff(want, outcomeOf(t, err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// What only a change of settings can mend is told, and not called retryable, whichever transport finds it out.
func TestMisconfiguredServers(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(answer(t, 200, `{}`))
	t.Cleanup(plain.Close)
	secret := httptest.NewUnstartedServer(answer(t, 200, `{}`))
	secret.Config.ErrorLog = log.New(io.Discard, "", 0)
	secret.StartTLS()
	t.Cleanup(secret.Close)
	full := &http.Transport{}
	t.Cleanup(full.CloseIdleConnections)
	for way, transport := range map[string]http.RoundTripper{"the gateway's": newGatewayTransport(t), "net_http": full} {
		for url, want := range map[string]string{
			"https" + plain.URL[len("http"):]: "the server answers plain HTTP where HTTPS was due",
			secret.URL:                        "the server's certificate was not accepted",
		} {
			caller, err := NewCaller(url, CallerOptions{Transport: transport})
			if err != nil {
				t.Fatal(err)
			}
			var failure *Error
			if err := do(t.Context(), caller, &Request{Call: &testCall}, skip); !errors.As(err, &failure) {
				t.Fatalf("%s: got error %v, want an *Error", way, err)
			}
			if failure.Kind != Unavailable || failure.Retryable() || failure.Err.Error() != want {
				t.Errorf("%s: got %v, retryable %t; want %s: %s, not retryable", way, failure, failure.Retryable(), Unavailable, want)
			}
		}
	}
}

// TestConnectionIsUsedAgain has the answers whose body must be read to the end for it.
func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 404, 500} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			connections := map[string]bool{}
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			caller := newTestCaller(t, CallerOptions{Transport: transport}, func(w http.ResponseWriter, r *http.Request) {
				connections[r.RemoteAddr] = true
				answer(t, status, `{"a":1}`)(w, r)
			})
			for range 3 {
				err := do(t.Context(), caller, &Request{Call: &testCall}, skip)
				if (err == nil) != (status == 200) {
					t.Fatalf("status %d: got %v", status, err)
				}
			}
			if len(connections) != 1 {
				t.Errorf("got %d connections for 3 calls, want 1", len(connections))
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was sent %s with %v", r.URL, r.Header)
	}))
	t.Cleanup(other.Close)
	redirect := func(location string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/base/there" {
				if r.Header.Get("Authorization") != "Bearer x" {
					t.Errorf("headers after the redirect: %v", r.Header)
				}
				answer(t, 200, `{}`)(w, r)
				return
			}
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}
	malformed := outcome{Kind: Malformed, Status: 307}
	tests := []struct {
		name     string
		location string
		method   string
		want     outcome
	}{
		{"same host", "/base/there", http.MethodGet, outcome{}},
		{"same host, but not to be repeated", "/base/there", http.MethodPost, malformed},
		{"other host", other.URL + "/secret", http.MethodGet, malformed},
		{"in circles", "/base/api/tasks", http.MethodGet, malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			call := testCall
			call.Method = test.method
			req := &Request{Call: &call, Header: NewHeader(http.Header{"Authorization": {"Bearer x"}})}
			err := do(t.Context(), newTestCaller(t, CallerOptions{}, redirect(test.location)), req, skip)
			got := outcome{}
			var e *Error
			if errors.As(err, &e) {
				got = outcome{Kind: e.Kind, Status: e.Status}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestKindOfARoundTripper(t *testing.T) {
	t.Parallel()
	caller, err := NewCaller("http://secret.test", CallerOptions{
		Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, RateLimited }),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = do(t.Context(), caller, &Request{Call: &testCall}, skip)
	want := outcome{Kind: RateLimited, Text: "proportal.tasks: rate limited: the request was not answered"}
	if diff := cmp.Diff(want, outcomeOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNewCallerRefuses(t *testing.T) {
	t.Parallel()
	bases := []string{"", "/path", "host", "host:81", "ftp://host", "http://", "http://%zz", "https://u:secret@host", "https://host?secret=1", "https://host#secret"}
	for _, base := range bases {
		if _, err := NewCaller(base, CallerOptions{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("NewCaller(%q): got %v, want an error that does not repeat it", base, err)
		}
	}
	for _, opts := range []CallerOptions{{Timeout: -1}, {MaxBody: -1}} {
		if _, err := NewCaller("http://host", opts); err == nil {
			t.Errorf("NewCaller with %+v: got no error", opts)
		}
	}
}
