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
	clientIP, err := middleware.ClientIP(c.Proxy.clientIP())
	if err != nil {
		return nil, err
	}
	opts := c.Rate.limits()
	opts.ClientIP = clientIP
	if up.shared != nil {
		opts.Store = ratelimit.NewShared(up.shared, ratelimit.NewMemory(0))
	}
	return ratelimit.New(opts)
}

func (c *ProxyConfig) clientIP() middleware.ClientIPOptions {
	return middleware.ClientIPOptions{Proxies: c.Trusted, Header: c.Header}
}

func (c *RateConfig) limits() ratelimit.Options {
	return ratelimit.Options{
		Viewer: ratelimit.Allowances{Requests: c.ViewerRequests, Calls: c.ViewerCalls},
		Client: ratelimit.Allowances{Requests: c.ClientRequests, Calls: c.ClientCalls},
		Window: c.Window,
	}
}

// cors returns what pages of other origins may do; headers are what they may send besides what all may.
func (c *BrowserConfig) cors(headers []string) middleware.CORSOptions {
	return middleware.CORSOptions{Origins: c.Origins, Credentials: c.Credentials, Headers: headers}
}

// guard wraps the API's handler in what every request of it has to pass, outermost first.
func guard(c *Config, d deps, handler http.Handler) (http.Handler, error) {
	cors, err := middleware.CORS(c.Browser.cors(c.ProPortal.LoginHeaders))
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
