package auth

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"crmgraph/graph"
	"crmgraph/server/middleware"
)

// CallerOptions are the settings of Callers; the zero value passes nothing on to login.
type CallerOptions struct {
	// LoginHeaders and LoginCookies name what of a request login may pass on.
	LoginHeaders []string
	LoginCookies []string
	// Explain lets callers ask how their operations are answered.
	Explain bool
	// Cost tells every caller what its operations cost.
	Cost bool
	// Admit says whether a viewer, "" for nobody known, may run one more operation; nil for always.
	Admit func(ctx context.Context, viewer string) error
	// Verified is told the viewer of each token that was accepted; nil for nobody.
	Verified func(ctx context.Context, viewer *graph.Viewer)
}

// Callers makes the callers of requests. It is safe for concurrent use.
type Callers struct {
	verifier  Verifier
	opts      CallerOptions
	admit     func(ctx context.Context, token string) (*graph.Viewer, error)
	anonymous func(ctx context.Context) error
}

// NewCallers returns Callers.
func NewCallers(verifier Verifier, opts CallerOptions) *Callers {
	c := &Callers{verifier: verifier, opts: opts, admit: verifier.Admit}
	if opts.Admit != nil {
		c.anonymous = func(ctx context.Context) error { return opts.Admit(ctx, "") }
	}
	return c
}

// Of returns the caller whose request has this header. The token is not looked
// at before an operation asks who the viewer is.
func (c *Callers) Of(header http.Header) graph.Caller {
	caller := graph.Caller{
		Authenticate: func(ctx context.Context) (*graph.Viewer, error) { return c.authenticate(ctx, header) },
		Anonymous:    c.anonymous,
		Admit:        c.admit,
		LoginHeader:  func() http.Header { return loginHeader(header, &c.opts) },
		Cost:         c.opts.Cost,
		Freshness:    freshness(header),
	}
	if c.opts.Explain {
		caller.Explain = graph.Explain(middleware.First(header, ExplainHeader))
		caller.Cost = caller.Cost || middleware.First(header, CostHeader) != ""
	}
	return caller
}

func (c *Callers) authenticate(ctx context.Context, header http.Header) (*graph.Viewer, error) {
	viewer, err := c.verify(ctx, header)
	if err != nil {
		if c.anonymous != nil {
			err = cmp.Or(c.anonymous(ctx), err)
		}
		return nil, err
	}
	if c.opts.Verified != nil {
		c.opts.Verified(ctx, viewer)
	}
	if c.opts.Admit != nil {
		err = c.opts.Admit(ctx, viewer.ID)
	}
	return viewer, err
}

func (c *Callers) verify(ctx context.Context, header http.Header) (*graph.Viewer, error) {
	token, err := Bearer(header)
	if err != nil {
		return nil, err
	}
	return c.verifier.Verify(ctx, token)
}

// Headers with which a caller asks how an operation is answered.
const (
	ExplainHeader = "X-Crmgraph-Explain" // "plan" runs nothing, "trace" runs the operation
	CostHeader    = "X-Crmgraph-Cost"    // anything: adds what the operation cost
)

// loginHeader copies the headers and cookies that are on the lists, and nothing else.
func loginHeader(header http.Header, opts *CallerOptions) http.Header {
	passed := make(http.Header)
	for _, name := range opts.LoginHeaders {
		for _, value := range header.Values(name) {
			passed.Add(name, value)
		}
	}
	if cookies := loginCookies(header["Cookie"], opts.LoginCookies); len(cookies) > 0 {
		passed.Set("Cookie", strings.Join(cookies, "; "))
	}
	return passed
}

// loginCookies returns the cookies that have one of these names, as they were sent: net/http would put
// those with a comma or a space in quotes, and leave out those with a quote or a letter beyond ASCII,
// which browsers send all the same.
func loginCookies(lines, names []string) []string {
	var found []string
	for _, line := range lines {
		for cookie := range strings.SplitSeq(line, ";") {
			name, _, _ := strings.Cut(cookie, "=")
			if slices.Contains(names, strings.Trim(name, " \t")) {
				found = append(found, strings.Trim(cookie, " \t"))
			}
		}
	}
	return found
}
