// Package auth turns the bearer token of a request into the viewer an operation runs
// for: locally, where the key ProPortal signs with is known, by asking ProPortal, or with
// the published keys of another issuer, where the gateway has a ProPortal account itself.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"crmgraph/graph"
	"crmgraph/upstream"
)

// maxToken is the size of the largest token that is looked at. ProPortal's are below 1 KiB.
const maxToken = 8 << 10

// Verifier checks tokens.
type Verifier interface {
	// Verify returns the viewer a token stands for. A token that is refused is
	// upstream.Unauthenticated; any other error means that nobody could tell.
	Verify(ctx context.Context, token string) (*graph.Viewer, error)
	// Admit is Verify for a token that ProPortal itself has just handed out. It is
	// upstream.Forbidden where clients have no business with ProPortal's tokens.
	Admit(ctx context.Context, token string) (*graph.Viewer, error)
}

// Bearer returns the token of the Authorization header, whose scheme may be in any
// case. No token, another scheme and more than one header are upstream.Unauthenticated.
func Bearer(header http.Header) (string, error) {
	values := header["Authorization"]
	switch len(values) {
	case 0:
		return "", refused("no token")
	case 1:
	default:
		return "", refused("more than one Authorization header")
	}
	// No other space is one in a header: who looks for the scheme elsewhere has to find the same.
	scheme, token, _ := strings.Cut(strings.Trim(values[0], " \t"), " ")
	token = strings.Trim(token, " \t")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", refused("the Authorization scheme is not Bearer")
	}
	if token == "" {
		return "", refused("no token")
	}
	return token, nil
}

// refused returns an upstream.Unauthenticated with a reason for the log; it never
// holds anything of the token.
func refused(reason string) error {
	return fmt.Errorf("%w: %s", upstream.Unauthenticated, reason)
}

// gone is why a caller whose context has ended has no answer.
func gone(ctx context.Context) upstream.Kind {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return upstream.Timeout
	}
	return upstream.Canceled
}
