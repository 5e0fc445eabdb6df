package main

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/persisted"
)

// defaults is the configuration without any setting.
func defaults() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		MaxConns:      10000,
		Compress:      true,
		Explain:       true,
		Cost:          CostConfig{MaxCalls: 400},
		ShutdownGrace: 15 * time.Second,
		Request: RequestConfig{
			Timeout: 30 * time.Second, MaxBody: 1 << 20, MaxTokens: 5000, Shed: true,
			MaxQuery: 128 << 10, MaxDepth: 20, MaxFields: 5000, MaxRootFields: 200, MaxAliases: 500, MaxDirectives: 500, MaxFragments: 300, MaxList: 1000, MaxObjects: 25000, MaxBatch: 10, QueryCache: 32 << 20,
		},
		Documents: DocumentsConfig{Mode: persisted.Off, Automatic: true, Size: 16 << 20, Keep: 168 * time.Hour},
		Rate:      RateConfig{Window: time.Minute},
		Proxy:     ProxyConfig{Header: "X-Forwarded-For"},
		WebSocket: WebSocketConfig{InitTimeout: 3 * time.Second, PingInterval: 15 * time.Second, MaxOperations: 50},
		Stream:    StreamConfig{KeepAlive: 15 * time.Second},
		Watch:     WatchConfig{Interval: 10 * time.Second},
		Log:       LogConfig{Format: "json", Level: slog.LevelInfo},
		Upstream: UpstreamConfig{
			MaxBody: 16 << 20, MaxConcurrent: 256, MaxQueued: 10_000,
			MaxAttempts: 3, RetryBudget: 0.1, Hedge: true, BreakerDelay: 5 * time.Second,
		},
		Cache: CacheConfig{
			Size: 64 << 20, NotFound: 5 * time.Second,
			StaleWhileRevalidate: 30 * time.Second, StaleIfError: 10 * time.Minute,
		},
		Redis:     RedisConfig{Timeout: 50 * time.Millisecond},
		ProPortal: ProPortalConfig{Timezone: "Europe/Moscow", Timeout: 10 * time.Second, LoginHeaders: []string{"Authorization"}, Mode: ModeViewer},
		Solos:     SolosConfig{Timezone: "Europe/Moscow", CustomerField: "client_id", Timeout: 10 * time.Second},
	}
}

// sources is where the settings of a test come from.
type sources struct {
	file string // content of the configuration file, "" for none
	env  []string
	args []string
}

// load returns the configuration that serve would run with. The file's name in errors is FILE.
func (s sources) load(t *testing.T) (Config, error) {
	t.Helper()
	env := s.env
	name := ""
	if s.file != "" {
		name = writeFile(t, s.file)
		env = append([]string{"CRMGRAPH_CONFIG=" + name}, env...)
	}
	var line commandLine
	p := &program{layers: &settings{}, stdout: io.Discard, stderr: io.Discard}
	if _, err := p.parse(&line, s.args, env); err != nil {
		return Config{}, err
	}
	c := line.Serve.Config
	c.File = ""
	err := c.complete(p.layers)
	if err != nil && name != "" {
		err = errors.New(strings.ReplaceAll(err.Error(), name, "FILE"))
	}
	return c, err
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// compareConfig knows the fields that are not exported and takes an empty list for none.
func compareConfig() cmp.Options {
	return cmp.Options{
		cmp.AllowUnexported(Secret{}),
		cmp.Transformer("list", func(list []string) string { return strings.Join(list, "|") }),
	}
}

func TestConfigLayers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		from sources
		want func(c *Config)
	}{
		{"nothing: the defaults", sources{}, func(*Config) {}},
		{"an empty file", sources{file: "# nothing\n"}, func(*Config) {}},
		{
			"file over defaults",
			sources{file: "listen: :1\nrequest:\n  timeout: 1s\n  max-body: 2KiB\n"},
			func(c *Config) {
				c.Listen, c.Request.Timeout, c.Request.MaxBody = ":1", time.Second, 2048
			},
		},
		{
			"environment over file",
			sources{file: "listen: :1\nlog: {level: warn}\n", env: []string{"CRMGRAPH_LISTEN=:2", "HOME=/"}},
			func(c *Config) { c.Listen, c.Log.Level = ":2", slog.LevelWarn },
		},
		{
			"flags over environment and file",
			sources{file: "listen: :1\n", env: []string{"CRMGRAPH_LISTEN=:2"}, args: []string{"--listen", ":3"}},
			func(c *Config) { c.Listen = ":3" },
		},
		{
			"serve by its name",
			sources{args: []string{"serve", "--no-graphiql"}},
			func(c *Config) { c.GraphiQL = new(false) },
		},
		{
			"truth in the environment",
			sources{env: []string{"CRMGRAPH_GRAPHIQL=false"}},
			func(c *Config) { c.GraphiQL = new(false) },
		},
		{
			"what Kubernetes tells of a service is no setting",
			sources{env: []string{
				"CRMGRAPH_SERVICE_HOST=10.0.0.11", "CRMGRAPH_SERVICE_PORT=80", "CRMGRAPH_SERVICE_PORT_HTTP=80",
				"CRMGRAPH_PORT=tcp://10.0.0.11:80", "CRMGRAPH_PORT_80_TCP=tcp://10.0.0.11:80", "CRMGRAPH_PORT_80_TCP_PROTO=tcp",
				"CRMGRAPH_PORT_80_TCP_PORT=80", "CRMGRAPH_PORT_80_TCP_ADDR=10.0.0.11", "CRMGRAPH_REDIS_SERVICE_HOST=10.0.0.12",
				"CRMGRAPH_REDIS_PORT=tcp://10.0.0.12:6379", "CRMGRAPH_REDIS_PORT_6379_TCP=tcp://10.0.0.12:6379",
			}},
			func(*Config) {},
		},
		{
			"an empty variable is not set",
			sources{file: "listen: :1\n", env: []string{"CRMGRAPH_LISTEN=", "CRMGRAPH_SOLOS_TOKEN="}},
			func(c *Config) { c.Listen = ":1" },
		},
		{
			"lists",
			sources{
				file: "proportal:\n  login-headers: [X-Remote-User, Authorization]\n  login-cookies:\n    - sso\n",
				env:  []string{"CRMGRAPH_SANDBOX_FAULT=proportal=hang;solos.projects=status:429,retry-after=2s"},
			},
			func(c *Config) {
				c.ProPortal.LoginHeaders = []string{"X-Remote-User", "Authorization"}
				c.ProPortal.LoginCookies = []string{"sso"}
				c.Sandbox.Faults = []string{"proportal=hang", "solos.projects=status:429,retry-after=2s"}
			},
		},
		{
			"metrics, in the file and the environment",
			sources{file: "metrics-listen: :1\n", env: []string{"CRMGRAPH_METRICS_LISTEN=:2"}},
			func(c *Config) { c.MetricsListen = ":2" },
		},
		{
			"an empty list in the file",
			sources{file: "proportal: {login-headers: []}\n"},
			func(c *Config) { c.ProPortal.LoginHeaders = nil },
		},
		{
			"a secret of digits is text, in a file and a block too",
			sources{file: "solos:\n  url: https://crm.example.com\n  token: 0123\n  secret: |-\n    1e5\nproportal: {url: 'https://proportal:81', jwt-secret: 007}\n"},
			func(c *Config) {
				c.Solos.URL, c.Solos.Token, c.Solos.Secret = "https://crm.example.com", NewSecret("0123"), NewSecret("1e5")
				c.ProPortal.URL, c.ProPortal.JWTSecret = "https://proportal:81", NewSecret("007")
			},
		},
		{
			"aliases",
			sources{file: "solos:\n  aliases:\n    project: {price: [cost, contract_sum]}\n"},
			func(c *Config) {
				c.Solos.Aliases = map[string]map[string][]string{"project": {"price": {"cost", "contract_sum"}}}
			},
		},
		{
			"a verified manager and solOS alone",
			sources{env: []string{
				"CRMGRAPH_SOLOS_URL=http://crm", "CRMGRAPH_SOLOS_TOKEN=t", "CRMGRAPH_SOLOS_SECRET=s", "CRMGRAPH_PROPORTAL_JWT_SECRET=k",
			}},
			func(c *Config) {
				c.Solos.URL, c.Solos.Token, c.Solos.Secret, c.ProPortal.JWTSecret = "http://crm", NewSecret("t"), NewSecret("s"), NewSecret("k")
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.from.load(t)
			if err != nil {
				t.Fatalf("got error %v, want none", err)
			}
			want := defaults()
			test.want(&want)
			if diff := cmp.Diff(want, got, compareConfig()); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigReadsSecretsFromFiles(t *testing.T) {
	t.Parallel()
	key, token, secret := writeFile(t, "key\n"), writeFile(t, "token\r\n"), writeFile(t, " secret ")
	from := sources{
		file: "proportal: {url: 'http://p', jwt-secret: hidden by the environment}\nsolos: {url: 'http://s', token-file: /hidden/by/the/flag}\n",
		env:  []string{"CRMGRAPH_PROPORTAL_JWT_SECRET_FILE=" + key, "CRMGRAPH_SOLOS_TOKEN=hidden by the flag"},
		args: []string{"--solos-token-file", token, "--solos-secret-file", secret},
	}
	got, err := from.load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.ProPortal.URL, want.ProPortal.JWTSecret, want.ProPortal.JWTSecretFile = "http://p", NewSecret("key"), key
	want.Solos.URL, want.Solos.Token, want.Solos.TokenFile = "http://s", NewSecret("token"), token
	want.Solos.Secret, want.Solos.SecretFile = NewSecret(" secret "), secret
	if diff := cmp.Diff(want, got, compareConfig()); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestConfigTellsEveryProblem(t *testing.T) {
	t.Parallel()
	empty := writeFile(t, "\n")
	tests := []struct {
		name string
		from sources
		want []string
	}{
		{
			"unknown names and unreadable values, in both layers",
			sources{
				file: "lisen: :1\nrequest:\n  timeout: 30\n  depth: 3\nlog: json\nconfig: other.yaml\nlisten: [a]\nproportal-url: x\n",
				env:  []string{"CRMGRAPH_FOO=1", "CRMGRAPH_REQUEST_MAX_BODY=many", "CRMGRAPH_GRAPHIQL=maybe"},
			},
			[]string{
				"CRMGRAPH_FOO: unknown environment variable",
				`CRMGRAPH_GRAPHIQL: bool value must be true, 1, yes, false, 0 or no but got "maybe"`,
				`CRMGRAPH_REQUEST_MAX_BODY: want a number of bytes such as "512KiB" or "16MiB"`,
				"FILE:1: lisen: unknown key",
				`FILE:3: request.timeout: expected duration but got "30": time: missing unit in duration "30"`,
				"FILE:4: request.depth: unknown key",
				"FILE:5: log: want keys and values",
				"FILE:6: config: unknown key",
				"FILE:7: listen: want one value, or a list where the setting is one",
				"FILE:8: proportal-url: unknown key",
			},
		},
		{
			"unreadable flags, with all the rest",
			sources{
				file: "lisen: :1\n",
				env:  []string{"CRMGRAPH_FOO=1", "CRMGRAPH_REQUEST_TIMEOUT=soon"},
				args: []string{"--request-timeout=later", "--log-format=xml", "--max-connections", "many", "--h2c=maybe", "--stream-keep-alive", "0s", "--documents-size"},
			},
			[]string{
				`--request-timeout: expected duration but got "later": time: invalid duration "later"`,
				`--max-connections: expected a valid 64 bit int but got "many"`,
				`--h2c: bool value must be true, 1, yes, false, 0 or no but got "maybe"`,
				`--documents-size: expected value value but got "EOL" (<EOL>)`,
				"CRMGRAPH_FOO: unknown environment variable",
				`CRMGRAPH_REQUEST_TIMEOUT: expected duration but got "soon": time: invalid duration "soon"`,
				"FILE:1: lisen: unknown key",
				"stream-keep-alive: must be positive",
				"log-format: want json or text",
			},
		},
		{
			"flags without values, before others",
			sources{args: []string{"--documents-size", "--listen", "8080", "--max-connections", "--log-format=xml"}},
			[]string{
				`--documents-size: expected value value but got "--listen" (long flag); perhaps try --documents-size="--listen"?`,
				`--max-connections: expected int value but got "--log-format=xml" (long flag); perhaps try --max-connections="--log-format=xml"?`,
				`listen: "8080" is not an address such as 127.0.0.1:8080`,
				"log-format: want json or text",
			},
		},
		{
			"times to live that are none, and a Redis of several hosts with a key that is none",
			sources{args: []string{"--cache-ttl=proportal.tasks=soon", "--redis-url=redis://user:canary@one:6379,two:6379", "--redis-key=c2hvcnQ="}},
			[]string{
				"cache-ttl: proportal.tasks: want a duration such as 5s, or 0",
				"redis-key: want 32 bytes in base64",
				"redis-url: the URL of the shared tier must name one host, and a port between 1 and 65535 if any",
			},
		},
		{
			"who may ask, for any origin with cookies and in no time",
			sources{args: []string{"--browser-origins=*", "--browser-credentials", "--rate-window=10ms", "--documents-mode=required"}},
			[]string{
				"documents-mode: the mode required needs a manifest",
				`browser-origins: credentials need a list of origins, not "*"`,
				"rate-window: must be a second or more",
			},
		},
		{
			"a token of operators that no request can bring",
			sources{args: []string{"--admin-listen=:1", "--admin-token-file=" + writeFile(t, "canary \n")}},
			[]string{"admin-token: cannot be sent as a header"},
		},
		{
			"Redis without a key",
			sources{args: []string{"--redis-url=redis://127.0.0.1"}},
			[]string{"redis-key: needed with redis-url, as what is stored are customers' data"},
		},
		{
			"the mode service without all it needs",
			sources{args: []string{
				"--proportal-mode=service", "--proportal-url=https://proportal:81", "--proportal-jwt-secret=x",
			}},
			[]string{
				"proportal-jwt-secret: has no use in the mode service, where no client brings such tokens",
				"proportal-service-authorization: it or proportal-service-cookie is needed in the mode service",
				"auth-jwks-url: want an absolute http or https URL",
				"auth-issuer: needed in the mode service",
				"auth-audience: needed in the mode service",
			},
		},
		{
			"settings of the mode service without it",
			sources{args: []string{"--auth-issuer=x", "--proportal-service-cookie=x"}},
			[]string{
				"proportal-service-authorization, proportal-service-cookie: only for the mode service",
				"auth: its settings are only for the mode service",
			},
		},
		{
			"impossible values",
			sources{args: []string{
				"--listen=8080", "--metrics-listen=metrics:http", "--shutdown-delay=-1s", "--shutdown-grace=0s", "--request-timeout=-1s", "--request-max-body=0", "--request-max-tokens=0", "--log-format=xml",
				"--upstream-max-body=0", "--upstream-max-concurrent=0", "--proportal-timeout=0s", "--proportal-timezone=Local", "--proportal-login-headers=Cookie,a b", "--proportal-login-cookies=a=b",
				"--upstream-max-queued=0", "--upstream-max-attempts=0", "--upstream-retry-budget=2", "--upstream-breaker-delay=0s",
				"--admin-listen=admin", "--cache-not-found=-1s", "--cache-stale-while-revalidate=-1s", "--cache-stale-if-error=-1s", "--cache-ttl=tasks=1s",
				"--redis-timeout=0s", "--redis-key=x", "--redis-ca-file=x", "--proportal-mode=nobody",
				"--solos-timeout=0s", "--solos-timezone=Mars", "--solos-customer-field= ", "--sandbox-dialect=klingon", "--sandbox-latency=-1s", "--sandbox-fault=x",
				"--websocket-init-timeout=0s", "--websocket-ping-interval=-1s", "--websocket-max-operations=0", "--stream-keep-alive=0s",
				"--watch-interval=0s", "--watch-max-backoff=-1s",
				"--documents-mode=strict", "--documents-size=0", "--documents-keep=0s", "--browser-origins=app.example.com",
				"--rate-viewer-requests=-1", "--rate-client-calls=600001", "--proxy-header=Via",
			}},
			[]string{
				`listen: "8080" is not an address such as 127.0.0.1:8080`,
				`metrics-listen: "metrics:http" is not an address such as 127.0.0.1:8080`,
				"shutdown-delay: must not be negative",
				"shutdown-grace: must be positive",
				"request-timeout: must be positive",
				"request-max-body: must be positive",
				"request-max-tokens: must be positive",
				"websocket-init-timeout: must be positive",
				"websocket-ping-interval: must be positive",
				"websocket-max-operations: must be positive",
				"stream-keep-alive: must be positive",
				"watch-interval: must be positive",
				"watch-max-backoff: must not be shorter than watch-interval",
				"documents-mode: the mode is off, log or required",
				"documents-size: must be positive",
				"documents-keep: must be positive",
				`browser-origins: want origins such as https://app.example.com, not "app.example.com"`,
				"rate-client-calls: the limit must be between 0 and 600000 for a window of 1m0s",
				"rate-viewer-requests: the limit must be between 0 and 600000 for a window of 1m0s",
				"proxy-header: want the header X-Forwarded-For or Forwarded",
				"log-format: want json or text",
				"upstream-max-body: must be positive",
				"upstream-max-concurrent: must be positive",
				"upstream-max-queued: must be positive",
				"upstream-max-attempts: must be positive",
				"upstream-retry-budget: must be above 0 and at most 1",
				"upstream-breaker-delay: must be positive",
				"proportal-timeout: must be positive",
				`proportal-timezone: "Local" is not a time zone such as Europe/Moscow`,
				"proportal-login-headers: Cookie must not be passed on",
				`proportal-login-headers: "a b" is not a header name`,
				`proportal-login-cookies: "a=b" is not a cookie name`,
				"solos-timeout: must be positive",
				`solos-timezone: "Mars" is not a time zone such as Europe/Moscow`,
				"solos-customer-field: must not be empty",
				"proportal-mode: want viewer or service",
				`admin-listen: "admin" is not an address such as 127.0.0.1:8080`,
				"admin-token: needed with admin-listen",
				"cache-not-found: must not be negative",
				"cache-stale-while-revalidate: must not be negative",
				"cache-stale-if-error: must not be negative",
				`cache-ttl: "tasks" is not an operation such as proportal.tasks, or *`,
				"redis-timeout: must be positive",
				"redis-key: given without redis-url",
				"redis-ca-file: given without redis-url",
				`sandbox-dialect: unknown dialect "klingon": want "reference" or "resource"`,
				"sandbox-latency: must not be negative",
				`sandbox-fault: fault "x": want target=kind, e.g. proportal.tasks=status:500`,
			},
		},
		{
			"a forgotten URL is not the sandbox",
			sources{env: []string{
				"CRMGRAPH_PROPORTAL_JWT_SECRET=k", "CRMGRAPH_PROPORTAL_CA_FILE=/ca", "CRMGRAPH_SOLOS_TOKEN=t", "CRMGRAPH_SOLOS_SECRET=s", "CRMGRAPH_SOLOS_CA_FILE=/ca",
			}},
			[]string{
				"proportal-ca-file: given without proportal-url",
				"solos-token: given without solos-url",
				"solos-secret: given without solos-url",
				"solos-ca-file: given without solos-url",
				"proportal-jwt-secret: given without proportal-url or solos-url",
			},
		},
		{
			"solOS alone, without credentials and without anybody who could be verified",
			sources{env: []string{"CRMGRAPH_SOLOS_URL=http://crm"}},
			[]string{
				"solos-token: needed with solos-url",
				"solos-secret: needed with solos-url",
				"proportal-jwt-secret: needed with solos-url alone, as nobody could be verified",
			},
		},
		{
			"URLs that are none, and are not repeated",
			sources{env: []string{
				"CRMGRAPH_PROPORTAL_URL=proportal:81", "CRMGRAPH_SOLOS_URL=https://user:canary@crm", "CRMGRAPH_SOLOS_TOKEN=t", "CRMGRAPH_SOLOS_SECRET=s\tcanary",
			}},
			[]string{
				"proportal-url: want an absolute http or https URL",
				"solos-url: must have no user, query or fragment",
				"solos-secret: cannot be sent as a header",
			},
		},
		{
			"a URL of an issuer's keys with a password, which is not repeated",
			sources{args: []string{
				"--proportal-mode=service", "--auth-jwks-url=https://user:canary@id/keys?p=canary", "--auth-issuer=x", "--auth-audience=y",
			}},
			[]string{"auth-jwks-url: must have no user or fragment"},
		},
		{
			"the sandbox does not mix with a CRM",
			sources{env: []string{"CRMGRAPH_PROPORTAL_URL=http://p", "CRMGRAPH_SANDBOX_LATENCY=1ms"}},
			[]string{"sandbox: its settings have no effect while a CRM is configured"},
		},
		{
			"a secret given twice",
			sources{env: []string{"CRMGRAPH_PROPORTAL_URL=http://p", "CRMGRAPH_PROPORTAL_JWT_SECRET=k", "CRMGRAPH_PROPORTAL_JWT_SECRET_FILE=/f"}},
			[]string{"proportal-jwt-secret: given both directly and as a file"},
		},
		{
			"secret files that hold nothing or are not there",
			sources{env: []string{"CRMGRAPH_SOLOS_URL=http://s", "CRMGRAPH_PROPORTAL_URL=http://p", "CRMGRAPH_SOLOS_TOKEN_FILE=" + empty, "CRMGRAPH_SOLOS_SECRET_FILE=/does/not/exist"}},
			[]string{
				"solos-token: file " + empty + " is empty",
				"solos-secret: open /does/not/exist: no such file or directory",
			},
		},
		{
			"secret files that are not there are not missing secrets",
			sources{args: []string{
				"--admin-listen=:1", "--admin-token-file=/no/token", "--redis-url-file=/no/url", "--redis-key-file=/no/key",
				"--proportal-mode=service", "--proportal-url=http://p", "--proportal-service-cookie-file=/no/cookie",
				"--auth-jwks-url=http://id/keys", "--auth-issuer=x", "--auth-audience=y",
			}},
			[]string{
				"proportal-service-cookie: open /no/cookie: no such file or directory",
				"admin-token: open /no/token: no such file or directory",
				"redis-url: open /no/url: no such file or directory",
				"redis-key: open /no/key: no such file or directory",
			},
		},
		{
			"a configuration file that is not there",
			sources{args: []string{"-config", "/does/not/exist"}},
			[]string{"config: open /does/not/exist: no such file or directory"},
		},
		{
			"aliases of another shape",
			sources{file: "solos:\n  aliases:\n    project: [canary]\n"},
			[]string{"FILE:3: solos.aliases: want type, field and a list of names"},
		},
		{
			"two documents",
			sources{file: "listen: :1\n---\nlisten: :2\n"},
			[]string{"FILE: more than one document"},
		},
		{
			"a list instead of keys",
			sources{file: "- listen\n"},
			[]string{"FILE:1: want keys and values"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := test.from.load(t)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			want := "the configuration is not valid:\n  " + strings.Join(test.want, "\n  ")
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// TestConfigSyntaxErrorsQuoteNothing: the line with the fault may be that of a secret.
func TestConfigSyntaxErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"solos:\n  token: \"canary\n", "solos: {token: canary, token: canary}\n", "token: canary\n\tx: y\n", "canary: [\n", "a: &canary b\nc: *canary\n"} {
		_, err := sources{file: file}.load(t)
		if err == nil || !strings.Contains(err.Error(), "FILE") {
			t.Errorf("file %q: got error %v, want one that names the file", file, err)
			continue
		}
		if strings.Contains(strings.ReplaceAll(err.Error(), "canary: unknown key", ""), "canary") {
			t.Errorf("file %q: got error %v, want one that quotes nothing", file, err)
		}
	}
}

func TestExampleConfigurationIsValid(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../crmgraph.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := sources{file: string(content)}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.ProPortal.URL = "https://proportal:81"
	want.Cache.TTL = []string{"proportal.tasks=5s", "solos.goods=2m"}
	want.Solos.URL, want.Solos.Token, want.Solos.Secret = "https://crm.example.com", NewSecret("example-token"), NewSecret("example-secret")
	want.Solos.Aliases = map[string]map[string][]string{
		"project": {"price": {"contract_sum"}},
		"action":  {"text": {"remark", "note"}},
	}
	if diff := cmp.Diff(want, got, compareConfig()); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}
