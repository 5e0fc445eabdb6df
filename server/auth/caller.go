package auth

import (
	"context"
	"net/http"
	"slices"

	"crmgraph/graph"
)

// CallerOptions are the settings of Caller; the zero value passes nothing on to login.
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

// Caller returns middleware that puts the graph.Caller of each request in its context.
func Caller(verifier Verifier, opts CallerOptions) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := graph.WithCaller(r.Context(), NewCaller(r.Header, verifier, opts))
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// NewCaller returns the caller whose request has this header. The token is not looked
// at before an operation asks who the viewer is.
func NewCaller(header http.Header, verifier Verifier, opts CallerOptions) graph.Caller {
	caller := graph.Caller{
		LoginHeader: loginHeader(header, opts),
		Admit:       verifier.Admit,
		Authenticate: func(ctx context.Context) (*graph.Viewer, error) {
			token, err := Bearer(header)
			if err != nil {
				return nil, err
			}
			viewer, err := verifier.Verify(ctx, token)
			if err != nil {
				return nil, err
			}
			if opts.Verified != nil {
				opts.Verified(ctx, viewer)
			}
			if opts.Admit != nil {
				err = opts.Admit(ctx, viewer.ID)
			}
			return viewer, err
		},
	}
	if opts.Admit != nil {
		caller.Anonymous = func(ctx context.Context) error { return opts.Admit(ctx, "") }
	}
	caller.Cost = opts.Cost
	caller.Freshness = freshness(header)
	if opts.Explain {
		caller.Explain = graph.Explain(header.Get(ExplainHeader))
		caller.Cost = caller.Cost || header.Get(CostHeader) != ""
	}
	return caller
}

// Headers with which a caller asks how an operation is answered.
const (
	ExplainHeader = "X-Crmgraph-Explain" // "plan" runs nothing, "trace" runs the operation
	CostHeader    = "X-Crmgraph-Cost"    // anything: adds what the operation cost
)

// loginHeader copies the headers and cookies that are on the lists, and nothing else.
func loginHeader(header http.Header, opts CallerOptions) http.Header {
	passed := http.Request{Header: make(http.Header)}
	for _, name := range opts.LoginHeaders {
		for _, value := range header.Values(name) {
			passed.Header.Add(name, value)
		}
	}
	for _, cookie := range (&http.Request{Header: header}).Cookies() {
		if slices.Contains(opts.LoginCookies, cookie.Name) {
			passed.AddCookie(cookie)
		}
	}
	return passed.Header
}
