package main

import (
	"log/slog"
	"net/netip"
	"time"

	"crmgraph/server/persisted"
)

// defaultListen is where the server listens if nothing says so. It is chosen when the program is built for an image:
// a variable of the image's environment would win over the file that an operator mounts.
var defaultListen = "127.0.0.1:8080"

// Config is everything that can be chosen of the server. A field is a flag, an
// environment variable and a key of the configuration file at once: the flag
// --proportal-url is CRMGRAPH_PROPORTAL_URL and, in the file, url below proportal.
type Config struct {
	File string `name:"config" placeholder:"FILE" help:"YAML file with any of these settings; a group's name is a key with its settings below." yaml:"-" group:"server"`

	Listen        string        `default:"${listen}" placeholder:"HOST:PORT" help:"Address to listen on (${default})." yaml:"listen" group:"server"`
	MetricsListen string        `placeholder:"HOST:PORT" help:"Address to serve metrics for Prometheus on, at /metrics (none)." yaml:"metrics-listen,omitempty" group:"server"`
	MaxConns      int           `name:"max-connections" default:"10000" placeholder:"N" help:"Connections at the same time; beyond that idle ones are closed, and who comes waits (${default})." yaml:"max-connections" group:"server"`
	H2C           bool          `name:"h2c" help:"Speak HTTP/2 without TLS too, for proxies that do." yaml:"h2c" group:"server"`
	Compress      bool          `default:"true" negatable:"" help:"Compress answers with zstd, brotli or gzip where clients accept that (on by default)." yaml:"compress" group:"server"`
	GraphiQL      *bool         `name:"graphiql" negatable:"" help:"Serve the GraphiQL explorer at / (on while no CRM is configured)." yaml:"graphiql,omitempty" group:"server"`
	Introspection *bool         `negatable:"" help:"Answer questions about the schema, suggest names where one is wrong, and serve /schema.graphql (on while no CRM is configured)." yaml:"introspection,omitempty" group:"server"`
	Explain       bool          `name:"explain" default:"true" negatable:"" help:"Answer the request headers X-Crmgraph-Explain and X-Crmgraph-Cost of signed-in viewers (on by default)." yaml:"explain" group:"server"`
	ShutdownDelay time.Duration `default:"0s" placeholder:"DURATION" help:"How long requests are still served at shutdown while /readyz says no, as load balancers take to hear of it (${default})." yaml:"shutdown-delay" group:"server"`
	ShutdownGrace time.Duration `default:"15s" placeholder:"DURATION" help:"How long running requests may take to finish at shutdown (${default})." yaml:"shutdown-grace" group:"server"`

	Cost    CostConfig    `embed:"" prefix:"cost-" yaml:"cost" group:"server"`
	Request RequestConfig `embed:"" prefix:"request-" yaml:"request" group:"server"`

	Documents DocumentsConfig `embed:"" prefix:"documents-" yaml:"documents" group:"documents"`
	Browser   BrowserConfig   `embed:"" prefix:"browser-" yaml:"browser" group:"clients"`
	Rate      RateConfig      `embed:"" prefix:"rate-" yaml:"rate" group:"clients"`
	Proxy     ProxyConfig     `embed:"" prefix:"proxy-" yaml:"proxy" group:"clients"`

	WebSocket WebSocketConfig `embed:"" prefix:"websocket-" yaml:"websocket" group:"live"`
	Stream    StreamConfig    `embed:"" prefix:"stream-" yaml:"stream" group:"live"`
	Watch     WatchConfig     `embed:"" prefix:"watch-" yaml:"watch" group:"live"`

	Log      LogConfig      `embed:"" prefix:"log-" yaml:"log" group:"server"`
	Upstream UpstreamConfig `embed:"" prefix:"upstream-" yaml:"upstream" group:"server"`
	Auth     AuthConfig     `embed:"" prefix:"auth-" yaml:"auth" group:"auth"`
	Admin    AdminConfig    `embed:"" prefix:"admin-" yaml:"admin" group:"admin"`
	Cache    CacheConfig    `embed:"" prefix:"cache-" yaml:"cache" group:"cache"`
	Redis    RedisConfig    `embed:"" prefix:"redis-" yaml:"redis" group:"cache"`

	ProPortal ProPortalConfig `embed:"" prefix:"proportal-" yaml:"proportal" group:"proportal"`
	Solos     SolosConfig     `embed:"" prefix:"solos-" yaml:"solos" group:"solos"`
	Sandbox   SandboxConfig   `embed:"" prefix:"sandbox-" yaml:"sandbox" group:"sandbox"`
}

// RequestConfig limits what one request of a client may cost.
type RequestConfig struct {
	Timeout   time.Duration `default:"30s" placeholder:"DURATION" help:"Deadline of a request, which X-Request-Timeout can shorten (${default})." yaml:"timeout"`
	Shed      bool          `default:"true" negatable:"" help:"Answer some requests with 503 while the processors cannot keep up (on by default)." yaml:"shed"`
	MaxBody   ByteSize      `default:"1MiB" placeholder:"SIZE" help:"Largest request body (${default})." yaml:"max-body"`
	MaxTokens int           `default:"5000" placeholder:"N" help:"Longest query document, in GraphQL tokens and comments (${default})." yaml:"max-tokens"`

	MaxQuery      ByteSize `default:"128KiB" placeholder:"SIZE" help:"Longest query document (${default})." yaml:"max-query"`
	MaxDepth      int      `default:"20" placeholder:"N" help:"Fields in each other, fragments followed (${default})." yaml:"max-depth"`
	MaxFields     int      `default:"5000" placeholder:"N" help:"Fields of an operation, fragments followed (${default})." yaml:"max-fields"`
	MaxRootFields int      `default:"200" placeholder:"N" help:"Fields at the root of an operation (${default})." yaml:"max-root-fields"`
	MaxAliases    int      `default:"500" placeholder:"N" help:"Aliases in a document (${default})." yaml:"max-aliases"`
	MaxDirectives int      `default:"500" placeholder:"N" help:"Directives in a document (${default})." yaml:"max-directives"`
	MaxFragments  int      `default:"300" placeholder:"N" help:"Fragments in a document (${default})." yaml:"max-fragments"`
	MaxList       int      `default:"1000" placeholder:"N" help:"Elements of a list or object that is a value in a document (${default})." yaml:"max-list"`
	MaxObjects    int      `default:"25000" placeholder:"N" help:"Objects that the answers to one request may have in all: elements of lists, and what is looked up of them (${default})." yaml:"max-objects"`
	MaxBatch      int      `default:"10" placeholder:"N" help:"Operations in one request; 0 for no lists of operations (${default})." yaml:"max-batch"`
	QueryCache    ByteSize `default:"32MiB" placeholder:"SIZE" help:"Memory for documents that were checked, good and bad (${default})." yaml:"query-cache"`
}

// DocumentsConfig says how documents are found that requests name, and which may run.
type DocumentsConfig struct {
	Manifest  []string       `placeholder:"FILE" help:"Manifests of trusted documents, by Apollo's tools, relay-compiler or graphql-codegen. Read again when they change." yaml:"manifest,omitempty"`
	Mode      persisted.Mode `default:"off" placeholder:"MODE" help:"What becomes of other documents: off runs them, log runs and logs them, required refuses them (${default})." yaml:"mode"`
	Automatic bool           `default:"true" negatable:"" help:"Let clients register documents by their hash (on by default)." yaml:"automatic"`
	Size      ByteSize       `default:"16MiB" placeholder:"SIZE" help:"Memory for registered documents (${default})." yaml:"size"`
	Keep      time.Duration  `default:"168h" placeholder:"DURATION" help:"How long they are shared through Redis (${default})." yaml:"keep"`
}

// BrowserConfig says which pages may use the API besides the server's own.
type BrowserConfig struct {
	Origins     []string `placeholder:"ORIGIN" help:"Origins of pages that may use the API, e.g. https://app.example.com (none)." yaml:"origins,omitempty"`
	Credentials bool     `help:"Let them send cookies, which only login reads." yaml:"credentials"`
}

// RateConfig bounds what one viewer and one client address may ask for in a time.
type RateConfig struct {
	ViewerRequests int           `default:"0" placeholder:"N" help:"Operations of one viewer in the window; 0 for any number (${default})." yaml:"viewer-requests"`
	ViewerCalls    int           `default:"0" placeholder:"N" help:"Upstream calls of one viewer; 0 for any number (${default})." yaml:"viewer-calls"`
	ClientRequests int           `default:"0" placeholder:"N" help:"Requests of one client address; 0 for any number (${default})." yaml:"client-requests"`
	ClientCalls    int           `default:"0" placeholder:"N" help:"Upstream calls of one client address; 0 for any number (${default})." yaml:"client-calls"`
	Window         time.Duration `default:"1m" placeholder:"DURATION" help:"The time these are for (${default})." yaml:"window"`
}

// ProxyConfig says which proxies are believed when they tell a client's address.
type ProxyConfig struct {
	Trusted []netip.Prefix `placeholder:"CIDR" help:"Addresses of proxies in front of the server, e.g. 10.0.0.0/8 (none)." yaml:"trusted,omitempty"`
	Header  string         `default:"X-Forwarded-For" placeholder:"NAME" help:"The header they append to: X-Forwarded-For or Forwarded (${default})." yaml:"header"`
}

// WatchConfig says how subscriptions learn of changes.
type WatchConfig struct {
	Interval   time.Duration `default:"10s" placeholder:"DURATION" help:"How often ProPortal is asked for each viewer that watches something (${default})." yaml:"interval"`
	MaxBackoff time.Duration `placeholder:"DURATION" help:"How seldom at most while it fails (1m, or the interval where that is longer)." yaml:"max-backoff,omitempty"`
}

// WebSocketConfig limits one connection of GraphQL over WebSocket.
type WebSocketConfig struct {
	InitTimeout   time.Duration `default:"3s" placeholder:"DURATION" help:"How long a WebSocket may take to send connection_init (${default})." yaml:"init-timeout"`
	PingInterval  time.Duration `default:"15s" placeholder:"DURATION" help:"How often it is pinged, and how long it may take to answer; shorter than what ends silent connections on the way (${default})." yaml:"ping-interval"`
	MaxOperations int           `default:"50" placeholder:"N" help:"Operations of one WebSocket at the same time (${default})." yaml:"max-operations"`
	MaxMessage    ByteSize      `placeholder:"SIZE" help:"Largest message of a WebSocket (that of request-max-body)." yaml:"max-message,omitempty"`
}

// StreamConfig says how responses in parts are sent.
type StreamConfig struct {
	KeepAlive time.Duration `default:"15s" placeholder:"DURATION" help:"How often a stream on which nothing happens gets a sign of life; shorter than what ends silent connections on the way (${default})." yaml:"keep-alive"`
}

// maxMessage is the size of the largest message of a WebSocket.
func (c *Config) maxMessage() ByteSize {
	if c.WebSocket.MaxMessage == 0 {
		return c.Request.MaxBody
	}
	return c.WebSocket.MaxMessage
}

// CostConfig limits the upstream calls of one operation. What could make more is refused
// before it runs.
type CostConfig struct {
	MaxCalls          int  `default:"400" placeholder:"N" help:"Upstream calls that an operation, or the operations of one list, may make (${default})." yaml:"max-calls"`
	MaxProPortalCalls int  `name:"max-proportal-calls" default:"0" placeholder:"N" help:"Of these, calls of ProPortal; 0 for no limit of its own (${default})." yaml:"max-proportal-calls"`
	MaxSolosCalls     int  `name:"max-solos-calls" default:"0" placeholder:"N" help:"Of these, calls of solOS; 0 for no limit of its own (${default})." yaml:"max-solos-calls"`
	Report            bool `default:"false" help:"Tell the cost in extensions.cost of every answer, as one wants in development." yaml:"report"`
}

// LogConfig is the form of the log, which goes to standard error, lines of requests within 100 ms.
type LogConfig struct {
	Format string     `default:"json" placeholder:"FORMAT" help:"json or text (${default})." yaml:"format"`
	Level  slog.Level `default:"info" placeholder:"LEVEL" help:"debug, info, warn or error (${default})." yaml:"level"`
}

// UpstreamConfig says how calls to each CRM are made.
type UpstreamConfig struct {
	MaxBody       ByteSize      `default:"16MiB" placeholder:"SIZE" help:"Largest answer taken from a CRM (${default})." yaml:"max-body"`
	MaxConcurrent int           `default:"256" placeholder:"N" help:"Calls to one CRM at the same time (${default})." yaml:"max-concurrent"`
	MaxQueued     int           `default:"10000" placeholder:"N" help:"Calls that wait for one of these to end; more fail at once (${default})." yaml:"max-queued"`
	MaxAttempts   int           `default:"3" placeholder:"N" help:"How often a call is sent at most when the CRM fails (${default})." yaml:"max-attempts"`
	RetryBudget   float64       `default:"0.1" placeholder:"SHARE" help:"Calls sent again, as a share of all calls to that CRM (${default})." yaml:"retry-budget"`
	Hedge         bool          `default:"true" negatable:"" help:"Send unusually slow calls a second time, within the same budget (on by default)." yaml:"hedge"`
	BreakerDelay  time.Duration `default:"5s" placeholder:"DURATION" help:"How long a CRM that keeps failing is left alone before it is tried again (${default})." yaml:"breaker-delay"`
}

// AuthConfig says whose tokens clients bring where the gateway logs into ProPortal itself.
type AuthConfig struct {
	JWKSURL  string `name:"jwks-url" placeholder:"URL" help:"Where the issuer publishes its keys." yaml:"jwks-url,omitempty"`
	JWKSCA   string `name:"jwks-ca-file" placeholder:"FILE" help:"PEM certificates trusted for that besides the system's." yaml:"jwks-ca-file,omitempty"`
	Issuer   string `placeholder:"ISSUER" help:"The claim iss that tokens must have." yaml:"issuer,omitempty"`
	Audience string `placeholder:"AUDIENCE" help:"The claim aud that tokens must have." yaml:"audience,omitempty"`
}

// AdminConfig is the way in for operators.
type AdminConfig struct {
	Listen    string `placeholder:"HOST:PORT" help:"Address for operators, to purge kept answers (none)." yaml:"listen,omitempty"`
	Token     Secret `placeholder:"TOKEN" help:"Bearer token they bring." yaml:"token,omitempty"`
	TokenFile string `placeholder:"FILE" help:"File that holds the token." yaml:"token-file,omitempty"`
}

// CacheConfig says which answers of CRMs are kept, and for how long.
type CacheConfig struct {
	Size                 ByteSize      `default:"64MiB" placeholder:"SIZE" help:"Memory for answers of the CRMs; 0 keeps none (${default})." yaml:"size"`
	TTL                  []string      `name:"ttl" sep:";" placeholder:"OPERATION=DURATION" help:"How long answers are fresh, by operation, e.g. proportal.tasks=5s; 0 keeps none, * is for all others. Repeatable; separated by semicolons in the environment." yaml:"ttl,omitempty"`
	NotFound             time.Duration `default:"5s" placeholder:"DURATION" help:"How long it is kept that there is no such object (${default})." yaml:"not-found"`
	StaleWhileRevalidate time.Duration `default:"30s" placeholder:"DURATION" help:"How long after that an answer still serves while a new one is fetched (${default})." yaml:"stale-while-revalidate"`
	StaleIfError         time.Duration `default:"10m" placeholder:"DURATION" help:"How long it still serves, marked, while the CRM fails (${default})." yaml:"stale-if-error"`
}

// RedisConfig is where replicas share answers, login tokens and purges.
type RedisConfig struct {
	URL     Secret        `name:"url" placeholder:"URL" help:"Redis or Valkey that replicas share, e.g. rediss://user:password@host:6379/0 (none)." yaml:"url,omitempty"`
	URLFile string        `name:"url-file" placeholder:"FILE" help:"File that holds the URL." yaml:"url-file,omitempty"`
	Key     Secret        `placeholder:"KEY" help:"Key that encrypts what is stored: 32 bytes in base64, e.g. of openssl rand -base64 32." yaml:"key,omitempty"`
	KeyFile string        `placeholder:"FILE" help:"File that holds the key." yaml:"key-file,omitempty"`
	CAFile  string        `name:"ca-file" placeholder:"FILE" help:"PEM certificates trusted besides the system's." yaml:"ca-file,omitempty"`
	Timeout time.Duration `default:"50ms" placeholder:"DURATION" help:"How long it is waited for at most (${default})." yaml:"timeout"`
}

// ProPortalConfig says where ProPortal is and how its viewers are known.
type ProPortalConfig struct {
	URL           string        `placeholder:"URL" help:"Base URL, e.g. https://proportal:81." yaml:"url,omitempty"`
	CAFile        string        `name:"ca-file" placeholder:"FILE" help:"PEM certificates trusted besides the system's." yaml:"ca-file,omitempty"`
	JWTSecret     Secret        `name:"jwt-secret" placeholder:"SECRET" help:"HS256 key of its tokens, which are then verified locally. Without it ProPortal is asked." yaml:"jwt-secret,omitempty"`
	JWTSecretFile string        `name:"jwt-secret-file" placeholder:"FILE" help:"File that holds the key." yaml:"jwt-secret-file,omitempty"`
	Timezone      string        `default:"Europe/Moscow" placeholder:"ZONE" help:"Zone in which the instants of its company cards are days (${default})." yaml:"timezone"`
	Timeout       time.Duration `default:"10s" placeholder:"DURATION" help:"Deadline of a call with all its attempts (${default})." yaml:"timeout"`
	LoginHeaders  []string      `default:"Authorization" placeholder:"NAME" help:"Request headers that login passes on (${default})." yaml:"login-headers"`
	LoginCookies  []string      `placeholder:"NAME" help:"Cookies that login passes on (none)." yaml:"login-cookies"`

	Mode                     Mode   `default:"viewer" placeholder:"MODE" help:"In whose name it is asked: viewer, with the token each client brings, or service, with a login of the gateway's own (${default})." yaml:"mode"`
	ServiceAuthorization     Secret `placeholder:"HEADER" help:"Authorization header of that login." yaml:"service-authorization,omitempty"`
	ServiceAuthorizationFile string `placeholder:"FILE" help:"File that holds the header." yaml:"service-authorization-file,omitempty"`
	ServiceCookie            Secret `placeholder:"HEADER" help:"Cookie header of that login." yaml:"service-cookie,omitempty"`
	ServiceCookieFile        string `placeholder:"FILE" help:"File that holds the header." yaml:"service-cookie-file,omitempty"`
}

// Mode is in whose name ProPortal is asked.
type Mode string

// The modes.
const (
	ModeViewer  Mode = "viewer"
	ModeService Mode = "service"
)

// SolosConfig says where solOS is and how its answers are read.
type SolosConfig struct {
	URL           string        `placeholder:"URL" help:"Base URL up to and without /backend/public." yaml:"url,omitempty"`
	Token         Secret        `placeholder:"TOKEN" help:"Token of the company's key pair." yaml:"token,omitempty"`
	TokenFile     string        `placeholder:"FILE" help:"File that holds the token." yaml:"token-file,omitempty"`
	Secret        Secret        `placeholder:"SECRET" help:"Secret of the company's key pair." yaml:"secret,omitempty"`
	SecretFile    string        `placeholder:"FILE" help:"File that holds the secret." yaml:"secret-file,omitempty"`
	CAFile        string        `name:"ca-file" placeholder:"FILE" help:"PEM certificates trusted besides the system's." yaml:"ca-file,omitempty"`
	Timezone      string        `default:"Europe/Moscow" placeholder:"ZONE" help:"Zone of its dates (${default})." yaml:"timezone"`
	CustomerField string        `default:"client_id" placeholder:"NAME" help:"Dynamic field that holds the ProPortal customer's id (${default})." yaml:"customer-field"`
	Timeout       time.Duration `default:"10s" placeholder:"DURATION" help:"Deadline of a call with all its attempts (${default})." yaml:"timeout"`

	// Aliases are an installation's own spellings: type, field, names. Only the file has them.
	Aliases map[string]map[string][]string `kong:"-" yaml:"aliases,omitempty"`
}

// SandboxConfig is how the emulated CRMs behave that serve when no CRM is configured.
type SandboxConfig struct {
	Dialect string        `placeholder:"NAME" help:"reference or resource: the shapes of their answers (reference)." yaml:"dialect,omitempty"`
	Latency time.Duration `placeholder:"DURATION" help:"Added to each of their answers." yaml:"latency,omitempty"`
	Faults  []string      `name:"fault" sep:";" placeholder:"TARGET=FAULT" help:"Make them fail, e.g. proportal.tasks=status:500. Repeatable; separated by semicolons in the environment." yaml:"fault,omitempty"`
}
