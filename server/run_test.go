package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// instance is a whole program that runs inside a test.
type instance struct {
	url  string
	log  *watchedLog
	stop context.CancelFunc
	done chan error
}

// start runs the program on a free port and waits until it listens.
func start(t *testing.T, env []string, args ...string) *instance {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	i := &instance{log: newWatchedLog(), stop: stop, done: make(chan error, 1)}
	args = append([]string{"--listen", "127.0.0.1:0"}, args...)
	go func() { i.done <- run(ctx, args, env, io.Discard, i.log) }()
	select {
	case address := <-i.log.address:
		i.url = "http://" + address
	case err := <-i.done:
		stop()
		t.Fatalf("the program ended: %v", err)
	}
	return i
}

// end stops the program and returns how it ended.
func (i *instance) end() error {
	i.stop()
	return <-i.done
}

// startCRMs starts both emulated CRMs, which end with the test.
func startCRMs(t testing.TB, opts sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	crms, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := crms.Close(); err != nil {
			t.Error(err)
		}
	})
	return crms
}

// startForTest is start for a program that the test does not stop itself.
func startForTest(t *testing.T, env []string, args ...string) *instance {
	t.Helper()
	i := start(t, env, args...)
	t.Cleanup(func() {
		if err := i.end(); err != nil {
			t.Errorf("the program ended with %v, want no error", err)
		}
	})
	return i
}

// watchedLog keeps a log in JSON and tells the address that it says the program listens on.
type watchedLog struct {
	address chan string
	mu      sync.Mutex
	text    bytes.Buffer
}

func newWatchedLog() *watchedLog { return &watchedLog{address: make(chan string, 1)} }

// Write takes one line, as slog writes them.
func (l *watchedLog) Write(line []byte) (int, error) {
	var record struct{ Msg, Address string }
	if err := json.Unmarshal(line, &record); err == nil && record.Msg == "listening" {
		l.address <- record.Address
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *watchedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// reply is what a client sees.
type reply struct {
	Status int
	Body   string
}

// client has connections of its own: a test server that closes gives up the idle ones of
// the default client.
var client = &http.Client{Transport: &http.Transport{}}

// send makes one request; any goroutine may call it.
func send(ctx context.Context, method, url, body string, header http.Header) (reply, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return reply{}, nil, err
	}
	if header != nil {
		req.Header = header
	}
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, string(got)}, resp.Header, err
}

func do(t *testing.T, method, url, body string, header http.Header) (reply, http.Header) {
	t.Helper()
	got, gotHeader, err := send(t.Context(), method, url, body, header)
	if err != nil {
		t.Fatal(err)
	}
	return got, gotHeader
}

func fetch(t *testing.T, url string) reply {
	t.Helper()
	got, _ := do(t, http.MethodGet, url, "", nil)
	return got
}

// queryHeader is the header of an operation; authorization is "" for none.
func queryHeader(authorization string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	return header
}

func postQuery(t *testing.T, i *instance, body, authorization string) reply {
	t.Helper()
	got, _ := do(t, http.MethodPost, i.url+"/graphql", body, queryHeader(authorization))
	return got
}

// outcome is how a request of another goroutine ended.
type outcome struct {
	reply reply
	err   error
}

// postInBackground sends an operation and does not wait for its outcome.
func postInBackground(t *testing.T, i *instance, body, authorization string) <-chan outcome {
	t.Helper()
	outcomes := make(chan outcome, 1)
	go func() {
		got, _, err := send(t.Context(), http.MethodPost, i.url+"/graphql", body, queryHeader(authorization))
		outcomes <- outcome{got, err}
	}()
	return outcomes
}

// pageHeaders returns the headers that the explorer's page starts with.
func pageHeaders(t *testing.T, page string) http.Header {
	t.Helper()
	match := regexp.MustCompile(`(?s)application/json">(.*?)</script>`).FindStringSubmatch(page)
	if match == nil {
		t.Fatalf("no settings in the page:\n%s", page)
	}
	var settings struct{ Headers string }
	if err := json.Unmarshal([]byte(match[1]), &settings); err != nil {
		t.Fatal(err)
	}
	header := make(http.Header)
	if settings.Headers == "" {
		return header
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(settings.Headers), &values); err != nil {
		t.Fatal(err)
	}
	for name, value := range values {
		header.Set(name, value)
	}
	return header
}

// TestSandboxOutOfTheBox starts the program without any configuration and uses it as
// its first user would.
func TestSandboxOutOfTheBox(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	if diff := cmp.Diff(reply{http.StatusOK, "ok\n"}, fetch(t, i.url+"/healthz")); diff != "" {
		t.Errorf("/healthz (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(reply{http.StatusOK, "ready\nproportal: circuit closed\nsolos: circuit closed\n"}, fetch(t, i.url+"/readyz")); diff != "" {
		t.Errorf("/readyz (-want +got):\n%s", diff)
	}
	if got := fetch(t, i.url+"/schema.graphql"); got.Status != http.StatusOK || !strings.Contains(got.Body, "\ntype Customer implements Node {") {
		t.Errorf("/schema.graphql: got %v, want the schema", got)
	}
	page := fetch(t, i.url+"/")
	if got, want := page.Status, http.StatusOK; got != want {
		t.Fatalf("/: got status %d, want %d", got, want)
	}
	authorization := pageHeaders(t, page.Body).Get("Authorization")
	got := postQuery(t, i, `{"query":"{ viewer { id } group(id: 129) { name valuation } }"}`, authorization)
	want := reply{http.StatusOK, `{"data":{"viewer":{"id":"2"},"group":{"name":"Контрагенты клиентов Росбанк: ПАО Московский кредитный банк","valuation":10}}}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	await(t, "the log has a request of viewer 2", func() bool { return strings.Contains(i.log.String(), `"viewer":"2"`) })
}

func TestLoginOnTheSandboxBySingleSignOnCookie(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	header := http.Header{"Content-Type": {"application/json"}, "Cookie": {"sandbox_sso=2"}}
	got, _ := do(t, http.MethodPost, i.url+"/graphql", `{"query":"mutation { login { viewer { id } } }"}`, header)
	if diff := cmp.Diff(reply{http.StatusOK, `{"data":{"login":{"viewer":{"id":"2"}}}}`}, got); diff != "" {
		t.Errorf("login (-want +got):\n%s", diff)
	}
}

func TestEdgeErrors(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--request-max-body=1KiB")
	coded := func(message, code string) string {
		return `{"errors":[{"message":"` + message + `","extensions":{"code":"` + code + `"}}]`
	}
	const (
		notJSON      = "The request body is not one JSON value in UTF-8."
		tooLarge     = "The request body is too large."
		nothingThere = "There is nothing at this address. The API is at /graphql."
	)
	tests := []struct {
		name, method, path, contentType, body string
		status                                int
		want                                  string // the beginning of the body
	}{
		{"broken JSON is not repeated", "POST", "/graphql", "application/json", `{"query": canary`, 400, coded(notJSON, "INVALID_JSON")},
		{"too large", "POST", "/graphql", "application/json", strings.Repeat(" ", 1025), 413, `{"errors":[{"message":"` + tooLarge + `","extensions":{"code":"BODY_TOO_LARGE","limit":1024,"value":1025}}]}`},
		{"a form", "POST", "/graphql", "application/x-www-form-urlencoded", "query=canary", 415, coded("Send the operation as JSON in UTF-8, with Content-Type: application/json.", "UNSUPPORTED_MEDIA_TYPE")},
		{"PUT", "PUT", "/graphql", "application/json", "{}", 405, coded("Send operations with POST or GET.", "METHOD_NOT_ALLOWED")},
		{"a mutation by GET", "GET", "/graphql?query=mutation%7Blogin%7Btoken%7D%7D", "", "", 405, coded("Send mutations with POST.", "MUTATION_BY_GET")},
		{"a query by GET", "GET", "/graphql?query=%7B__typename%7D", "", "", 200, `{"data":{"__typename":"Query"}}`},
		{"the options", "OPTIONS", "/graphql", "", "", 200, ""},
		{"another path", "GET", "/nothing", "", "", 404, coded(nothingThere, "NOT_FOUND")},
		{"a path below the endpoint", "POST", "/graphql/x", "application/json", "{}", 404, coded(nothingThere, "NOT_FOUND")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if test.contentType != "" {
				header.Set("Content-Type", test.contentType)
			}
			got, gotHeader := do(t, test.method, i.url+test.path, test.body, header)
			if got.Status != test.status || !strings.HasPrefix(got.Body, test.want) {
				t.Errorf("got %v, want status %d and %s…", got, test.status, test.want)
			}
			if strings.Contains(got.Body, "canary") {
				t.Errorf("got %v, want an answer that does not repeat the request", got)
			}
			if gotHeader.Get("X-Request-Id") == "" || gotHeader.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers: got %v, want a request id and nosniff", gotHeader)
			}
		})
	}
}

func TestTokenLimit(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--request-max-tokens=10")
	tests := []struct {
		query  string
		status int
	}{
		{`{ a: __typename b: __typename }`, http.StatusOK},
		{`{ a: __typename b: __typename c: __typename }`, http.StatusUnprocessableEntity},
	}
	for _, test := range tests {
		if got := postQuery(t, i, `{"query":"`+test.query+`"}`, ""); got.Status != test.status {
			t.Errorf("query %s: got %v, want status %d", test.query, got, test.status)
		}
	}
}

func TestGraphiQLCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	i := startForTest(t, []string{"CRMGRAPH_GRAPHIQL=no"})
	for _, path := range []string{"/", "/graphiql/page.js"} {
		if got, want := fetch(t, i.url+path).Status, http.StatusNotFound; got != want {
			t.Errorf("%s: got status %d, want %d", path, got, want)
		}
	}
}

// crm is a ProPortal that says when it is asked and answers when it is told.
type crm struct {
	*httptest.Server
	asked  chan *http.Request
	answer chan string
}

func newCRM(t *testing.T) *crm {
	t.Helper()
	c := &crm{asked: make(chan *http.Request), answer: make(chan string)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case c.asked <- r:
		case <-r.Context().Done():
			return
		}
		select {
		case body := <-c.answer:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(c.Close)
	return c
}

const (
	signingKey = "a signing key of at least 32 bytes"
	group      = `{"id":129,"name":"Новые","description":null,"author":3547,"created_at":1502899343,"valuation":10,"customers":132}`
	groupQuery = `{"query":"{ group(id: 129) { name } }"}`
	groupReply = `{"data":{"group":{"name":"Новые"}}}`
)

func newToken(t *testing.T, key string) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": 2, "exp": time.Now().Add(time.Hour).Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

func TestShutdownFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	i := start(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey})
	running := postInBackground(t, i, groupQuery, newToken(t, signingKey))
	<-proportal.asked
	i.stop()
	for accepts(t, i.url) {
		t.Log("still accepts connections")
	}
	proportal.answer <- group
	got := <-running
	if diff := cmp.Diff(reply{http.StatusOK, groupReply}, got.reply); diff != "" || got.err != nil {
		t.Errorf("the request that ran: error %v (-want +got):\n%s", got.err, diff)
	}
	if err := <-i.done; err != nil {
		t.Errorf("the program ended with %v, want no error", err)
	}
}

// accepts reports whether something listens at url.
func accepts(t *testing.T, url string) bool {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func TestShutdownCutsOffWhatRunsTooLong(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	i := start(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}, "--shutdown-grace=1ms")
	running := postInBackground(t, i, groupQuery, newToken(t, signingKey))
	<-proportal.asked
	err := i.end()
	if want := "requests that still ran after 1ms were cut off"; err == nil || err.Error() != want {
		t.Errorf("the program ended with %v, want %s", err, want)
	}
	if got := <-running; got.err == nil {
		t.Errorf("the request that ran: got %v, want an error", got.reply)
	}
}

// TestShutdownDelay: while load balancers learn of the end, whom they still send is answered.
func TestShutdownDelay(t *testing.T) {
	t.Parallel()
	i := start(t, nil, "--shutdown-delay=3s")
	i.stop()
	await(t, "the server says that it is not ready", func() bool { return fetch(t, i.url+"/readyz").Status == http.StatusServiceUnavailable })
	got := postQuery(t, i, `{"query":"{ __typename }"}`, "")
	if got.Status != http.StatusOK {
		t.Errorf("a request on a new connection: got %v, want an answer", got)
	}
	if err := <-i.done; err != nil {
		t.Errorf("the program ended with %v, want no error", err)
	}
	if accepts(t, i.url) {
		t.Error("it still accepts connections after its end")
	}
}

// TestShutdownDelayLetsViewersIn: whoever comes in that time is let in like all others, also where the issuer's keys
// can only be had now.
func TestShutdownDelayLetsViewersIn(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	issuer := startIssuer(t)
	published := fetch(t, issuer.url).Body
	var isUp atomic.Bool
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !isUp.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(published))
	}))
	t.Cleanup(late.Close)
	issuer.url = late.URL
	i := start(t, serviceEnvironment(crms, issuer), "--shutdown-delay=4s")
	await(t, "the keys were asked for in vain", func() bool { return strings.Contains(fetch(t, i.url+"/readyz").Body, "cannot be loaded") })
	i.stop()
	isUp.Store(true)
	awaitKeys(t, i, issuer.authorization(t, "someone"))
	if err := <-i.done; err != nil {
		t.Errorf("the program ended with %v, want no error", err)
	}
}

func TestATakenPortFailsTheStart(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	err = run(t.Context(), []string{"--listen", listener.Addr().String()}, nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v, want an error that says the address is in use", err)
	}
}

// TestOneCRMAlone: what is not configured fails with its own error, and is not emulated.
func TestOneCRMAlone(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}, "--graphiql")
	if header := pageHeaders(t, fetch(t, i.url+"/").Body); len(header) != 0 {
		t.Errorf("headers of the page: got %v, want none", header)
	}
	got := postQuery(t, i, `{"query":"{ projects { totalCount } }"}`, newToken(t, signingKey))
	var response struct {
		Data   map[string]any
		Errors []struct{ Extensions map[string]any }
	}
	if err := json.Unmarshal([]byte(got.Body), &response); err != nil {
		t.Fatalf("answer %v: %v", got, err)
	}
	if len(response.Errors) != 1 || response.Errors[0].Extensions["code"] != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("answer: got %v, want one UPSTREAM_UNAVAILABLE", got)
	}
	if diff := cmp.Diff(map[string]any{"projects": nil}, response.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

// TestDaysOfCardsAreOfTheZone: an instant of a card is another day further east.
func TestDaysOfCardsAreOfTheZone(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{"Europe/Moscow": "2018-11-08", "Asia/Vladivostok": "2018-11-09"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			proportal := newCRM(t)
			i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}, "--proportal-timezone="+zone)
			got := postInBackground(t, i, `{"query":"{ customer(id: 7) { card { dates { contact } } } }"}`, newToken(t, signingKey))
			<-proportal.asked
			proportal.answer <- `{"id":7,"name":"A","dates":{"contact":1541700000}}`
			if answer := <-got; answer.err != nil || !strings.Contains(answer.reply.Body, `"contact":"`+want+`"`) {
				t.Errorf("got %v, want the day %s", answer, want)
			}
		})
	}
}

func TestTokensAreVerified(t *testing.T) {
	t.Parallel()
	i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=http://127.0.0.1:9", "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey})
	tests := map[string]struct{ authorization, want string }{
		"good":      {newToken(t, signingKey), `"viewer":{"id":"2"}`},
		"wrong key": {newToken(t, "another"), `"code":"UNAUTHENTICATED"`},
		"none":      {"", `"code":"UNAUTHENTICATED"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := postQuery(t, i, `{"query":"{ viewer { id } }"}`, test.authorization); !strings.Contains(got.Body, test.want) {
				t.Errorf("got %v, want %s in it", got, test.want)
			}
		})
	}
}

// TestTokensAreVerifiedByAsking runs without the key: ProPortal is asked once, and its
// answer kept for the next request.
func TestTokensAreVerifiedByAsking(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL})
	token := newToken(t, "a key that only ProPortal has")
	first := postInBackground(t, i, `{"query":"{ viewer { id } }"}`, token)
	asked := <-proportal.asked
	proportal.answer <- "120"
	if got, want := asked.Header.Get("Authorization"), token; got != want {
		t.Errorf("Authorization of the question: got %q, want %q", got, want)
	}
	want := reply{http.StatusOK, `{"data":{"viewer":{"id":"2"}}}`}
	got := <-first
	if diff := cmp.Diff(want, got.reply); diff != "" || got.err != nil {
		t.Errorf("first answer: error %v (-want +got):\n%s", got.err, diff)
	}
	if diff := cmp.Diff(want, postQuery(t, i, `{"query":"{ viewer { id } }"}`, token)); diff != "" {
		t.Errorf("second answer (-want +got):\n%s", diff)
	}
}

// TestSecretsStayOutOfLogsAndAnswers runs against CRMs that cannot be reached.
func TestSecretsStayOutOfLogsAndAnswers(t *testing.T) {
	t.Parallel()
	key := "canary-signing-key-of-more-than-32-bytes"
	i := startForTest(t, []string{
		"CRMGRAPH_PROPORTAL_URL=http://127.0.0.1:9/canary-path", "CRMGRAPH_PROPORTAL_JWT_SECRET=" + key,
		"CRMGRAPH_SOLOS_URL=http://127.0.0.1:9/canary-path", "CRMGRAPH_SOLOS_TOKEN=canary-token", "CRMGRAPH_SOLOS_SECRET=canary-secret",
	}, "--log-level=debug")
	token := newToken(t, key)
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {token}, "Cookie": {"canary=1"}}
	got, _ := do(t, http.MethodPost, i.url+"/graphql?canary-query", `{"query":"{ groups { name } projects { totalCount } }"}`, header)
	if strings.Count(got.Body, `"code":"UPSTREAM_UNAVAILABLE"`) != 2 || strings.Contains(got.Body, "canary") {
		t.Errorf("answer: got %v, want UPSTREAM_UNAVAILABLE twice and no secret", got)
	}
	await(t, "the log has the request", func() bool { return strings.Contains(i.log.String(), `"msg":"request"`) })
	if log := i.log.String(); strings.Contains(log, "canary") || strings.Contains(log, strings.TrimPrefix(token, "Bearer ")) {
		t.Errorf("log: got %s, want no secret", log)
	}
}

// TestWrongFilesFailTheStart: what is wrong with files is told with all the rest, by the settings that name them.
func TestWrongFilesFailTheStart(t *testing.T) {
	t.Parallel()
	ca := writeFile(t, "no certificate")
	env := []string{
		"CRMGRAPH_MAX_CONNECTIONS=0", "CRMGRAPH_DOCUMENTS_MANIFEST=/no/manifest",
		"CRMGRAPH_PROPORTAL_URL=https://proportal:81", "CRMGRAPH_PROPORTAL_CA_FILE=" + ca,
		"CRMGRAPH_REDIS_URL=rediss://redis", "CRMGRAPH_REDIS_KEY=" + strings.Repeat("A", 43) + "=", "CRMGRAPH_REDIS_CA_FILE=/no/file",
		"CRMGRAPH_SOLOS_URL=https://crm", "CRMGRAPH_SOLOS_TOKEN=t", "CRMGRAPH_SOLOS_SECRET=s", "CRMGRAPH_SOLOS_CA_FILE=/does/not/exist",
	}
	want := "the configuration is not valid:\n" +
		"  max-connections: must be positive\n" +
		"  documents-manifest: open /no/manifest: no such file or directory\n" +
		"  proportal-ca-file: " + ca + ": no PEM certificate found\n" +
		"  solos-ca-file: open /does/not/exist: no such file or directory\n" +
		"  redis-ca-file: open /no/file: no such file or directory"
	for _, command := range []string{"serve", "config"} {
		err := run(t.Context(), []string{command}, env, io.Discard, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", command, err, want)
		}
	}
}

// TestFilesThatCanBeReadOnce: a shell's <(command) will do for a file.
func TestFilesThatCanBeReadOnce(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	manifest := `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"one","body":"query One { __typename }","name":"One","type":"query"}]}`
	if _, err := io.WriteString(writer, manifest); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	i := startForTest(t, nil, fmt.Sprintf("--documents-manifest=/dev/fd/%d", reader.Fd()))
	if got := postQuery(t, i, `{"documentId":"one"}`, ""); !strings.Contains(got.Body, `"__typename":"Query"`) {
		t.Errorf("got %v, want the answer to a document of the manifest", got)
	}
}

// TestConfigFindsWhatTheServerWould: what config has checked starts, also what is in files.
func TestConfigFindsWhatTheServerWould(t *testing.T) {
	t.Parallel()
	service := []string{
		"--proportal-mode=service", "--auth-jwks-url=https://id.example.com/keys", "--auth-issuer=x", "--auth-audience=y",
	}
	for want, args := range map[string][]string{
		"the configuration is not valid:\n  auth-jwks-ca-file: open /does/not/exist: no such file or directory":  append(service, "--auth-jwks-ca-file=/does/not/exist"),
		"the configuration is not valid:\n  redis-url: the URL of the shared tier must be a redis or rediss URL": {"--redis-url=http://user:canary@redis", "--redis-key=" + strings.Repeat("A", 43) + "="},
	} {
		for _, command := range []string{"serve", "config"} {
			err := run(t.Context(), append([]string{command}, args...), nil, io.Discard, io.Discard)
			if err == nil || err.Error() != want {
				t.Errorf("%s: got %v, want %s", command, err, want)
			}
		}
	}
}
