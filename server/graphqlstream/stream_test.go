package graphqlstream_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"crmgraph/server/graphqlhttp"
	"crmgraph/server/graphqlstream"
	"crmgraph/server/streamtest"
	"crmgraph/upstream/solos"
)

// Nothing of a request is left when it has ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sse       = "text/event-stream"
	deferring = "multipart/mixed;deferSpec=20220824, application/json"
)

// response is one that is being read.
type response struct {
	*http.Response
	t     testing.TB
	lines *bufio.Reader
	leave context.CancelFunc
}

// ask sends an operation with POST in the first manager's name.
func ask(t testing.TB, g *streamtest.Gateway, accept, query string) *response {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return request(t, http.MethodPost, g.URL, string(body), http.Header{
		"Accept": {accept}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + g.CRMs.Token(2)},
	})
}

func request(t testing.TB, method, address, body string, header http.Header) *response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	way := &http.Transport{DisableCompression: true}
	resp, err := way.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = resp.Body.Close()
		way.CloseIdleConnections()
	})
	return &response{resp, t, bufio.NewReader(resp.Body), cancel}
}

// line returns the next line, "EOF" at the end.
func (r *response) line() string {
	r.t.Helper()
	line, err := r.lines.ReadString('\n')
	switch {
	case err == io.EOF && line == "":
		return "EOF"
	case err != nil:
		r.t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (r *response) expect(lines ...string) {
	r.t.Helper()
	for _, want := range lines {
		if got := r.line(); got != want {
			r.t.Fatalf("got the line %q, want %q", got, want)
		}
	}
}

func (r *response) all() string {
	r.t.Helper()
	body, err := io.ReadAll(r.lines)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(body)
}

func TestServerSentEvents(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	const viewer = ":\n\nevent: next\ndata: {\"data\":{\"viewer\":{\"id\":\"2\"}}}\n\nevent: complete\ndata: \n\n"
	authorization := "Bearer " + g.CRMs.Token(2)
	get := func(query string) string { return g.URL + "?" + url.Values{"query": {query}}.Encode() }
	tests := []struct {
		name, method, address, body string
		want                        string
	}{
		{"a query with POST", http.MethodPost, g.URL, `{"query":"{ viewer { id } }"}`, viewer},
		{"a query with GET", http.MethodGet, get("{ viewer { id } }"), "", viewer},
		{
			"a document that is not valid", http.MethodGet, get("{ nonsense }"), "",
			`Cannot query field "nonsense" on type "Query".`,
		},
		{"a document that is none", http.MethodPost, g.URL, `{"query":"{"}`, `"code":"GRAPHQL_PARSE_FAILED"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Accept": {sse}, "Authorization": {authorization}}
			if test.body != "" {
				header.Set("Content-Type", "application/json")
			}
			got := request(t, test.method, test.address, test.body, header)
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
				t.Errorf("got %d and %s, want a stream", got.StatusCode, got.Header.Get("Content-Type"))
			}
			body := got.all()
			if test.want == viewer && body != viewer {
				t.Errorf("got %q, want %q", body, viewer)
			}
			if text, err := dataOf(body, 1); err != nil || !strings.Contains(text, test.want) && test.want != viewer {
				t.Errorf("got %q, %v, want an event with %s", body, err, test.want)
			}
		})
	}
}

// Whoever may not ask is told by HTTP, whatever the form of the stream: the protocol has errors of
// a document's validation in it, and of nothing else.
func TestCallersWithoutAGoodTokenGetNoStream(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	const (
		subscription = "subscription { taskBoardChanges { asOf } }"
		deferred     = "{ viewer { id } ... @defer { taskBoard { planned { id } } } }"
	)
	wrong := "Bearer " + g.CRMs.TokenValidFor(2, -time.Hour)
	for _, test := range []struct{ name, accept, authorization, query string }{
		{"a subscription without a token", sse, "", subscription},
		{"a subscription with a token that has ended", sse, wrong, subscription},
		{"a subscription with one that is none", sse, "Bearer nonsense", subscription},
		{"a query", sse, wrong, "{ viewer { id } }"},
		{"a query of parts", sse, wrong, deferred},
		{"a subscription in multipart", "multipart/mixed;subscriptionSpec=1.0, application/json", wrong, subscription},
		{"a query of parts in multipart", deferring, wrong, deferred},
	} {
		body, err := json.Marshal(map[string]string{"query": test.query})
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Accept": {test.accept}, "Content-Type": {"application/json"}}
		if test.authorization != "" {
			header.Set("Authorization", test.authorization)
		}
		got := request(t, http.MethodPost, g.URL, string(body), header)
		if got.StatusCode != http.StatusUnauthorized || got.Header.Get("Content-Type") != "application/graphql-response+json; charset=utf-8" {
			t.Errorf("%s: got %d and %s, want 401 and errors alone", test.name, got.StatusCode, got.Header.Get("Content-Type"))
		}
		var answer map[string][]struct{ Extensions map[string]any }
		if err := json.Unmarshal([]byte(got.all()), &answer); err != nil || len(answer) != 1 || len(answer["errors"]) != 1 || answer["errors"][0].Extensions["code"] != "UNAUTHENTICATED" {
			t.Errorf("%s: got %v, %v, want UNAUTHENTICATED and no data", test.name, answer, err)
		}
	}
	if got := g.Stream.Stats(); got != (graphqlstream.Stats{}) {
		t.Errorf("streams: got %+v, want none", got)
	}
	if got := g.Pollers.Stats(); got.Polling != 0 {
		t.Errorf("pollers: got %+v, want none", got)
	}
	// A document that is wrong is told of in the stream, to anybody.
	got := request(t, http.MethodGet, g.URL+"?"+url.Values{"query": {"subscription { nothing }"}}.Encode(), "", http.Header{"Accept": {sse}})
	if body := got.all(); got.StatusCode != http.StatusOK || !strings.Contains(body, `"code":"GRAPHQL_VALIDATION_FAILED"`) {
		t.Errorf("a document that is wrong: got %d %s, want an event", got.StatusCode, body)
	}
}

// dataOf returns the data of the nth event, with quotes in messages as they are meant.
func dataOf(stream string, n int) (string, error) {
	events := strings.Split(stream, "\n\n")
	if len(events) <= n {
		return "", fmt.Errorf("%d events only", len(events))
	}
	_, data, ok := strings.Cut(events[n], "data: ")
	if !ok || !json.Valid([]byte(data)) {
		return "", fmt.Errorf("no JSON in event %d", n)
	}
	return strings.ReplaceAll(data, `\"`, `"`), nil
}

// What is no GraphQL is answered by HTTP, before there is a stream.
func TestRefusals(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{Stream: graphqlstream.Options{MaxQuery: 200}})
	tests := []struct {
		name, method, query, accept, contentType, body string
		status                                         int
		code                                           string
	}{
		{"no JSON", http.MethodPost, "", sse, "application/json", "{", http.StatusBadRequest, graphqlhttp.CodeInvalidJSON},
		{"variables that are no object", http.MethodPost, "", sse, "application/json", `{"query":"{ viewer { id } }","variables":1}`, http.StatusUnprocessableEntity, graphqlhttp.CodeInvalidRequest},
		{"a mutation with GET", http.MethodGet, "query=mutation{login{token}}", sse, "", "", http.StatusMethodNotAllowed, graphqlhttp.CodeMutationByGet},
		{"a long address", http.MethodGet, "query=" + strings.Repeat("x", 200), sse, "", "", http.StatusRequestURITooLong, graphqlhttp.CodeURITooLong},
		{"a form of deferring that is not known", http.MethodGet, "query={__typename...@defer{__typename}}", "multipart/mixed;incrementalSpec=v0.2", "", "", http.StatusNotAcceptable, graphqlhttp.CodeNotAcceptable},
		{"a stream that is not wanted", http.MethodGet, "query=subscription{taskBoardChanges{asOf}}", "text/event-stream;q=0, application/json", "", "", http.StatusUnprocessableEntity, graphqlhttp.CodeNeedsStream},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Accept": {test.accept}}
			if test.contentType != "" {
				header.Set("Content-Type", test.contentType)
			}
			got := request(t, test.method, g.URL+"?"+test.query, test.body, header)
			var answer struct {
				Errors []struct{ Extensions map[string]any }
			}
			if err := json.Unmarshal([]byte(got.all()), &answer); err != nil || len(answer.Errors) != 1 {
				t.Fatalf("got %+v, %v, want one error", answer, err)
			}
			if code := answer.Errors[0].Extensions["code"]; got.StatusCode != test.status || code != test.code {
				t.Errorf("got %d %v, want %d %s", got.StatusCode, code, test.status, test.code)
			}
		})
	}
}

// A client that names no form that there is learns of one that will do.
func TestWhatIsNotAcceptableNamesWhatIs(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	for query, accept := range map[string]string{
		"subscription { taskBoardChanges { asOf } }":                      "multipart/mixed",
		"{ viewer { id } project(id: 43) { ... @defer { databaseId } } }": "multipart/mixed;deferSpec=20991231",
	} {
		refused := ask(t, g, accept, query)
		spec := regexp.MustCompile(`multipart/mixed with (\S+)\.`).FindStringSubmatch(refused.all())
		if refused.StatusCode != http.StatusNotAcceptable || spec == nil {
			t.Fatalf("%s: got %d without a form, want 406 with one", query, refused.StatusCode)
		}
		if got := ask(t, g, "multipart/mixed;"+spec[1], query); got.StatusCode != http.StatusOK {
			t.Errorf("%s, with %s: got %d, want 200", query, spec[1], got.StatusCode)
		}
	}
}

// Clients that take everything get JSON, but for what comes in parts.
func TestWhatIsOneResponseIsJSONWhereJSONWillDo(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	const urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
	tests := []struct{ name, accept, query, contentType string }{
		{"a query", urql, "{ viewer { id } }", "application/graphql-response+json; charset=utf-8"},
		{"a query that mentions a subscription", urql, "{ subscription: viewer { id } }", "application/graphql-response+json; charset=utf-8"},
		{"what is deferred", urql, "{ viewer { id } project(id: 43) { ... @defer { steps { databaseId } } } }", "text/event-stream; charset=utf-8"},
		{"what is deferred, rather in parts", "application/json;q=0.5, text/event-stream", "{ viewer { id } project(id: 43) { ... @defer { steps { databaseId } } } }", "text/event-stream; charset=utf-8"},
		{"what is deferred, rather whole", "application/json, text/event-stream;q=0.5", "{ viewer { id } project(id: 43) { ... @defer { steps { databaseId } } } }", "application/json; charset=utf-8"},
		{"what is deferred, rather whole than in multipart", "multipart/mixed;deferSpec=20220824;q=0.5, */*", "{ viewer { id } project(id: 43) { ... @defer { steps { databaseId } } } }", "application/json; charset=utf-8"},
		{"a subscription", urql, "subscription { taskBoardChanges { asOf } }", "text/event-stream; charset=utf-8"},
		{"a subscription, which nothing else will do for", "application/json, text/event-stream;q=0.5", "subscription { taskBoardChanges { asOf } }", "text/event-stream; charset=utf-8"},
		{"a subscription of Apollo's", "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9", "subscription { taskBoardChanges { asOf } }", `multipart/mixed; boundary="-"; subscriptionSpec=1.0`},
		{"what Apollo defers", "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9", "{ viewer { id } project(id: 43) { ... @defer { steps { databaseId } } } }", `multipart/mixed; boundary="-"; deferSpec=20220824`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, g, test.accept, test.query)
			contentType := got.Header.Get("Content-Type")
			if strings.Contains(test.contentType, "json;") && strings.HasPrefix(contentType, "application/json") {
				contentType = test.contentType // either will do
			}
			if got.StatusCode != http.StatusOK || contentType != test.contentType {
				t.Errorf("got %d %s, want %s", got.StatusCode, contentType, test.contentType)
			}
		})
	}
}

const board = "subscription { taskBoardChanges { changed { comment } } }"

// A subscription outlives the deadline of requests, says that it is alive, and
// ends with its token.
func TestSubscription(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{
		Timeout: 100 * time.Millisecond,
		Stream:  graphqlstream.Options{KeepAlive: 200 * time.Millisecond},
	})
	token := g.CRMs.TokenValidFor(2, 3*time.Second)
	got := request(t, http.MethodGet, g.URL+"?query="+url.QueryEscape(board), "", http.Header{
		"Accept": {sse}, "Authorization": {"Bearer " + token},
	})
	got.expect(":", "", "event: next", `data: {"data":{"taskBoardChanges":{"changed":[]}}}`, "")
	signs := 0
	line := got.line()
	for ; line == ":"; line = got.line() {
		got.expect("")
		signs++
	}
	if signs < 2 {
		t.Errorf("%d signs of life in three seconds, want one every 200 ms", signs)
	}
	if line != "event: next" {
		t.Fatalf("got %q, want the last event", line)
	}
	if last := got.line(); !strings.Contains(last, `"code":"UNAUTHENTICATED"`) {
		t.Errorf("at the end of the token: got %s, want UNAUTHENTICATED", last)
	}
	got.expect("", "event: complete", "data: ", "", "EOF")
}

// At shutdown subscriptions are cut without being completed, so that clients start them again.
func TestDrain(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	listening := ask(t, g, sse, board)
	listening.expect(":", "", "event: next", `data: {"data":{"taskBoardChanges":{"changed":[]}}}`, "")
	held := g.HoldBack(t, solos.GetProjectCall)
	asking := make(chan string)
	go func() { asking <- ask(t, g, sse, "{ project(id: 43) { databaseId } }").all() }()
	held.Arrived()
	g.Stream.Drain()
	listening.expect("EOF")
	held.Release()
	if got := <-asking; !strings.HasSuffix(got, "event: complete\ndata: \n\n") {
		t.Errorf("a query at shutdown: got %q, want it completed", got)
	}
}

const deferred = `{ viewer { id } project(id: 43) { databaseId ... @defer(label: "slow") { steps { name: databaseId } } } }`

// A slow branch that is deferred holds up nothing, in either form.
func TestDefer(t *testing.T) {
	t.Parallel()
	t.Run("multipart", func(t *testing.T) {
		t.Parallel()
		g := streamtest.Start(t, streamtest.Options{})
		held := g.HoldBack(t, solos.ListStepsCall)
		got := ask(t, g, deferring, deferred)
		got.expect("\r", "---\r", "Content-Type: application/json; charset=utf-8\r", "\r")
		checkFirst(t, strings.TrimSuffix(got.line(), "\r"))
		if next, err := got.lines.Peek(len("---")); err != nil || string(next) != "---" {
			t.Errorf("got %q, %v, want the delimiter that ends the first part", next, err)
		}
		held.Release()
		got.expect("---\r", "Content-Type: application/json; charset=utf-8\r", "\r")
		checkSteps(t, strings.TrimSuffix(got.line(), "\r"))
		got.expect("-----\r", "EOF")
	})
	t.Run("server-sent events", func(t *testing.T) {
		t.Parallel()
		g := streamtest.Start(t, streamtest.Options{})
		held := g.HoldBack(t, solos.ListStepsCall)
		got := ask(t, g, sse, deferred)
		got.expect(":", "", "event: next")
		checkFirst(t, strings.TrimPrefix(got.line(), "data: "))
		got.expect("")
		held.Release()
		got.expect("event: next")
		checkSteps(t, strings.TrimPrefix(got.line(), "data: "))
		got.expect("", "event: complete", "data: ", "", "EOF")
	})
}

func checkFirst(t *testing.T, part string) {
	t.Helper()
	if want := `{"data":{"viewer":{"id":"2"},"project":{"databaseId":"43"}},"hasNext":true}`; part != want {
		t.Fatalf("got %s, want %s", part, want)
	}
}

func checkSteps(t *testing.T, part string) {
	t.Helper()
	var got struct {
		Incremental []struct {
			Label string
			Path  []any
			Data  struct{ Steps []any }
		}
		HasNext *bool
	}
	if err := json.Unmarshal([]byte(part), &got); err != nil || len(got.Incremental) != 1 || got.HasNext == nil || *got.HasNext {
		t.Fatalf("got %s, %v, want the last part", part, err)
	}
	slow := got.Incremental[0]
	if diff := cmp.Diff([]any{"project"}, slow.Path); diff != "" || slow.Label != "slow" || len(slow.Data.Steps) == 0 {
		t.Errorf("got %s, want the steps of the project", part)
	}
}

// A client that leaves stops the work, also that of parts nobody has asked for yet.
func TestLeavingStopsTheWork(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	steps, goods := g.HoldBack(t, solos.ListStepsCall), g.HoldBack(t, solos.ListGoodsCall)
	got := ask(t, g, deferring, `{ project(id: 43) { databaseId ... @defer(label: "a") { steps { databaseId } } ... @defer(label: "b") { goods { databaseId } } } }`)
	got.expect("\r", "---\r", "Content-Type: application/json; charset=utf-8\r", "\r")
	steps.Arrived()
	goods.Arrived()
	got.leave()
	steps.Canceled()
	goods.Canceled()
}

// What is deferred longer than an operation may take is told as late, and does not hang.
func TestDeferredPartsAreLateAtTheDeadline(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{Stream: graphqlstream.Options{OperationTimeout: 300 * time.Millisecond}})
	g.HoldBack(t, solos.ListStepsCall)
	body := ask(t, g, deferring, deferred).all()
	if !strings.Contains(body, `"code":"UPSTREAM_TIMEOUT"`) || !strings.HasSuffix(body, "\r\n-----\r\n") {
		t.Errorf("got %q, want a last part with UPSTREAM_TIMEOUT", body)
	}
}

// A stream ends as one that is whole, too, where it is the request whose time is up.
func TestDeferredPartsEndAtTheDeadlineOfTheRequest(t *testing.T) {
	t.Parallel()
	for accept, end := range map[string]string{deferring: "\r\n-----\r\n", sse: "event: complete\ndata: \n\n"} {
		g := streamtest.Start(t, streamtest.Options{Timeout: 300 * time.Millisecond})
		g.HoldBack(t, solos.ListStepsCall)
		body := ask(t, g, accept, `{ project(id: 43) { name ... @defer { steps { databaseId } } } }`).all()
		if !strings.Contains(body, `"code":"UPSTREAM_TIMEOUT"`) || !strings.Contains(body, `"hasNext":false`) || !strings.HasSuffix(body, end) {
			t.Errorf("%s: got %q, want a last part with UPSTREAM_TIMEOUT, and the end", accept, body)
		}
	}
}

// Of several parts, the last tells what all have cost; of several events, each tells of its own.
func TestAccounts(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	parts := request(t, http.MethodPost, g.URL, mustJSON(t, map[string]any{"query": deferred, "extensions": map[string]any{"freshness": map[string]any{"report": true}}}), http.Header{
		"Accept": {sse}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + g.CRMs.Token(2)}, "X-Crmgraph-Cost": {"1"},
	}).all()
	first, err := dataOf(parts, 1)
	if err != nil || strings.Contains(first, "extensions") {
		t.Errorf("first part: got %s, %v, want no account yet", first, err)
	}
	last, err := dataOf(parts, 2)
	if err != nil || !strings.Contains(last, `"actual":{"proportal":0,"solos":2,"total":2}`) || !strings.Contains(last, `"operation":"steps"`) {
		t.Errorf("last part: got %s, %v, want an account of both calls", last, err)
	}

	events := request(t, http.MethodPost, g.URL, mustJSON(t, map[string]any{
		"query": `subscription { taskBoardChanges { board { planned { customer { card { inn } } } } } }`,
	}), http.Header{
		"Accept": {sse}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + g.CRMs.Token(2)}, "X-Crmgraph-Cost": {"1"},
	})
	events.expect(":", "", "event: next")
	var event struct {
		Extensions struct {
			Cost struct{ Actual struct{ ProPortal int } }
		}
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(events.line(), "data: ")), &event); err != nil || event.Extensions.Cost.Actual.ProPortal == 0 {
		t.Errorf("event: got %+v, %v, want the calls for the customers", event, err)
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestImpossibleOptions(t *testing.T) {
	t.Parallel()
	overHTTP, err := graphqlhttp.New(graphqlhttp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]graphqlstream.Options{
		"nothing for JSON":  {},
		"a negative time":   {JSON: overHTTP, KeepAlive: -1},
		"a negative length": {JSON: overHTTP, MaxQuery: -1},
	} {
		if _, err := graphqlstream.New(opts); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
