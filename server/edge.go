package main

import (
	"net/http"

	"crmgraph/server/lifetime"
	"crmgraph/server/middleware"
	"crmgraph/server/middleware/compress"
	"crmgraph/server/ratelimit"
)

// newLimiter returns what counts requests and calls of viewers and client addresses, with
// all replicas where there are some.
func newLimiter(c *Config, up *upstreams) (*ratelimit.Limiter, error) {
	clientIP, err := middleware.ClientIP(middleware.ClientIPOptions{Proxies: c.Proxy.Trusted, Header: c.Proxy.Header})
	if err != nil {
		return nil, err
	}
	opts := ratelimit.Options{
		Viewer:   ratelimit.Allowances{Requests: c.Rate.ViewerRequests, Calls: c.Rate.ViewerCalls},
		Client:   ratelimit.Allowances{Requests: c.Rate.ClientRequests, Calls: c.Rate.ClientCalls},
		Window:   c.Rate.Window,
		ClientIP: clientIP,
	}
	if up.shared != nil {
		opts.Store = ratelimit.NewShared(up.shared, ratelimit.NewMemory(0))
	}
	return ratelimit.New(opts)
}

// guard wraps the API's handler in what every request of it has to pass, outermost first.
func guard(c *Config, d deps, handler http.Handler) (http.Handler, error) {
	cors, err := middleware.CORS(middleware.CORSOptions{Origins: c.Browser.Origins, Credentials: c.Browser.Credentials})
	if err != nil {
		return nil, err
	}
	csrf, err := middleware.CSRF(c.Browser.Origins...)
	if err != nil {
		return nil, err
	}
	outermost := []func(http.Handler) http.Handler{cors, d.shed, csrf}
	if c.Compress {
		compressed, err := compress.New(compress.Options{})
		if err != nil {
			return nil, err
		}
		outermost = append(outermost, compressed)
	}
	return middleware.Chain(handler, append(outermost,
		d.limiter.Middleware,
		lifetime.Timeout(c.Request.Timeout),
		middleware.BodyDeadline(middleware.BodyDeadlineOptions{}),
		middleware.BodyLimit(int64(c.Request.MaxBody)),
		middleware.Decompress(int64(c.Request.MaxBody)),
	)...), nil
}
