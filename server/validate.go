package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmgraph/server/middleware"
	"crmgraph/server/persisted"
	"crmgraph/server/ratelimit"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/shared"
)

// complete adds to c what only the layers hold and reads its secrets from their files.
// The error names every problem there is, of the layers and of the values.
func (c *Config) complete(layers *settings) error {
	c.Solos.Aliases = layers.aliases
	problems := slices.Clone(layers.problems)
	for _, secret := range c.secrets() {
		if err := readSecret(secret.text, secret.file); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", secret.name, err))
		}
	}
	problems = append(problems, c.validate()...)
	return invalid(problems...)
}

// secretSetting is a secret that can be read from a file.
type secretSetting struct {
	name string
	text *Secret
	file string
}

func (c *Config) secrets() []secretSetting {
	return []secretSetting{
		{"proportal-jwt-secret", &c.ProPortal.JWTSecret, c.ProPortal.JWTSecretFile},
		{"proportal-service-authorization", &c.ProPortal.ServiceAuthorization, c.ProPortal.ServiceAuthorizationFile},
		{"proportal-service-cookie", &c.ProPortal.ServiceCookie, c.ProPortal.ServiceCookieFile},
		{"admin-token", &c.Admin.Token, c.Admin.TokenFile},
		{"redis-url", &c.Redis.URL, c.Redis.URLFile},
		{"redis-key", &c.Redis.Key, c.Redis.KeyFile},
		{"solos-token", &c.Solos.Token, c.Solos.TokenFile},
		{"solos-secret", &c.Solos.Secret, c.Solos.SecretFile},
	}
}

// invalid returns one error that lists those of problems that are not nil, nil if there are none.
func invalid(problems ...error) error {
	var lines []error
	for _, problem := range problems {
		if problem != nil {
			lines = append(lines, fmt.Errorf("  %w", problem))
		}
	}
	if lines == nil {
		return nil
	}
	return fmt.Errorf("the configuration is not valid:\n%w", errors.Join(lines...))
}

// readSecret fills secret from file, if there is one. The line break an editor leaves
// at the end is not part of it.
func readSecret(secret *Secret, file string) error {
	if file == "" {
		return nil
	}
	if !secret.IsZero() {
		return errors.New("given both directly and as a file")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	content = bytes.TrimRight(content, "\r\n")
	if len(content) == 0 {
		return fmt.Errorf("file %s is empty", file)
	}
	return secret.UnmarshalText(content)
}

// onSandbox reports whether no CRM is configured and the emulated ones serve.
func (c *Config) onSandbox() bool { return c.ProPortal.URL == "" && c.Solos.URL == "" }

// validate returns everything that is wrong with c.
func (c *Config) validate() []error {
	var f faults
	f.address("listen", c.Listen)
	if c.MetricsListen != "" {
		f.address("metrics-listen", c.MetricsListen)
	}
	f.require(c.ShutdownDelay >= 0, "shutdown-delay: must not be negative")
	f.positive("shutdown-grace", c.ShutdownGrace)
	f.positive("request-timeout", c.Request.Timeout)
	f.require(c.Cost.MaxCalls > 0, "cost-max-calls: must be positive")
	f.require(c.Cost.MaxProPortalCalls >= 0, "cost-max-proportal-calls: must not be negative")
	f.require(c.Cost.MaxSolosCalls >= 0, "cost-max-solos-calls: must not be negative")
	f.require(c.MaxConns > 0, "max-connections: must be positive")
	c.Request.validate(&f)
	c.WebSocket.validate(&f)
	f.positive("stream-keep-alive", c.Stream.KeepAlive)
	c.Watch.validate(&f)
	c.Documents.validate(&f)
	c.Browser.validate(&f)
	c.Rate.validate(&f)
	c.Proxy.validate(&f)
	f.require(c.Log.Format == "json" || c.Log.Format == "text", "log-format: want json or text")
	c.Upstream.validate(&f)
	c.ProPortal.validate(&f)
	c.Solos.validate(&f)
	c.validateViewers(&f)
	c.Admin.validate(&f)
	c.Cache.validate(&f)
	c.Redis.validate(&f)
	c.Sandbox.validate(&f, c.onSandbox())
	return f.errs
}

// inDevelopment reports whether nothing real is served, so that everything may be told.
func (c *Config) inDevelopment() bool { return c.onSandbox() }

// showsGraphiQL reports whether the explorer is served.
func (c *Config) showsGraphiQL() bool { return orElse(c.GraphiQL, c.inDevelopment()) }

// tellsSchema reports whether questions about the schema are answered.
func (c *Config) tellsSchema() bool { return orElse(c.Introspection, c.inDevelopment()) }

func orElse(chosen *bool, otherwise bool) bool {
	if chosen == nil {
		return otherwise
	}
	return *chosen
}

func (c *WebSocketConfig) validate(f *faults) {
	f.positive("websocket-init-timeout", c.InitTimeout)
	f.positive("websocket-ping-interval", c.PingInterval)
	f.require(c.MaxOperations > 0, "websocket-max-operations: must be positive")
}

func (c *WatchConfig) validate(f *faults) {
	f.positive("watch-interval", c.Interval)
	f.require(c.MaxBackoff == 0 || c.MaxBackoff >= c.Interval, "watch-max-backoff: must not be shorter than watch-interval")
}

func (c *DocumentsConfig) validate(f *faults) {
	for _, err := range parts(persisted.Options{Manifests: c.Manifest, Mode: c.Mode}.Validate()) {
		f.add("documents-mode: %w", err)
	}
	if !slices.ContainsFunc(c.Manifest, isPipe) {
		if _, err := persisted.LoadManifest(c.Manifest...); err != nil {
			f.add("documents-manifest: %w", err)
		}
	}
	f.require(c.Size > 0, "documents-size: must be positive")
	f.positive("documents-keep", c.Keep)
}

func (c *BrowserConfig) validate(f *faults) {
	if _, err := middleware.CORS(c.cors(nil)); err != nil {
		f.add("browser-origins: %w", err)
	}
}

func (c *RateConfig) validate(f *faults) {
	if c.Window < time.Second {
		f.add("rate-window: must be a second or more")
		return
	}
	_, err := ratelimit.New(c.limits())
	for _, err := range parts(err) {
		f.add("rate-%w", err) // which begins with the name of the limit
	}
}

func (c *ProxyConfig) validate(f *faults) {
	if _, err := middleware.ClientIP(c.clientIP()); err != nil {
		f.add("proxy-header: %w", err)
	}
}

// parts returns the errors that err is joined of, or err alone.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

func (c *RequestConfig) validate(f *faults) {
	f.require(c.MaxBody > 0, "request-max-body: must be positive")
	f.require(c.MaxTokens > 0, "request-max-tokens: must be positive")
	f.require(c.MaxQuery > 0, "request-max-query: must be positive")
	f.require(c.MaxDepth > 0, "request-max-depth: must be positive")
	f.require(c.MaxFields > 0, "request-max-fields: must be positive")
	f.require(c.MaxRootFields > 0, "request-max-root-fields: must be positive")
	f.require(c.MaxAliases > 0, "request-max-aliases: must be positive")
	f.require(c.MaxDirectives > 0, "request-max-directives: must be positive")
	f.require(c.MaxFragments > 0, "request-max-fragments: must be positive")
	f.require(c.MaxList > 0, "request-max-list: must be positive")
	f.require(c.MaxObjects > 0, "request-max-objects: must be positive")
	f.require(c.MaxBatch >= 0, "request-max-batch: must not be negative")
	f.require(c.QueryCache > 0, "request-query-cache: must be positive")
}

func (c *UpstreamConfig) validate(f *faults) {
	f.require(c.MaxBody > 0, "upstream-max-body: must be positive")
	f.require(c.MaxConcurrent > 0, "upstream-max-concurrent: must be positive")
	f.require(c.MaxQueued > 0, "upstream-max-queued: must be positive")
	f.require(c.MaxAttempts > 0, "upstream-max-attempts: must be positive")
	f.require(c.RetryBudget > 0 && c.RetryBudget <= 1, "upstream-retry-budget: must be above 0 and at most 1")
	f.positive("upstream-breaker-delay", c.BreakerDelay)
}

// validateViewers checks how the viewers of operations are known.
func (c *Config) validateViewers(f *faults) {
	key := !c.ProPortal.JWTSecret.IsZero() || c.ProPortal.JWTSecretFile != ""
	login := !c.ProPortal.ServiceAuthorization.IsZero() || c.ProPortal.ServiceAuthorizationFile != "" ||
		!c.ProPortal.ServiceCookie.IsZero() || c.ProPortal.ServiceCookieFile != ""
	switch c.ProPortal.Mode {
	case ModeViewer:
		f.require(c.ProPortal.URL != "" || c.Solos.URL == "" || key,
			"proportal-jwt-secret: needed with solos-url alone, as nobody could be verified")
		f.require(!key || !c.onSandbox(), "proportal-jwt-secret: given without proportal-url or solos-url")
		f.require(!login, "proportal-service-authorization, proportal-service-cookie: only for the mode service")
		f.require(c.Auth == AuthConfig{}, "auth: its settings are only for the mode service")
	case ModeService:
		f.require(c.ProPortal.URL != "" || c.onSandbox(), "proportal-mode: service needs proportal-url")
		f.require(!key, "proportal-jwt-secret: has no use in the mode service, where no client brings such tokens")
		f.require(login || c.onSandbox(), "proportal-service-authorization: it or proportal-service-cookie is needed in the mode service")
		f.require(isPrintable(c.ProPortal.ServiceAuthorization.Reveal()), "proportal-service-authorization: cannot be sent as a header")
		f.require(isPrintable(c.ProPortal.ServiceCookie.Reveal()), "proportal-service-cookie: cannot be sent as a header")
		f.keysURL("auth-jwks-url", c.Auth.JWKSURL)
		f.certificates("auth-jwks-ca-file", c.Auth.JWKSCA)
		f.require(c.Auth.Issuer != "", "auth-issuer: needed in the mode service")
		f.require(c.Auth.Audience != "", "auth-audience: needed in the mode service")
	default:
		f.add("proportal-mode: want viewer or service")
	}
}

func (c *AdminConfig) validate(f *faults) {
	if c.Listen == "" {
		return
	}
	f.address("admin-listen", c.Listen)
	f.require(!c.Token.IsZero() || c.TokenFile != "", "admin-token: needed with admin-listen")
	token := c.Token.Reveal()
	f.require(isPrintable(token) && strings.TrimSpace(token) == token, "admin-token: cannot be sent as a header")
}

func (c *CacheConfig) validate(f *faults) {
	f.require(c.NotFound >= 0, "cache-not-found: must not be negative")
	f.require(c.StaleWhileRevalidate >= 0, "cache-stale-while-revalidate: must not be negative")
	f.require(c.StaleIfError >= 0, "cache-stale-if-error: must not be negative")
	_, err := parseTTLs(c.TTL)
	f.require(err == nil, "cache-ttl: %v", err)
}

func (c *RedisConfig) validate(f *faults) {
	f.positive("redis-timeout", c.Timeout)
	if c.URL.IsZero() && c.URLFile == "" {
		f.require(c.Key.IsZero(), "redis-key: given without redis-url")
		f.require(c.CAFile == "", "redis-ca-file: given without redis-url")
		return
	}
	f.certificates("redis-ca-file", c.CAFile)
	if !c.Key.IsZero() || c.KeyFile == "" { // else it is in a file that could not be read
		_, err := c.key()
		f.require(err == nil, "redis-key: %v", err)
	}
	if !c.URL.IsZero() { // as above
		err := shared.CheckURL(c.URL.Reveal())
		f.require(err == nil, "redis-url: %v", err)
	}
}

func (c *ProPortalConfig) validate(f *faults) {
	f.positive("proportal-timeout", c.Timeout)
	f.timezone("proportal-timezone", c.Timezone)
	if c.URL == "" {
		f.require(c.CAFile == "", "proportal-ca-file: given without proportal-url")
	} else {
		f.baseURL("proportal-url", c.URL)
		f.certificates("proportal-ca-file", c.CAFile)
	}
	for _, name := range c.LoginHeaders {
		f.require(isToken(name), "proportal-login-headers: %q is not a header name", name)
		f.require(!forbiddenToPass(name), "proportal-login-headers: %s must not be passed on", name)
	}
	for _, name := range c.LoginCookies {
		// The name of a cookie is a token, as that of a header is.
		f.require(isToken(name), "proportal-login-cookies: %q is not a cookie name", name)
	}
}

// forbiddenToPass reports headers that belong to one connection, that describe a body
// login does not have, or that have a list of their own.
func forbiddenToPass(header string) bool {
	switch http.CanonicalHeaderKey(header) {
	case "Cookie", "Host", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding",
		"Keep-Alive", "Te", "Trailer", "Upgrade", "Proxy-Authorization", "Proxy-Connection", "Accept-Encoding":
		return true
	default:
		return false
	}
}

// isToken reports whether name is a token of HTTP, as names of headers and cookies are.
func isToken(name string) bool {
	return name != "" && isPrintable(name) && !strings.ContainsAny(name, "\"(),/:;<=>?@[\\]{} ")
}

// isPrintable reports whether text is printable ASCII, which any header can hold.
func isPrintable(text string) bool {
	return strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) < 0
}

func (c *SolosConfig) validate(f *faults) {
	f.positive("solos-timeout", c.Timeout)
	f.timezone("solos-timezone", c.Timezone)
	f.require(strings.TrimSpace(c.CustomerField) != "", "solos-customer-field: must not be empty")
	token, secret := !c.Token.IsZero() || c.TokenFile != "", !c.Secret.IsZero() || c.SecretFile != ""
	if c.URL == "" {
		f.require(!token, "solos-token: given without solos-url")
		f.require(!secret, "solos-secret: given without solos-url")
		f.require(c.CAFile == "", "solos-ca-file: given without solos-url")
		return
	}
	f.baseURL("solos-url", c.URL)
	f.certificates("solos-ca-file", c.CAFile)
	f.require(token, "solos-token: needed with solos-url")
	f.require(secret, "solos-secret: needed with solos-url")
	f.require(isPrintable(c.Token.Reveal()), "solos-token: cannot be sent as a header")
	f.require(isPrintable(c.Secret.Reveal()), "solos-secret: cannot be sent as a header")
}

func (c *SandboxConfig) validate(f *faults, used bool) {
	if _, err := sandbox.ParseDialect(c.Dialect); err != nil {
		f.add("sandbox-dialect: %w", err)
	}
	f.require(c.Latency >= 0, "sandbox-latency: must not be negative")
	for _, text := range c.Faults {
		if _, _, err := sandbox.ParseFault(text); err != nil {
			f.add("sandbox-fault: %w", err)
		}
	}
	f.require(used || c.Dialect == "" && c.Latency == 0 && len(c.Faults) == 0,
		"sandbox: its settings have no effect while a CRM is configured")
}

// faults collects what is wrong.
type faults struct{ errs []error }

func (f *faults) add(format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf(format, args...))
}

func (f *faults) require(ok bool, format string, args ...any) {
	if !ok {
		f.add(format, args...)
	}
}

// certificates checks a file of certificates, if there is one, as the client does that will trust them.
func (f *faults) certificates(name, file string) {
	if isPipe(file) {
		return
	}
	if _, err := transportTo(file, 1); err != nil {
		f.add("%s: %w", name, err)
	}
}

// isPipe reports whether a file, such as a shell's <(command), can be read only once: whoever needs it
// finds what is wrong with it.
func isPipe(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

func (f *faults) positive(name string, d time.Duration) {
	f.require(d > 0, "%s: must be positive", name)
}

// timezone wants the name of a zone, and not that of wherever the machine is.
func (f *faults) timezone(name, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		f.add("%s: %q is not a time zone such as Europe/Moscow", name, zone)
	}
}

func (f *faults) address(name, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	f.require(err == nil, "%s: %q is not an address such as 127.0.0.1:8080", name, address)
}

// baseURL checks a URL to which paths are added.
func (f *faults) baseURL(name, text string) {
	parsed := f.absoluteURL(name, text)
	f.require(parsed == nil || parsed.User == nil && parsed.RawQuery == "" && parsed.Fragment == "", "%s: must have no user, query or fragment", name)
}

// keysURL checks a URL that is asked for as it is: some issuers choose the keys by its query.
func (f *faults) keysURL(name, text string) {
	parsed := f.absoluteURL(name, text)
	f.require(parsed == nil || parsed.User == nil && parsed.Fragment == "", "%s: must have no user or fragment", name)
}

// absoluteURL returns the URL, nil for one that is none. It does not repeat it, as it may hold a password.
func (f *faults) absoluteURL(name, text string) *url.URL {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		f.add("%s: want an absolute http or https URL", name)
		return nil
	}
	return parsed
}
