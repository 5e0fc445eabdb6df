package main

import (
	"log/slog"
	"time"
)

// Config is everything that can be chosen of the server. A field is a flag, an
// environment variable and a key of the configuration file at once: the flag
// --proportal-url is CRMGRAPH_PROPORTAL_URL and, in the file, url below proportal.
type Config struct {
	File string `name:"config" placeholder:"FILE" help:"YAML file with any of these settings; a group's name is a key with its settings below." yaml:"-" group:"server"`

	Listen        string        `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on (${default})." yaml:"listen" group:"server"`
	MetricsListen string        `placeholder:"HOST:PORT" help:"Address to serve metrics for Prometheus on, at /metrics (none)." yaml:"metrics-listen,omitempty" group:"server"`
	GraphiQL      bool          `name:"graphiql" default:"true" negatable:"" help:"Serve the GraphiQL explorer at / (on by default)." yaml:"graphiql" group:"server"`
	Explain       bool          `name:"explain" default:"true" negatable:"" help:"Answer the request headers X-Crmgraph-Explain and X-Crmgraph-Cost of signed-in viewers (on by default)." yaml:"explain" group:"server"`
	ShutdownGrace time.Duration `default:"15s" placeholder:"DURATION" help:"How long running requests may take to finish at shutdown (${default})." yaml:"shutdown-grace" group:"server"`

	Cost     CostConfig     `embed:"" prefix:"cost-" yaml:"cost" group:"server"`
	Request  RequestConfig  `embed:"" prefix:"request-" yaml:"request" group:"server"`
	Log      LogConfig      `embed:"" prefix:"log-" yaml:"log" group:"server"`
	Upstream UpstreamConfig `embed:"" prefix:"upstream-" yaml:"upstream" group:"server"`

	ProPortal ProPortalConfig `embed:"" prefix:"proportal-" yaml:"proportal" group:"proportal"`
	Solos     SolosConfig     `embed:"" prefix:"solos-" yaml:"solos" group:"solos"`
	Sandbox   SandboxConfig   `embed:"" prefix:"sandbox-" yaml:"sandbox" group:"sandbox"`
}

// RequestConfig limits what one request of a client may cost.
type RequestConfig struct {
	Timeout   time.Duration `default:"30s" placeholder:"DURATION" help:"Deadline of a request (${default})." yaml:"timeout"`
	MaxBody   ByteSize      `default:"1MiB" placeholder:"SIZE" help:"Largest request body (${default})." yaml:"max-body"`
	MaxTokens int           `default:"5000" placeholder:"N" help:"Longest query document, in GraphQL tokens (${default})." yaml:"max-tokens"`
}

// CostConfig limits the upstream calls of one operation. What could make more is refused
// before it runs.
type CostConfig struct {
	MaxCalls          int  `default:"400" placeholder:"N" help:"Upstream calls an operation may make (${default})." yaml:"max-calls"`
	MaxProPortalCalls int  `name:"max-proportal-calls" default:"0" placeholder:"N" help:"Of these, calls of ProPortal; 0 for no limit of its own (${default})." yaml:"max-proportal-calls"`
	MaxSolosCalls     int  `name:"max-solos-calls" default:"0" placeholder:"N" help:"Of these, calls of solOS; 0 for no limit of its own (${default})." yaml:"max-solos-calls"`
	Report            bool `default:"false" help:"Tell the cost in extensions.cost of every answer, as one wants in development." yaml:"report"`
}

// LogConfig is the form of the log, which goes to standard error.
type LogConfig struct {
	Format string     `default:"json" placeholder:"FORMAT" help:"json or text (${default})." yaml:"format"`
	Level  slog.Level `default:"info" placeholder:"LEVEL" help:"debug, info, warn or error (${default})." yaml:"level"`
}

// UpstreamConfig limits the calls to each CRM.
type UpstreamConfig struct {
	MaxBody       ByteSize `default:"16MiB" placeholder:"SIZE" help:"Largest answer taken from a CRM (${default})." yaml:"max-body"`
	MaxConcurrent int      `default:"256" placeholder:"N" help:"Calls to one CRM at the same time (${default})." yaml:"max-concurrent"`
}

// ProPortalConfig says where ProPortal is and how its viewers are known.
type ProPortalConfig struct {
	URL           string        `placeholder:"URL" help:"Base URL, e.g. https://proportal:81." yaml:"url,omitempty"`
	CAFile        string        `name:"ca-file" placeholder:"FILE" help:"PEM certificates trusted besides the system's." yaml:"ca-file,omitempty"`
	JWTSecret     Secret        `name:"jwt-secret" placeholder:"SECRET" help:"HS256 key of its tokens, which are then verified locally. Without it ProPortal is asked." yaml:"jwt-secret,omitempty"`
	JWTSecretFile string        `name:"jwt-secret-file" placeholder:"FILE" help:"File that holds the key." yaml:"jwt-secret-file,omitempty"`
	Timeout       time.Duration `default:"10s" placeholder:"DURATION" help:"Deadline of a call (${default})." yaml:"timeout"`
	LoginHeaders  []string      `default:"Authorization" placeholder:"NAME" help:"Request headers that login passes on (${default})." yaml:"login-headers"`
	LoginCookies  []string      `placeholder:"NAME" help:"Cookies that login passes on (none)." yaml:"login-cookies"`
}

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
	Timeout       time.Duration `default:"10s" placeholder:"DURATION" help:"Deadline of a call (${default})." yaml:"timeout"`

	// Aliases are an installation's own spellings: type, field, names. Only the file has them.
	Aliases map[string]map[string][]string `kong:"-" yaml:"aliases,omitempty"`
}

// SandboxConfig is how the emulated CRMs behave that serve when no CRM is configured.
type SandboxConfig struct {
	Dialect string        `placeholder:"NAME" help:"reference or resource: the shapes of their answers (reference)." yaml:"dialect,omitempty"`
	Latency time.Duration `placeholder:"DURATION" help:"Added to each of their answers." yaml:"latency,omitempty"`
	Faults  []string      `name:"fault" sep:";" placeholder:"TARGET=FAULT" help:"Make them fail, e.g. proportal.tasks=status:500. Repeatable; separated by semicolons in the environment." yaml:"fault,omitempty"`
}
