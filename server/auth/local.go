package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"

	"crmgraph/graph"
)

// Local verifies tokens with the key ProPortal signs them with. It asks nobody and is
// safe for concurrent use.
//
// Clients send a token with each request for as long as it lasts. One that was accepted is
// known by its hash until it expires: the key never changes, so it would be accepted again.
type Local struct {
	secret   []byte
	now      func() time.Time
	parser   *jwt.Parser
	accepted *lru.Cache[tokenHash, *graph.Viewer]
}

// NewLocal returns a Local for an HS256 key; now is the clock, nil means time.Now.
func NewLocal(secret []byte, now func() time.Time) (*Local, error) {
	if len(secret) == 0 {
		return nil, errors.New("the signing key must not be empty")
	}
	if now == nil {
		now = time.Now
	}
	// The method is pinned here: what a token says of its own must not choose the check.
	methods := jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()})
	accepted, err := lru.New[tokenHash, *graph.Viewer](maxAccepted)
	if err != nil {
		return nil, err
	}
	return &Local{
		secret:   secret,
		now:      now,
		parser:   jwt.NewParser(append(options(now), methods)...),
		accepted: accepted,
	}, nil
}

// Verify returns the viewer of a token that is signed with the key and valid now; any
// other is upstream.Unauthenticated.
func (l *Local) Verify(_ context.Context, token string) (*graph.Viewer, error) {
	if err := checkForm(token); err != nil {
		return nil, err
	}
	hash := hashOf(token)
	if known, ok := l.accepted.Get(hash); ok && l.now().Before(known.ExpiresAt.Add(leeway)) {
		return known, nil
	}
	var c claims
	if _, err := l.parser.ParseWithClaims(token, &c, l.key); err != nil {
		return nil, refused(reason(err))
	}
	// A copy, as the token may be part of the whole head of a request.
	known := viewer(&c, strings.Clone(token))
	l.accepted.Add(hash, known)
	return known, nil
}

// Admit verifies a token like any other: that costs nothing here.
func (l *Local) Admit(ctx context.Context, token string) (*graph.Viewer, error) {
	return l.Verify(ctx, token)
}

func (l *Local) key(*jwt.Token) (any, error) { return l.secret, nil }

func viewer(c *claims, token string) *graph.Viewer {
	return &graph.Viewer{ID: string(c.Subject), Token: token, ExpiresAt: c.ExpiresAt.UTC()}
}

// reason names what is wrong with a token in fixed words: the library's own errors may
// quote parts of it.
func reason(err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return "the token has expired"
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return "the token is not valid yet"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return "the token is not signed with the expected key and method"
	case errors.Is(err, jwt.ErrTokenInvalidClaims):
		return "the token lacks a claim or has a wrong one"
	default:
		return "the token is not a JSON web token"
	}
}
