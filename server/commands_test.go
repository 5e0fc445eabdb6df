package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/graphiql"
)

// output runs a command to its end and returns what it prints.
func output(t *testing.T, env []string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), args, env, &out, io.Discard); err != nil {
		t.Fatalf("crmgraph %s: got error %v, want none", strings.Join(args, " "), err)
	}
	return out.String()
}

func TestConfigCommandPrintsTheEffectiveConfiguration(t *testing.T) {
	t.Parallel()
	got := output(t, []string{
		"CRMGRAPH_SOLOS_URL=https://crm.example.com", "CRMGRAPH_SOLOS_TOKEN=canary", "CRMGRAPH_SOLOS_SECRET=canary",
		"CRMGRAPH_PROPORTAL_URL=https://proportal:81", "CRMGRAPH_PROPORTAL_JWT_SECRET=canary",
	}, "config", "--listen=:80", "--log-level=debug")
	want := `listen: :80
max-connections: 10000
h2c: false
compress: true
explain: true
shutdown-delay: 0s
shutdown-grace: 15s
cost:
  max-calls: 400
  max-proportal-calls: 0
  max-solos-calls: 0
  report: false
request:
  timeout: 30s
  shed: true
  max-body: 1MiB
  max-tokens: 5000
  max-query: 128KiB
  max-depth: 20
  max-fields: 5000
  max-root-fields: 200
  max-aliases: 500
  max-directives: 500
  max-fragments: 300
  max-list: 1000
  max-objects: 25000
  max-batch: 10
  query-cache: 32MiB
documents:
  mode: "off"
  automatic: true
  size: 16MiB
  keep: 168h0m0s
browser:
  credentials: false
rate:
  viewer-requests: 0
  viewer-calls: 0
  client-requests: 0
  client-calls: 0
  window: 1m0s
proxy:
  header: X-Forwarded-For
websocket:
  init-timeout: 3s
  ping-interval: 15s
  max-operations: 50
stream:
  keep-alive: 15s
watch:
  interval: 10s
log:
  format: json
  level: DEBUG
upstream:
  max-body: 16MiB
  max-concurrent: 256
  max-queued: 10000
  max-attempts: 3
  retry-budget: 0.1
  hedge: true
  breaker-delay: 5s
auth: {}
admin: {}
cache:
  size: 64MiB
  not-found: 5s
  stale-while-revalidate: 30s
  stale-if-error: 10m0s
redis:
  timeout: 50ms
proportal:
  url: https://proportal:81
  jwt-secret: REDACTED
  timezone: Europe/Moscow
  timeout: 10s
  login-headers:
    - Authorization
  login-cookies: []
  mode: viewer
solos:
  url: https://crm.example.com
  token: REDACTED
  secret: REDACTED
  timezone: Europe/Moscow
  customer-field: client_id
  timeout: 10s
sandbox: {}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

// TestConfigCommandPrintsAConfigurationFile: what is printed means the same when it is read.
func TestConfigCommandPrintsAConfigurationFile(t *testing.T) {
	t.Parallel()
	secret := writeFile(t, "0123456789abcdef0123456789abcdef")
	for name, args := range map[string][]string{
		"on the sandbox": {
			"--listen=:80", "--no-graphiql", "--request-max-body=3KiB", "--proportal-login-cookies=a,b", "--sandbox-fault=solos=hang", "--sandbox-latency=5ms",
			"--admin-listen=:81", "--admin-token-file=" + secret,
		},
		"on both CRMs": {
			"--proportal-url=http://p", "--proportal-jwt-secret-file=" + secret,
			"--solos-url=http://s", "--solos-token-file=" + secret, "--solos-secret-file=" + secret,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := sources{args: args}.load(t)
			if err != nil {
				t.Fatal(err)
			}
			printed := output(t, nil, append([]string{"config"}, args...)...)
			got, err := sources{file: printed}.load(t)
			if err != nil {
				t.Fatalf("%v, in\n%s", err, printed)
			}
			if diff := cmp.Diff(want, got, compareConfig()); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHelpListsEverything(t *testing.T) {
	t.Parallel()
	everything := []string{
		"serve ", "sandbox ", "config ", "healthcheck ", "version ", "Server:", "ProPortal:", "solOS:",
		"$CRMGRAPH_LISTEN", "$CRMGRAPH_METRICS_LISTEN", "$CRMGRAPH_CONFIG", "$CRMGRAPH_PROPORTAL_URL", "$CRMGRAPH_PROPORTAL_CA_FILE", "$CRMGRAPH_PROPORTAL_JWT_SECRET", "$CRMGRAPH_PROPORTAL_TIMEZONE",
		"$CRMGRAPH_SOLOS_URL", "$CRMGRAPH_SOLOS_TOKEN", "$CRMGRAPH_SOLOS_SECRET", "$CRMGRAPH_SOLOS_TIMEZONE", "$CRMGRAPH_SOLOS_CUSTOMER_FIELD",
		"cache ", "$CRMGRAPH_CACHE_SIZE", "$CRMGRAPH_CACHE_TTL", "$CRMGRAPH_REDIS_URL", "$CRMGRAPH_REDIS_KEY_FILE", "$CRMGRAPH_ADMIN_LISTEN",
		"$CRMGRAPH_PROPORTAL_MODE", "$CRMGRAPH_AUTH_JWKS_URL", "$CRMGRAPH_UPSTREAM_RETRY_BUDGET",
	}
	tests := []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, everything},
		{[]string{"-h"}, everything},
		{[]string{"sandbox", "--help"}, []string{"--dialect", "--fault", "--customers", "--proportal-listen", "--documented-only", "--envelope"}},
		{[]string{"config", "--help"}, []string{"--solos-url"}},
		{[]string{"cache", "purge", "--help"}, []string{"--operation", "--viewer", "--entity", "--all", "--admin-listen", "--admin-token-file"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			// Whatever is wrong with the configuration must not keep the help from showing.
			got := output(t, []string{"CRMGRAPH_FOO=1"}, test.args...)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %s\nwant %q in it", got, want)
				}
			}
		})
	}
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"fly"}, {"--fly"}, {"--request-timeout=soon"}, {"sandbox", "--listen=:1"}, {"sandbox", "--proportal-listen=127.0.0.1:0", "--solos-listen=127.0.0.1:0", "--managers=0"}, {"--request-timeout=soon", "sandbox"}, {"version", "x"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), args, nil, io.Discard, io.Discard); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if got := output(t, nil, "version"); !regexp.MustCompile(`^crmgraph \S+( [0-9a-f]+)? go\S+\n$`).MatchString(got) {
		t.Errorf("got %q, want program, version and Go's version", got)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	answering := func(status int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/healthz" {
				t.Errorf("asked for %s %s, want GET /healthz", r.Method, r.URL.Path)
			}
			w.WriteHeader(status)
		}))
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	healthy, sick := answering(http.StatusOK), answering(http.StatusServiceUnavailable)
	_, port, _ := strings.Cut(healthy, ":")
	tests := []struct {
		name string
		env  []string
		want string // the error, "" for none
	}{
		{"alive", []string{"CRMGRAPH_LISTEN=" + healthy}, ""},
		{"alive, listening on all addresses", []string{"CRMGRAPH_LISTEN=:" + port}, ""},
		{"alive, listening on all IPv4 addresses", []string{"CRMGRAPH_LISTEN=0.0.0.0:" + port}, ""},
		{"not well", []string{"CRMGRAPH_LISTEN=" + sick}, "not healthy: status 503"},
		{"nobody there", []string{"CRMGRAPH_LISTEN=127.0.0.1:9"}, "not healthy: dial tcp 127.0.0.1:9: connect: connection refused"},
		{"no address", []string{"CRMGRAPH_LISTEN=here"}, "listen: address here: missing port in address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := run(t.Context(), []string{"healthcheck"}, test.env, io.Discard, io.Discard); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error: got %q, want %q", got, test.want)
			}
		})
	}
}

// TestSandboxCommand starts the emulated CRMs and a gateway with what they print.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		args := []string{"sandbox", "--proportal-listen=127.0.0.1:0", "--solos-listen=127.0.0.1:0", "--dialect=resource", "--customers=7", "--groups=2", "--fault=proportal.groups=status:503"}
		err := run(ctx, args, nil, writer, io.Discard)
		done <- err
		_ = writer.CloseWithError(err)
	}()
	buffer := make([]byte, 8<<10)
	n, err := reader.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	printed := string(buffer[:n])
	env := regexp.MustCompile(`CRMGRAPH_\w+=\S+`).FindAllString(printed, -1)
	if got, want := len(env), 5; got != want {
		t.Fatalf("variables printed: got %d, want %d, in\n%s", got, want, printed)
	}
	token := regexp.MustCompile(`token +(\S+\.\S+\.\S+)`).FindStringSubmatch(printed)
	if token == nil {
		t.Fatalf("no token printed in\n%s", printed)
	}
	renew := regexp.MustCompile(`GET (http\S+)\)`).FindStringSubmatch(printed)
	if renew == nil {
		t.Fatalf("no way to a new token printed in\n%s", printed)
	}
	if got := fetch(t, renew[1]); got.Status != http.StatusOK || !strings.Contains(got.Body, `"token"`) {
		t.Errorf("GET %s: got %v, want a token", renew[1], got)
	}
	gateway := start(t, env)
	got := postQuery(t, gateway, `{"query":"{ portfolio { totalCount } groups { id } projects(first: 1) { pageInfo { hasNextPage } } }"}`, "Bearer "+token[1])
	var response struct {
		Data   json.RawMessage
		Errors []struct {
			Path       []any
			Extensions map[string]any
		}
	}
	if err := json.Unmarshal([]byte(got.Body), &response); err != nil {
		t.Fatalf("answer %v: %v", got, err)
	}
	if diff := cmp.Diff(`{"portfolio":{"totalCount":7},"groups":null,"projects":{"pageInfo":{"hasNextPage":true}}}`, string(response.Data)); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if len(response.Errors) != 1 || response.Errors[0].Extensions["code"] != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("errors: got %v, want the fault of groups alone", response.Errors)
	}
	if err := gateway.end(); err != nil {
		t.Errorf("the gateway ended with %v, want no error", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("the sandbox ended with %v, want no error", err)
	}
}

// TestExamplesRun: every query the explorer opens with is answered whole.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	authorization := pageHeaders(t, fetch(t, i.url+"/").Body).Get("Authorization")
	examples, err := graphiql.Examples()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(examples), 5; got != want {
		t.Fatalf("examples: got %d, want %d", got, want)
	}
	for _, example := range examples {
		body, err := json.Marshal(map[string]any{"query": example.Query, "variables": json.RawMessage(orNull(example.Variables))})
		if err != nil {
			t.Fatal(err)
		}
		got := postQuery(t, i, string(body), authorization)
		if got.Status != http.StatusOK || strings.Contains(got.Body, `"errors"`) || len(got.Body) < 200 {
			t.Errorf("%s\ngot %v, want data without errors", example.Query, got)
		}
	}
}

func orNull(text string) string {
	if text == "" {
		return "null"
	}
	return text
}
