package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TimeoutHeader is how long a client will wait for its answer, in milliseconds.
const TimeoutHeader = "X-Request-Timeout"

// CORSOptions say which pages of other origins may use the API; the zero value: none.
type CORSOptions struct {
	// Origins are allowed exactly as they stand here, such as https://app.example.com, or
	// are "*" alone for all.
	Origins []string
	// Credentials lets those pages send cookies, which only login reads. Never with "*".
	Credentials bool
	// Headers may be sent besides those that the API itself knows.
	Headers []string
	// MaxAge is how long browsers keep the answer to a preflight; 10 min when 0.
	MaxAge time.Duration
}

const defaultPreflightAge = 10 * time.Minute

// What pages may send, and what they may read besides what every page may.
var (
	corsRequestHeaders = []string{
		"Accept", "Authorization", "Cache-Control", "Content-Encoding", "Content-Type", "If-None-Match",
		"X-Apollo-Operation-Id", "X-Apollo-Operation-Name", "Apollo-Require-Preflight", "GraphQL-Require-Preflight", "X-Requested-With",
		"Apollographql-Client-Name", "Apollographql-Client-Version",
		RequestIDHeader, TimeoutHeader, "X-Crmgraph-Cost", "X-Crmgraph-Explain", "X-Crmgraph-Freshness",
	}
	corsResponseHeaders = []string{"ETag", "Age", "RateLimit", "RateLimit-Policy", "Retry-After", RequestIDHeader}
)

// CORS answers preflights and lets the allowed origins read responses. A preflight of any
// other is answered with status 403; its other requests are served, and the browser keeps
// the response from the page: CSRF is what refuses them. Without origins it does nothing.
func CORS(opts CORSOptions) (func(http.Handler) http.Handler, error) {
	if err := opts.validate(); err != nil {
		return nil, err
	}
	if len(opts.Origins) == 0 {
		return func(next http.Handler) http.Handler { return next }, nil
	}
	if opts.MaxAge == 0 {
		opts.MaxAge = defaultPreflightAge
	}
	c := &cors{
		origins:     opts.Origins,
		any:         opts.Origins[0] == "*",
		credentials: opts.Credentials,
		headers:     strings.Join(withHeaders(opts.Headers), ", "),
		exposed:     strings.Join(corsResponseHeaders, ", "),
		maxAge:      strconv.FormatInt(int64(opts.MaxAge/time.Second), 10),
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, next) })
	}, nil
}

// withHeaders returns what pages may send, each name once.
func withHeaders(more []string) []string {
	all := slices.Clone(corsRequestHeaders)
	for _, name := range more {
		if !slices.ContainsFunc(all, func(known string) bool { return strings.EqualFold(known, name) }) {
			all = append(all, name)
		}
	}
	return all
}

// validate reports the first thing that is wrong with the options.
func (o CORSOptions) validate() error {
	if o.MaxAge < 0 {
		return errors.New("the age of preflights must not be negative")
	}
	if slices.Contains(o.Origins, "*") {
		if len(o.Origins) > 1 {
			return errors.New(`"*" allows all origins and stands alone`)
		}
		if o.Credentials {
			return errors.New(`credentials need a list of origins, not "*"`)
		}
		return nil
	}
	for _, origin := range o.Origins {
		parsed, err := url.Parse(origin)
		if err != nil || parsed.Host == "" || parsed.Scheme+"://"+parsed.Host != origin || strings.ToLower(origin) != origin {
			return fmt.Errorf("want origins such as https://app.example.com, not %q", origin)
		}
	}
	return nil
}

type cors struct {
	origins                  []string
	any                      bool
	credentials              bool
	headers, exposed, maxAge string
}

func (c *cors) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	header := w.Header()
	if !c.any {
		// Those who are not allowed get another response, too.
		header.Add("Vary", "Origin")
	}
	origin := r.Header.Get("Origin")
	// What all may read says so to all: a cache may hand it to somebody else.
	allowed := c.any || origin != "" && slices.Contains(c.origins, origin)
	if allowed {
		c.allow(header, origin)
	}
	if r.Method != http.MethodOptions || origin == "" || r.Header.Get("Access-Control-Request-Method") == "" {
		if allowed {
			header.Set("Access-Control-Expose-Headers", c.exposed)
		}
		next.ServeHTTP(w, r)
		return
	}
	if !allowed {
		WriteError(w, r, http.StatusForbidden, CodeOriginNotAllowed, "Pages of this origin may not use the API.")
		return
	}
	header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	header.Set("Access-Control-Allow-Headers", c.headers)
	header.Set("Access-Control-Max-Age", c.maxAge)
	w.WriteHeader(http.StatusNoContent)
}

func (c *cors) allow(header http.Header, origin string) {
	if c.any {
		origin = "*"
	}
	header.Set("Access-Control-Allow-Origin", origin)
	if c.credentials {
		header.Set("Access-Control-Allow-Credentials", "true")
	}
}
