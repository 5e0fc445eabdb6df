package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// receive sends an operation and returns everything that comes back, headers too.
func receive(ctx context.Context, w *world, token, query string, variables map[string]any) (string, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := w.client.Do(req)
	if err != nil {
		return "", err
	}
	var all bytes.Buffer
	err = resp.Header.Write(&all)
	_, readErr := io.Copy(&all, resp.Body)
	return all.String(), errors.Join(err, readErr, resp.Body.Close())
}

// mark is in every answer of a CRM that a client must never see.
const mark = "marked-7d1e"

// secrets maps what must stay inside to what it is.
func secrets(t testing.TB, crms *sandbox.Sandbox, token string, hosts ...string) map[string]string {
	t.Helper()
	known := map[string]string{
		crms.SolosToken():   "the solOS token",
		crms.SolosSecret():  "the solOS secret",
		crms.JWTSecret():    "the key of the tokens",
		"X-Crypto":          "the name of a header with credentials",
		"Bearer ey":         "a bearer token",
		"127.0.0.1":         "an upstream's address",
		"localhost":         "an upstream's address",
		"http://":           "a URL",
		"https://":          "a URL",
		"backend/public":    "a path",
		"api/crm/workspace": "a path",
		mark:                "an upstream's answer",
		"SQLSTATE":          "an error page",
		"/var/www":          "an error page",
		"Fatal error":       "an error page",
		"Stack trace":       "an error page",
		"sso/login":         "a login page",
		"Unauthorized.":     "an upstream's answer",
		"Access denied":     "an upstream's answer",
		"xxxxxxxx":          "an upstream's answer",
		"<html":             "an upstream's answer",
		"dial tcp":          "Go's text",
		"json:":             "Go's text",
		"runtime.":          "Go's text",
		"runtime error":     "Go's text",
		".go:":              "a stack trace",
		"goroutine ":        "a stack trace",
		"net/http":          "Go's text",
		"x509":              "Go's text",
		"unexpected EOF":    "Go's text",
		"invalid character": "Go's text",
		"malformed":         "Go's text",
		"context deadline":  "Go's text",
		"github.com/":       "Go's text",
		"crmgraph/":         "Go's text",
	}
	for i, part := range strings.Split(token, ".") {
		known[part] = fmt.Sprintf("part %d of the bearer token", i+1)
	}
	for _, host := range append(hosts, crms.ProPortalURL(), crms.SolosURL()) {
		parsed, err := url.Parse(host)
		if err != nil {
			t.Fatal(err)
		}
		known[parsed.Host] = "an upstream's address"
		known[":"+parsed.Port()] = "an upstream's port"
	}
	return known
}

// expectSecrecy looks for secrets in what a client received and in the log.
func expectSecrecy(t testing.TB, w *world, received string, known map[string]string) {
	t.Helper()
	// "malformed answer" is the name of a kind of failure, and no word of Go's.
	logged := strings.ReplaceAll(w.log.String(), string(upstream.Malformed), "")
	for _, secret := range slices.Sorted(maps.Keys(known)) {
		if strings.Contains(received, secret) {
			t.Errorf("the client received %s, %q:\n%s", known[secret], secret, received)
		}
		if strings.Contains(logged, secret) {
			t.Errorf("the log has %s, %q:\n%s", known[secret], secret, logged)
		}
	}
}

// Whatever way a CRM fails, neither client nor log learn more than that it did.
func TestSecrecyOfFaults(t *testing.T) {
	t.Parallel()
	elsewhere := serverOf(t, says(http.StatusOK, mark))
	sound := newWorld(t, smallWorld()).crms
	const login = `mutation { login { token } }`
	operations := map[upstream.Service][]string{
		upstream.ProPortal: {bothQuery, login},
		upstream.Solos:     {bothQuery},
	}
	for service, queries := range operations {
		for _, f := range append(failures(elsewhere.URL), markedFailures()...) {
			t.Run(string(service)+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				crms := sound
				if f.fault.Kind != "" {
					crms = newWorld(t, smallWorld()).crms
				}
				var wires wiring
				settings := append(f.strike(t, crms, service), func(w *wiring) { wires = *w })
				token := crms.Token(crms.ManagerIDs()[0])
				for _, query := range queries {
					variables := bothVariables(crms)
					if query == login {
						variables = nil
					}
					w := newWorldOn(t, crms, settings...)
					received, err := receive(t.Context(), w, token, query, variables)
					if err != nil {
						t.Fatal(err)
					}
					expectSecrecy(t, w, received, secrets(t, crms, token, wires.proPortalURL, wires.solosURL, elsewhere.URL))
					for _, where := range []string{received, w.log.String()} {
						if !strings.Contains(where, `"service":"`+string(service)+`"`) {
							t.Errorf("no word of the failure in:\n%s", where)
						}
					}
				}
			})
		}
	}
}

// markedFailures are answers that carry mark wherever an answer can.
func markedFailures() []failure {
	var list []failure
	marked := func(name string, serve http.HandlerFunc) {
		list = append(list, failure{name: "marked " + name, serve: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Powered-By", mark)
			w.Header().Set("Set-Cookie", "session="+mark)
			w.Header().Set("Retry-After", mark)
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+mark+`"`)
			serve(w, r)
		}})
	}
	for _, status := range []int{300, 304, 400, 401, 402, 403, 404, 409, 410, 422, 429, 451, 500, 503} {
		body := `{"error":"` + mark + `","` + mark + `":1}`
		if status == http.StatusNotModified {
			body = ""
		}
		marked(fmt.Sprint(status), says(status, body))
	}
	for name, body := range map[string]string{
		"page":            "<html><title>" + mark + "</title></html>",
		"member":          `{"` + mark + `":{"` + mark + `":"` + mark + `"}}`,
		"nested member":   `{"data":[{"` + mark + `":"` + mark + `"}]}`,
		"id":              `[{"id":"` + mark + `","name":"` + mark + `"}]`,
		"value":           `[{"id":1,"client_id":1,"name":"A","valuation":"` + mark + `","created_at":"` + mark + `","price":"` + mark + `"}]`,
		"cut member":      `[{"` + mark,
		"cut text":        `[{"id":1,"name":"` + mark,
		"bad escape":      `[{"id":1,"name":"\x` + mark + `"}]`,
		"control byte":    "[{\"id\":1,\"name\":\"\x01" + mark + "\"}]",
		"no UTF-8":        "[\"\xff" + mark + "\"]",
		"text":            `"` + mark + `"`,
		"bare word":       mark,
		"text after":      `[] ` + mark,
		"total":           `{"data":[],"total":"` + mark + `"}`,
		"token":           `{"token":"` + mark + `"}`,
		"no token":        `{"token":"` + mark + ` ` + mark + `"}`,
		"deep":            strings.Repeat("[", 20_000) + mark,
		"envelope of all": `{"payload":{"data":{"items":{"result":"` + mark + `"}}}}`,
	} {
		marked(name, says(http.StatusOK, body))
	}
	for name, text := range map[string]string{
		"status line": mark + " is no HTTP\r\n\r\n",
		"header":      "HTTP/1.1 200 OK\r\n" + mark + "\r\n\r\n",
		"chunk":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + mark + "\r\n",
		"encoding":    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 11\r\n\r\n" + mark,
		"location":    "HTTP/1.1 302 Found\r\nLocation: http://" + mark + "%zz/\r\nContent-Length: 0\r\n\r\n",
	} {
		list = append(list, failure{name: "marked " + name, serve: raw(text)})
	}
	return list
}

// raw answers with text that need not be HTTP.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(connection, text)
		_ = connection.Close()
	}
}

// A certificate that nobody vouches for is refused without a word about whose it is.
func TestSecrecyOfCertificate(t *testing.T) {
	t.Parallel()
	crms := newWorld(t, smallWorld()).crms
	server := httptest.NewUnstartedServer(says(http.StatusOK, `[]`))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of the client that hung up
	server.StartTLS()
	t.Cleanup(server.Close)
	crm := server.URL
	w := newWorldOn(t, crms, at(upstream.ProPortal, crm))
	token := crms.Token(crms.ManagerIDs()[0])
	received, err := receive(t.Context(), w, token, `{ groups { id } }`, nil)
	if err != nil {
		t.Fatal(err)
	}
	expectSecrecy(t, w, received, secrets(t, crms, token, crm))
	if !strings.Contains(received, `"code":"UPSTREAM_UNAVAILABLE"`) {
		t.Errorf("answer: got %s, want UPSTREAM_UNAVAILABLE", received)
	}
}

// Credentials are for the CRM's own host: a redirect to another takes nobody along.
func TestRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	queries := map[upstream.Service]string{
		upstream.ProPortal: `{ a: groups { id } b: portfolio { nodes { id } } }`,
		upstream.Solos:     `{ a: projects { nodes { id } } b: projects(filter: {price: "1"}) { nodes { id } } }`,
	}
	for service, query := range queries {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%s/%d", service, status), func(t *testing.T) {
				t.Parallel()
				visitors := &visits{}
				elsewhere := serverOf(t, visitors)
				// The first redirect stays at home, the second does not.
				crm := serverOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					target := elsewhere.URL + "/stolen"
					if !strings.HasSuffix(r.URL.Path, "/hop") {
						target = r.URL.Path + "/hop"
					}
					http.Redirect(w, r, target, status)
				}))
				w := newWorld(t, smallWorld(), at(service, crm.URL))
				got := w.ask(t, query, nil)
				if len(got.Errors) != 2 {
					t.Errorf("errors: got %+v, want two", got.Errors)
				}
				for _, err := range got.Errors {
					if code := err.Extensions["code"]; code != "UPSTREAM_BAD_RESPONSE" {
						t.Errorf("code: got %v, want UPSTREAM_BAD_RESPONSE", code)
					}
				}
				if diff := gocmp.Diff([]string(nil), visitors.list()); diff != "" {
					t.Errorf("requests at the other host (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// visits records requests: method, path, and which credentials they carried.
type visits struct {
	mu   sync.Mutex
	seen []string
}

func (v *visits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.add(r)
	_, _ = io.WriteString(w, `[]`)
}

func (v *visits) add(r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = append(v.seen, strings.Join([]string{
		r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("X-Crypto-Token"), r.Header.Get("X-Crypto-Secret"),
	}, "|"))
}

func (v *visits) list() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.seen)
}

// A CRM may move its answers on its own host.
func TestRedirectOnSameHost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service upstream.Service
		query   string
		body    string
		want    any
		visits  func(w *world, token string) []string
	}{
		{
			upstream.ProPortal, `{ groups { name } }`, `[{"id":129,"name":"A"}]`,
			map[string]any{"groups": []any{map[string]any{"name": "A"}}},
			func(_ *world, token string) []string {
				return []string{
					"GET|/api/crm/workspace/groups|Bearer " + token + "||",
					"GET|/moved|Bearer " + token + "||",
				}
			},
		},
		{
			upstream.Solos, `{ project(id: 1) { name } }`, `{"id":1,"name":"A"}`,
			map[string]any{"project": map[string]any{"name": "A"}},
			func(w *world, _ string) []string {
				keys := w.crms.SolosToken() + "|" + w.crms.SolosSecret()
				return []string{
					"GET|/backend/public/projects/info?id=1||" + keys,
					"GET|/moved||" + keys,
				}
			},
		},
	}
	for _, test := range tests {
		t.Run(string(test.service), func(t *testing.T) {
			t.Parallel()
			visitors := &visits{}
			crm := serverOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				visitors.add(r)
				if r.URL.Path != "/moved" {
					http.Redirect(w, r, "/moved", http.StatusFound)
					return
				}
				_, _ = io.WriteString(w, test.body)
			}))
			w := newWorld(t, smallWorld(), at(test.service, crm.URL))
			token := w.crms.Token(w.crms.ManagerIDs()[0])
			got, err := w.post(token, test.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, got, test.want, nil)
			if diff := gocmp.Diff(test.visits(w, token), visitors.list()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// panicking is a transport that panics, with all it knows, on the paths that contain one text.
type panicking struct {
	next http.RoundTripper
	on   atomic.Pointer[string]
}

func (p *panicking) RoundTrip(r *http.Request) (*http.Response, error) {
	if on := p.on.Load(); on != nil && strings.Contains(r.URL.Path, *on) {
		panic(fmt.Sprintf("%s %s %v", mark, r.URL, r.Header))
	}
	return p.next.RoundTrip(r)
}

// A panic is an internal error of the fields it strikes; the rest of the answer and the
// server go on.
func TestPanic(t *testing.T) {
	t.Parallel()
	crms := newWorld(t, smallWorld()).crms
	manager := crms.Data().Managers[0]
	nodeID := func(kind model.NodeType, number int64) string {
		return model.NodeID{Type: kind, Number: uint64(number)}.String()
	}
	groups := []any{nodeID(model.GroupNode, manager.Groups[0].ID), nodeID(model.GroupNode, manager.Groups[1].ID)}
	customer := fmt.Sprint(*firstProjectWithCustomer(t, crms).CustomerID)
	tests := []struct {
		name      string
		path      string
		query     string
		variables map[string]any
		broken    [][]any
	}{
		{
			"one call", "workspace/portfolio", `{ viewer { id } portfolio { nodes { id } } }`, nil,
			[][]any{{"portfolio"}},
		},
		{
			"calls side by side", "customers/group", `{ groups { id customers { nodes { id } } } }`, nil,
			[][]any{{"groups", 0., "customers"}, {"groups", 1., "customers"}},
		},
		{
			"nodes", "workspace/groups", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } projects { nodes { id } } }`,
			map[string]any{"ids": groups},
			[][]any{{"nodes", 0.}, {"nodes", 1.}},
		},
		{
			"card", "workspace/customers", `query ($id: ID!) { customer(id: $id) { card { inn } } groups { id } }`,
			map[string]any{"id": customer},
			[][]any{{"customer"}},
		},
		{
			"either of two filters", "projects/filter",
			`query ($id: ID!) { customer(id: $id) { name projects(filter: {condition: OR, currencyIds: [1, 2, 3], salesFunnelIds: [1, 2, 3]}) { nodes { id } } } }`,
			map[string]any{"id": customer},
			[][]any{{"customer", "projects"}},
		},
		{
			"part", "projects/steps", `{ projects(first: 2) { nodes { id steps { id } } } }`, nil,
			[][]any{{"projects", "nodes", 0., "steps"}, {"projects", "nodes", 1., "steps"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			transport := &panicking{next: http.DefaultTransport}
			w := newWorldOn(t, crms, func(w *wiring) { w.caller.Transport = transport })
			want := soundData(t, w.ask(t, test.query, test.variables))
			whole := soundData(t, w.ask(t, test.query, test.variables))
			var wantErrors []answerError
			for _, path := range test.broken {
				clearAt(t, want, path)
				wantErrors = append(wantErrors, answerError{
					Message:    "Something went wrong inside the gateway. The request id helps its operators to find out what.",
					Path:       path,
					Extensions: map[string]any{"code": "INTERNAL_SERVER_ERROR", "requestId": "request-1"},
				})
			}

			transport.on.Store(&test.path)
			token := crms.Token(crms.ManagerIDs()[0])
			received, err := receive(t.Context(), w, token, test.query, test.variables)
			if err != nil {
				t.Fatal(err)
			}
			var got answer
			if err := json.Unmarshal([]byte(received[strings.Index(received, "{"):]), &got); err != nil {
				t.Fatal(err)
			}
			expect(t, got, want, wantErrors)
			expectSecrecy(t, w, received, secrets(t, crms, token))
			if !strings.Contains(w.log.String(), `"msg":"internal error"`) {
				t.Errorf("the log says nothing of the panic:\n%s", w.log)
			}

			transport.on.Store(nil)
			expect(t, w.ask(t, test.query, test.variables), whole, nil)
		})
	}
}
