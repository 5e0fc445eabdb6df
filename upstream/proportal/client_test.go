package proportal

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

// basePath is not empty, so that a URL built absolute misses the server loudly.
const basePath = "/crm/proportal"

const testToken = "header.payload.signature"

// testNow lies between the start of the reference's raw task and its last contacts.
var testNow = time.Date(2018, time.November, 10, 12, 0, 0, 0, time.UTC)

func newClient(t *testing.T, base string, opts Options) *Client {
	t.Helper()
	opts.Now = func() time.Time { return testNow }
	if opts.Transport == nil {
		// Of its own: a test server that closes gives up the idle connections of the default one.
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		opts.Transport = transport
	}
	client, err := New(base, opts)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func serve(t *testing.T, handler http.HandlerFunc) (baseURL string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(basePath+"/", http.StripPrefix(basePath, handler))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("request outside of the base path: %s", r.URL)
		http.NotFound(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + basePath
}

// viewerOf returns a client to which every request is answered with body.
func viewerOf(t *testing.T, body string) *ViewerClient {
	t.Helper()
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := io.WriteString(w, body); err != nil {
			t.Error(err)
		}
	})
	return newClient(t, base, Options{}).As(Identity{Token: testToken})
}

func sample(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// failure is what the tests expect of an error.
type failure struct {
	Call       upstream.Call
	Kind       upstream.Kind
	Status     int
	RetryAfter time.Duration
	Field      string
}

func failureOf(t *testing.T, err error) failure {
	t.Helper()
	var e *upstream.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v (%T), want an *upstream.Error", err, err)
	}
	return failure{e.Call, e.Kind, e.Status, e.RetryAfter, e.Field}
}

// malformed checks that err says which field could not be read.
func malformed(t *testing.T, err error, call upstream.Call, field string) {
	t.Helper()
	want := failure{Call: call, Kind: upstream.Malformed, Status: http.StatusOK, Field: field}
	if diff := cmp.Diff(want, failureOf(t, err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func unix(seconds int64) *time.Time { return new(time.Unix(seconds, 0).UTC()) }

// method is one client method with arguments.
type method struct {
	name string
	call upstream.Call
	path string // path and query of the request
	do   func(ctx context.Context, v *ViewerClient) error
	ok   string // an answer that can be read
}

func methods() []method {
	return []method{
		{
			"groups", ListGroupsCall, "/api/crm/workspace/groups",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListGroups(ctx, GroupsOptions{})
				return err
			}, `[]`,
		},
		{
			"groups by status and count", ListGroupsCall, "/api/crm/workspace/groups?status=complete&count=active",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListGroups(ctx, GroupsOptions{Status: GroupComplete, Count: GroupActive})
				return err
			}, `[]`,
		},
		{
			"groups by count", ListGroupsCall, "/api/crm/workspace/groups?count=complete",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListGroups(ctx, GroupsOptions{Count: GroupComplete})
				return err
			}, `[]`,
		},
		{
			"group", GetGroupCall, "/api/crm/workspace/groups/348",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.GetGroup(ctx, 348)
				return err
			}, `{"id":348,"name":"A"}`,
		},
		{
			"group customers", ListGroupCustomersCall, "/api/crm/workspace/customers/group/348",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListGroupCustomers(ctx, 348, "")
				return err
			}, `[]`,
		},
		{
			"group customers by status", ListGroupCustomersCall, "/api/crm/workspace/customers/group/348?status=completed",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListGroupCustomers(ctx, 348, TaskCompleted)
				return err
			}, `[]`,
		},
		{
			"portfolio", ListPortfolioCall, "/api/crm/workspace/portfolio",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListPortfolio(ctx, PortfolioOptions{})
				return err
			}, `[]`,
		},
		{
			"portfolio page by tasks", ListPortfolioCall, "/api/crm/workspace/portfolio?page=2&tasks=duedate&perPage=100",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListPortfolio(ctx, PortfolioOptions{Page: 2, PerPage: 100, Tasks: TaskOverdue})
				return err
			}, `[]`,
		},
		{
			"portfolio count", CountPortfolioCall, "/api/crm/workspace/portfolio?count=1",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.CountPortfolio(ctx)
				return err
			}, `120`,
		},
		{
			"tasks", ListTasksCall, "/api/crm/workspace/tasks?status=duedate",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListTasks(ctx, TaskOverdue)
				return err
			}, `[]`,
		},
		{
			"task board", GetTaskBoardCall, "/api/crm/workspace/tasks",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.GetTaskBoard(ctx)
				return err
			}, `{"planned":[],"completed":[],"duedate":[]}`,
		},
		{
			"task", GetTaskCall, "/api/crm/workspace/tasks/2598431",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.GetTask(ctx, 2598431)
				return err
			}, `{"id":2598431,"status":"Завершено"}`,
		},
		{
			"customer tasks", ListCustomerTasksCall, "/api/crm/workspace/customers/4007195/tasks",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.ListCustomerTasks(ctx, 4007195)
				return err
			}, `[]`,
		},
		{
			"customer", GetCustomerCall, "/api/crm/workspace/customers/4007195",
			func(ctx context.Context, v *ViewerClient) error {
				_, err := v.GetCustomer(ctx, 4007195)
				return err
			}, `{"id":4007195,"name":"A"}`,
		},
	}
}

// request is what a test server saw.
type request struct {
	Method string
	URI    string
	Header http.Header
	Body   string
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for _, m := range methods() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			var got []request
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				r.Header.Del("User-Agent")
				got = append(got, request{r.Method, r.URL.RequestURI(), r.Header, string(body)})
				if _, err := io.WriteString(w, m.ok); err != nil {
					t.Error(err)
				}
			})
			if err := m.do(t.Context(), newClient(t, base, Options{}).As(Identity{Token: testToken})); err != nil {
				t.Fatal(err)
			}
			equal(t, got, []request{{
				Method: http.MethodGet,
				URI:    m.path,
				Header: http.Header{
					"Accept":          {"application/json"},
					"Accept-Encoding": {"gzip"},
					"Authorization":   {"Bearer " + testToken},
				},
			}})
		})
	}
}

const htmlPage = `<!DOCTYPE html><html><body>secret-of-the-page</body></html>`

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   failure
	}{
		{"unauthorized", 401, nil, "Unauthorized.", failure{Kind: upstream.Unauthenticated, Status: 401}},
		{"forbidden", 403, nil, htmlPage, failure{Kind: upstream.Forbidden, Status: 403}},
		{"not found", 404, nil, htmlPage, failure{Kind: upstream.NotFound, Status: 404}},
		{"unprocessable", 422, nil, `{"message":"secret-of-the-page"}`, failure{Kind: upstream.Invalid, Status: 422}},
		{
			"too many requests", 429,
			map[string]string{"Retry-After": "30"},
			htmlPage,
			failure{Kind: upstream.RateLimited, Status: 429, RetryAfter: 30 * time.Second},
		},
		{"server error", 500, nil, htmlPage, failure{Kind: upstream.Unavailable, Status: 500}},
		{"bad gateway", 502, nil, htmlPage, failure{Kind: upstream.Unavailable, Status: 502}},
		{
			"redirect to another host", 302,
			map[string]string{"Location": "http://other.test/secret-of-the-page"},
			htmlPage,
			failure{Kind: upstream.Malformed, Status: 302},
		},
		{"HTML as an answer", 200, nil, htmlPage, failure{Kind: upstream.Malformed, Status: 200}},
		{"PHP warning after the answer", 200, nil, `[]<br />secret-of-the-page`, failure{Kind: upstream.Malformed, Status: 200}},
		{"nothing", 200, nil, ``, failure{Kind: upstream.Malformed, Status: 200}},
		{"cut off", 200, nil, `[{"id":1,"name":"secret-of-the-page`, failure{Kind: upstream.Malformed, Status: 200}},
		{"a text", 200, nil, `"secret-of-the-page"`, failure{Kind: upstream.Malformed, Status: 200}},
		{"true", 200, nil, `true`, failure{Kind: upstream.Malformed, Status: 200}},
	}
	for _, m := range methods() {
		for _, test := range tests {
			t.Run(m.name+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					for name, value := range test.header {
						w.Header().Set(name, value)
					}
					w.WriteHeader(test.status)
					if _, err := io.WriteString(w, test.body); err != nil {
						t.Error(err)
					}
				})
				err := m.do(t.Context(), newClient(t, base, Options{}).As(Identity{Token: testToken}))
				got, want := failureOf(t, err), test.want
				want.Call = m.call
				got.Field = ""
				equal(t, got, want)
				for _, secret := range []string{"secret-of-the-page", testToken, "127.0.0.1", basePath} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error tells %q: %v", secret, err)
					}
				}
			})
		}
	}
}

func TestNothingWhereAnObjectWasDue(t *testing.T) {
	t.Parallel()
	for _, m := range methods() {
		switch m.call {
		case GetGroupCall, GetTaskCall, GetTaskBoardCall, GetCustomerCall:
		default:
			continue
		}
		for _, body := range []string{`[]`, ` null `, `{}`, `[[]]`, `[null]`, `{"data":[]}`, `{"data":null}`, `{"data":{}}`, `{"data":[],"meta":{}}`} {
			t.Run(m.name+"/"+body, func(t *testing.T) {
				t.Parallel()
				err := m.do(t.Context(), viewerOf(t, body))
				equal(t, failureOf(t, err), failure{Call: m.call, Kind: upstream.NotFound, Status: 200})
			})
		}
	}
}

func TestWrappedObjects(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"id":7,"name":"A"}`, `[{"id":7,"name":"A"}]`, `[[{"id":7,"name":"A"}]]`, `{"data":{"id":7,"name":"A"}}`,
		`{"data":[{"id":7,"name":"A"}]}`, `{"status":"ok","data":{"id":7,"name":"A"},"meta":{"total":1}}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			group, err := viewerOf(t, body).GetGroup(t.Context(), 7)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, group, &Group{ID: 7, Name: "A"})
		})
	}

	t.Run("data is a member of its own beside an id", func(t *testing.T) {
		t.Parallel()
		group, err := viewerOf(t, `{"data":{"id":8},"id":7,"name":"A"}`).GetGroup(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, group, &Group{ID: 7, Name: "A", Extra: json.RawMessage(`{"data":{"id":8}}`)})
	})

	unreadable := []struct{ body, field string }{
		{`[{"id":7,"name":"A"},{"id":8,"name":"B"}]`, ""},
		{`[{"id":7}]`, "[0].name"},
		{`{"data":{"name":"A"}}`, "data.id"},
		{`{"data":[{"id":7,"name":{}}]}`, "data[0].name"},
		{`{"message":"No query results"}`, "id"},
		{`[[[[[[{"id":7,"name":"A"}]]]]]]`, "[0][0][0][0]"},
	}
	for _, test := range unreadable {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, test.body).GetGroup(t.Context(), 7)
			malformed(t, err, GetGroupCall, test.field)
		})
	}
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := newClient(t, base, Options{}).As(Identity{Token: testToken}).ListTasks(t.Context(), TaskPlanned)
	got := failureOf(t, err)
	if got.Kind != upstream.RateLimited || got.RetryAfter < 59*time.Minute || got.RetryAfter > time.Hour {
		t.Errorf("got %v after %v, want rate limited and about an hour", got.Kind, got.RetryAfter)
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })

	t.Run("until the deadline", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, base, Options{CallerOptions: upstream.CallerOptions{Timeout: 20 * time.Millisecond}})
		_, err := client.As(Identity{Token: testToken}).GetTask(t.Context(), 1)
		equal(t, failureOf(t, err), failure{Call: GetTaskCall, Kind: upstream.Timeout})
	})
	t.Run("until the caller goes away", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := newClient(t, base, Options{}).As(Identity{Token: testToken}).GetTask(ctx, 1)
		equal(t, failureOf(t, err), failure{Call: GetTaskCall, Kind: upstream.Canceled})
	})
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := newClient(t, server.URL, Options{}).As(Identity{Token: testToken}).GetTask(t.Context(), 1)
	equal(t, failureOf(t, err), failure{Call: GetTaskCall, Kind: upstream.Unavailable})
}

func TestTruncatedBody(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		if _, err := io.WriteString(w, `{"id":1,`); err != nil {
			t.Error(err)
		}
	})
	_, err := newClient(t, base, Options{}).As(Identity{Token: testToken}).GetTask(t.Context(), 1)
	equal(t, failureOf(t, err), failure{Call: GetTaskCall, Kind: upstream.Unavailable})
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if _, err := io.WriteString(w, "["+strings.Repeat(" ", 200)+"]"); err != nil {
			t.Error(err)
		}
	})
	client := newClient(t, base, Options{CallerOptions: upstream.CallerOptions{MaxBody: 100}})
	_, err := client.As(Identity{Token: testToken}).ListTasks(t.Context(), TaskPlanned)
	equal(t, failureOf(t, err), failure{Call: ListTasksCall, Kind: upstream.Malformed, Status: 200})
}

// TestNotSent has the arguments that are answered without a request.
func TestNotSent(t *testing.T) {
	t.Parallel()
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent %s", r.URL) })
	client := newClient(t, base, Options{})
	viewer := client.As(Identity{Token: testToken})
	tests := []struct {
		name string
		do   func(ctx context.Context) error
		want failure
	}{
		{"group status", func(ctx context.Context) error {
			_, err := viewer.ListGroups(ctx, GroupsOptions{Status: "x"})
			return err
		}, failure{Call: ListGroupsCall, Kind: upstream.Invalid}},
		{"group count", func(ctx context.Context) error {
			_, err := viewer.ListGroups(ctx, GroupsOptions{Count: "x"})
			return err
		}, failure{Call: ListGroupsCall, Kind: upstream.Invalid}},
		{
			"group 0", func(ctx context.Context) error { _, err := viewer.GetGroup(ctx, 0); return err },
			failure{Call: GetGroupCall, Kind: upstream.NotFound},
		},
		{
			"customers of group -1", func(ctx context.Context) error { _, err := viewer.ListGroupCustomers(ctx, -1, ""); return err },
			failure{Call: ListGroupCustomersCall, Kind: upstream.NotFound},
		},
		{"customers of a group by overdue tasks", func(ctx context.Context) error {
			_, err := viewer.ListGroupCustomers(ctx, 1, TaskOverdue)
			return err
		}, failure{Call: ListGroupCustomersCall, Kind: upstream.Invalid}},
		{"customers of a group by nonsense", func(ctx context.Context) error {
			_, err := viewer.ListGroupCustomers(ctx, 1, "x")
			return err
		}, failure{Call: ListGroupCustomersCall, Kind: upstream.Invalid}},
		{"portfolio page", func(ctx context.Context) error {
			_, err := viewer.ListPortfolio(ctx, PortfolioOptions{Page: -1})
			return err
		}, failure{Call: ListPortfolioCall, Kind: upstream.Invalid}},
		{"portfolio page size", func(ctx context.Context) error {
			_, err := viewer.ListPortfolio(ctx, PortfolioOptions{PerPage: -1})
			return err
		}, failure{Call: ListPortfolioCall, Kind: upstream.Invalid}},
		{"portfolio tasks", func(ctx context.Context) error {
			_, err := viewer.ListPortfolio(ctx, PortfolioOptions{Tasks: "x"})
			return err
		}, failure{Call: ListPortfolioCall, Kind: upstream.Invalid}},
		{
			"tasks without status", func(ctx context.Context) error { _, err := viewer.ListTasks(ctx, ""); return err },
			failure{Call: ListTasksCall, Kind: upstream.Invalid},
		},
		{
			"task 0", func(ctx context.Context) error { _, err := viewer.GetTask(ctx, 0); return err },
			failure{Call: GetTaskCall, Kind: upstream.NotFound},
		},
		{
			"tasks of customer 0", func(ctx context.Context) error { _, err := viewer.ListCustomerTasks(ctx, 0); return err },
			failure{Call: ListCustomerTasksCall, Kind: upstream.NotFound},
		},
		{
			"customer 0", func(ctx context.Context) error { _, err := viewer.GetCustomer(ctx, 0); return err },
			failure{Call: GetCustomerCall, Kind: upstream.NotFound},
		},
		{
			"no token", func(ctx context.Context) error { _, err := client.As(Identity{Token: ""}).GetTask(ctx, 1); return err },
			failure{Call: GetTaskCall, Kind: upstream.Unauthenticated},
		},
		{"token with a line break", func(ctx context.Context) error {
			_, err := client.As(Identity{Token: "a\r\nX-Other: b"}).CountPortfolio(ctx)
			return err
		}, failure{Call: CountPortfolioCall, Kind: upstream.Unauthenticated}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			equal(t, failureOf(t, test.do(t.Context())), test.want)
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "proportal:81", "ftp://proportal", "https://user:secret@proportal", "https://proportal?a=b"} {
		if _, err := New(base, Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q): got %v, want an error without the URL", base, err)
		}
	}
	if _, err := New("https://proportal", Options{CallerOptions: upstream.CallerOptions{Timeout: -1}}); err == nil {
		t.Error("New with a negative timeout: got no error")
	}
}
