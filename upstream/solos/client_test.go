package solos

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
)

const (
	testToken  = "token-of-the-company"
	testSecret = "secret-of-the-company"
	basePath   = "/crm"
)

// sent is what a test server saw of a request.
type sent struct {
	Method, Path, Query, Token, Secret, ContentType, Body string
}

// serve starts an installation below a base path that answers every request with
// handler, and returns a client for it and the requests it got.
func serve(t *testing.T, opts Options, handler http.HandlerFunc) (*Client, <-chan sent) {
	t.Helper()
	requests := make(chan sent, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("reading the request: %v", err)
		}
		requests <- sent{
			Method:      req.Method,
			Path:        req.URL.Path,
			Query:       req.URL.RawQuery,
			Token:       req.Header.Get("X-Crypto-Token"),
			Secret:      req.Header.Get("X-Crypto-Secret"),
			ContentType: req.Header.Get("Content-Type"),
			Body:        string(body),
		}
		handler(w, req)
	}))
	t.Cleanup(server.Close)
	return newClient(t, server.URL+basePath, opts), requests
}

func newClient(t testing.TB, base string, opts Options) *Client {
	t.Helper()
	if opts.Transport == nil {
		// Of its own: a test server that closes gives up the idle connections of the default one.
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		opts.Transport = transport
	}
	client, err := New(base, testToken, testSecret, opts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return client
}

// answer is a handler that sends body with status.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// diff compares whole values: JSON by its text, and times with their zone.
func diff(want, got any) string {
	return cmp.Diff(want, got,
		cmp.Transformer("json", func(raw json.RawMessage) string { return string(raw) }),
		cmp.Transformer("time", func(at time.Time) string { return at.String() }),
	)
}

func utc(t testing.TB, text string) *time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	at = at.UTC()
	return &at
}

// operation is one method of the client with arguments it accepts.
type operation struct {
	call   upstream.Call
	single bool // gives one object, not a list
	run    func(context.Context, *Client) (any, error)
}

func operations() []operation {
	return []operation{
		{ListProjectsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.ListProjects(ctx, ProjectsOptions{})
		}},
		{FilterProjectsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.FilterProjects(ctx, ProjectFilter{}, ProjectsOptions{})
		}},
		{GetProjectCall, true, func(ctx context.Context, c *Client) (any, error) {
			return orNil(c.GetProject(ctx, 1))
		}},
		{ListStepsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.ListSteps(ctx, 1, StepsOptions{})
		}},
		{ListActionsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.ListActions(ctx, 1, ActionsOptions{})
		}},
		{GetActionCall, true, func(ctx context.Context, c *Client) (any, error) {
			return orNil(c.GetAction(ctx, 77))
		}},
		{ListChecklistsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.ListChecklists(ctx, 1)
		}},
		{ListGoodsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.ListGoods(ctx, 1)
		}},
		{ListPaymentsCall, false, func(ctx context.Context, c *Client) (any, error) {
			return c.ListPayments(ctx, 1, PaymentsOptions{})
		}},
	}
}

// orNil makes a nil pointer a plain nil.
func orNil[T any](value *T, err error) (any, error) {
	if value == nil {
		return nil, err
	}
	return value, err
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, base, token, secret string
		opts                      Options
		want                      string // part of the error, "" for none
	}{
		{name: "defaults", base: "https://crm.example", token: "t", secret: "s"},
		{name: "base path and slash", base: "https://crm.example/sales/", token: "t", secret: "s"},
		{name: "relative base", base: "crm.example", token: "t", secret: "s", want: "absolute"},
		{name: "other scheme", base: "ftp://crm.example", token: "t", secret: "s", want: "absolute"},
		{name: "query in base", base: "https://crm.example?a=1", token: "t", secret: "s", want: "no user, query or fragment"},
		{name: "full base", base: "https://crm.example/backend/public/", token: "t", secret: "s", want: "must end before /backend/public"},
		{name: "no token", base: "https://crm.example", secret: "s", want: "token and secret"},
		{name: "no secret", base: "https://crm.example", token: "t", want: "token and secret"},
		{name: "blank secret", base: "https://crm.example", token: "t", secret: " ", want: "token and secret"},
		{name: "line feed in token", base: "https://crm.example", token: "t\nX-Admin: 1", secret: "s", want: "token and secret"},
		{name: "carriage return in secret", base: "https://crm.example", token: "t", secret: "s\r", want: "token and secret"},
		{
			name: "negative timeout", base: "https://crm.example", token: "t", secret: "s",
			opts: Options{CallerOptions: upstream.CallerOptions{Timeout: -1}}, want: "negative",
		},
		{
			name: "unknown type", base: "https://crm.example", token: "t", secret: "s",
			opts: Options{Aliases: map[string]map[string][]string{"deal": {}}}, want: `unknown type "deal"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, err := New(test.base, test.token, test.secret, test.opts)
			if test.want == "" {
				if err != nil || client == nil {
					t.Fatalf("New: got %v, %v, want a client", client, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New: got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestCustomerField(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "client_id", "client": "client"} {
		client := newClient(t, "https://crm.example", Options{CustomerField: given})
		if got := client.CustomerField(); got != want {
			t.Errorf("option %q: got %q, want %q", given, got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	const page = "<html><body>Fatal error in /var/www: " + testSecret + "</body></html>"
	tests := []struct {
		name    string
		handler http.HandlerFunc
		opts    upstream.CallerOptions
		kind    upstream.Kind
		status  int
		wait    time.Duration
	}{
		{name: "bad request", handler: answer(400, page), kind: upstream.Invalid, status: 400},
		{name: "unauthorized", handler: answer(401, page), kind: upstream.Rejected, status: 401},
		{name: "forbidden", handler: answer(403, page), kind: upstream.Rejected, status: 403},
		{name: "not found", handler: answer(404, page), kind: upstream.NotFound, status: 404},
		{name: "request timeout", handler: answer(408, page), kind: upstream.Timeout, status: 408},
		{name: "unprocessable", handler: answer(422, page), kind: upstream.Invalid, status: 422},
		{name: "too many requests", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(429)
		}, kind: upstream.RateLimited, status: 429, wait: 7 * time.Second},
		{name: "server error", handler: answer(500, page), kind: upstream.Unavailable, status: 500},
		{name: "bad gateway", handler: answer(502, page), kind: upstream.Unavailable, status: 502},
		{name: "page with 200", handler: answer(200, page), kind: upstream.Malformed, status: 200},
		{name: "nothing with 200", handler: answer(200, ""), kind: upstream.Malformed, status: 200},
		{name: "cut off", handler: answer(200, `[{"id": 1, "na`), kind: upstream.Malformed, status: 200},
		{name: "cut off in transit", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `[{"id": 1`)
		}, kind: upstream.Unavailable},
		{name: "text after the end", handler: answer(200, `[{"id": 1}] <br>`), kind: upstream.Malformed, status: 200},
		{name: "not UTF-8", handler: answer(200, "[\"\xff\"]"), kind: upstream.Malformed, status: 200},
		{name: "a number", handler: answer(200, "5"), kind: upstream.Malformed, status: 200},
		{name: "a message", handler: answer(200, `{"status": "error", "message": "no"}`), kind: upstream.Malformed, status: 200},
		{
			name: "too large", handler: answer(200, `[{"id": 1, "a": "`+strings.Repeat("a", 100)+`"}]`),
			opts: upstream.CallerOptions{MaxBody: 100}, kind: upstream.Malformed, status: 200,
		},
		{
			name: "no answer", handler: func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() },
			opts: upstream.CallerOptions{Timeout: 50 * time.Millisecond}, kind: upstream.Timeout,
		},
		{name: "another host", handler: func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, "http://other.invalid/", http.StatusFound)
		}, kind: upstream.Malformed, status: 302},
	}
	for _, op := range operations() {
		for _, test := range tests {
			t.Run(op.call.Operation+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				client, _ := serve(t, Options{CallerOptions: test.opts}, test.handler)
				_, err := op.run(t.Context(), client)
				checkKind(t, err, upstream.Error{Call: op.call, Kind: test.kind, Status: test.status, RetryAfter: test.wait})
			})
		}
	}
}

// checkFailure compares err without its cause, whose text must give nothing away.
func checkFailure(t *testing.T, err error, want upstream.Error) {
	t.Helper()
	var failure *upstream.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got error %v, want an *upstream.Error", err)
	}
	got := *failure
	got.Err = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("error (-want +got):\n%s", d)
	}
	for _, secret := range []string{testToken, testSecret, "127.0.0.1", "http://", "Fatal error", "/var/www"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q gives away %q", err, secret)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	client, _ := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := client.GetProject(t.Context(), 1)
	var failure *upstream.Error
	if !errors.As(err, &failure) || failure.Kind != upstream.RateLimited {
		t.Fatalf("got error %v, want %v", err, upstream.RateLimited)
	}
	if got := failure.RetryAfter; got < 59*time.Minute || got > time.Hour {
		t.Errorf("got %v to wait, want about an hour", got)
	}
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client := newClient(t, server.URL, Options{})
	for _, op := range operations() {
		_, err := op.run(t.Context(), client)
		checkFailure(t, err, upstream.Error{Call: op.call, Kind: upstream.Unavailable})
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	client, _ := serve(t, Options{}, answer(200, "[]"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, op := range operations() {
		_, err := op.run(ctx, client)
		checkFailure(t, err, upstream.Error{Call: op.call, Kind: upstream.Canceled})
	}
}

func TestEmptyAnswers(t *testing.T) {
	t.Parallel()
	empty := func(op operation) any {
		switch op.call {
		case ListProjectsCall, FilterProjectsCall:
			return List[*Project]{Items: []*Project{}, Total: -1}
		case ListActionsCall:
			return List[*Action]{Items: []*Action{}, Total: -1}
		case ListPaymentsCall:
			return List[*Payment]{Items: []*Payment{}, Total: -1}
		case ListStepsCall:
			return []*Step{}
		case ListChecklistsCall:
			return []*Checklist{}
		case ListGoodsCall:
			return []*Good{}
		default:
			return nil
		}
	}
	for _, test := range []struct {
		body         string
		list, object upstream.Kind // "" for an empty list
	}{
		{"[]", "", upstream.NotFound},
		{" [ ] ", "", upstream.NotFound},
		{"\ufeff[]", "", upstream.NotFound},
		{"null", upstream.Malformed, upstream.NotFound},
		{"{}", upstream.Malformed, upstream.NotFound},
		{`{"payload": []}`, "", upstream.NotFound},
		{`{"payload": null}`, "", upstream.NotFound},
		{`{"payload": {}}`, upstream.Malformed, upstream.NotFound},
		{`{"status": "ok", "result": {"data": []}}`, "", upstream.NotFound},
		{`{"result": {"data": null}}`, "", upstream.NotFound},
		{`""`, upstream.Malformed, upstream.Malformed},
		{"false", upstream.Malformed, upstream.Malformed},
	} {
		for _, op := range operations() {
			t.Run(op.call.Operation+"/"+test.body, func(t *testing.T) {
				t.Parallel()
				client, _ := serve(t, Options{}, answer(200, test.body))
				got, err := op.run(t.Context(), client)
				kind := test.list
				if op.single {
					kind = test.object
				}
				if kind != "" {
					checkKind(t, err, upstream.Error{Call: op.call, Kind: kind, Status: 200})
					return
				}
				if err != nil {
					t.Fatalf("got error %v, want an empty list", err)
				}
				if d := diff(empty(op), got); d != "" {
					t.Errorf("list (-want +got):\n%s", d)
				}
			})
		}
	}
}

// checkKind is checkFailure without the field.
func checkKind(t *testing.T, err error, want upstream.Error) {
	t.Helper()
	var failure *upstream.Error
	if errors.As(err, &failure) {
		want.Field = failure.Field
	}
	checkFailure(t, err, want)
}

func TestInvalidArguments(t *testing.T) {
	t.Parallel()
	price := upstream.Decimal("cheap")
	filter := func(f ProjectFilter, o ProjectsOptions) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			_, err := c.FilterProjects(ctx, f, o)
			return err
		}
	}
	client, requests := serve(t, Options{}, answer(200, "[]"))
	for _, test := range []struct {
		name string
		call upstream.Call
		run  func(context.Context, *Client) error
	}{
		{"negative count", ListProjectsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListProjects(ctx, ProjectsOptions{Count: -1})
			return err
		}},
		{"project 0", GetProjectCall, func(ctx context.Context, c *Client) error {
			_, err := c.GetProject(ctx, 0)
			return err
		}},
		{"steps of project 0", ListStepsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListSteps(ctx, 0, StepsOptions{})
			return err
		}},
		{"steps of no day", ListStepsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListSteps(ctx, 1, StepsOptions{Date: "2021-02-30"})
			return err
		}},
		{"negative offset of actions", ListActionsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListActions(ctx, 1, ActionsOptions{Offset: -1})
			return err
		}},
		{"action 0", GetActionCall, func(ctx context.Context, c *Client) error {
			_, err := c.GetAction(ctx, 0)
			return err
		}},
		{"checklists of project 0", ListChecklistsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListChecklists(ctx, 0)
			return err
		}},
		{"goods of project 0", ListGoodsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListGoods(ctx, 0)
			return err
		}},
		{"payments of unknown type", ListPaymentsCall, func(ctx context.Context, c *Client) error {
			_, err := c.ListPayments(ctx, 1, PaymentsOptions{Type: "2"})
			return err
		}},
		{"filter: negative offset", FilterProjectsCall, filter(ProjectFilter{}, ProjectsOptions{Offset: -1})},
		{"filter: condition", FilterProjectsCall, filter(ProjectFilter{Condition: "xor"}, ProjectsOptions{})},
		{"filter: having", FilterProjectsCall, filter(ProjectFilter{Having: "luck"}, ProjectsOptions{})},
		{"filter: created", FilterProjectsCall, filter(ProjectFilter{CreatedTo: "yesterday"}, ProjectsOptions{})},
		{"filter: price", FilterProjectsCall, filter(ProjectFilter{Price: &price}, ProjectsOptions{})},
		{"filter: field without name", FilterProjectsCall, filter(ProjectFilter{Fields: []Field{{Value: json.RawMessage("1")}}}, ProjectsOptions{})},
		{"filter: field without value", FilterProjectsCall, filter(ProjectFilter{Fields: []Field{{Name: "a"}}}, ProjectsOptions{})},
		{"filter: field with half a value", FilterProjectsCall, filter(ProjectFilter{Fields: []Field{{Name: "a", Value: json.RawMessage(`{"b"`)}}}, ProjectsOptions{})},
		{"filter: field twice", FilterProjectsCall, filter(ProjectFilter{Fields: []Field{
			{Name: "a", Value: json.RawMessage("1")}, {Name: "a", Value: json.RawMessage("2")},
		}}, ProjectsOptions{})},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkFailure(t, test.run(t.Context(), client), upstream.Error{Call: test.call, Kind: upstream.Invalid})
		})
	}
	if len(requests) != 0 {
		t.Errorf("got %d requests, want none", len(requests))
	}
}
