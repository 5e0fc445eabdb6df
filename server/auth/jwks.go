package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"

	"crmgraph/graph"
	"crmgraph/upstream"
)

// DefaultRefreshInterval is how often an issuer's keys are loaded.
const DefaultRefreshInterval = time.Hour

// JWKSOptions are the settings of a JWKS; URL, Issuer and Audience are required.
type JWKSOptions struct {
	URL      string // where the issuer publishes its keys
	Issuer   string // the claim iss of its tokens
	Audience string // what must be among their claim aud
	// Transport asks for the keys; nil means http.DefaultTransport. Redirects are not followed.
	Transport http.RoundTripper
	// RefreshInterval is how often they are loaded, DefaultRefreshInterval when 0.
	RefreshInterval time.Duration
	// Loaded, if set, is told how each attempt to load them ended. The error names no address.
	Loaded func(error)
	// Now is the clock by which tokens are valid; nil means time.Now.
	Now func() time.Time
}

// maxAccepted is how many tokens are known to be good.
const maxAccepted = 10_000

// JWKS verifies tokens of an issuer that publishes its keys. Once verified, a token is
// known by its hash until the keys are loaded again. It is safe for concurrent use.
type JWKS struct {
	keys     *keys
	parser   *jwt.Parser
	now      func() time.Time
	accepted *lru.Cache[tokenHash, accepted]
}

// accepted is a token with a good signature and good claims, of which only the time can
// make it a bad one.
type accepted struct {
	viewer *graph.Viewer
	keys   *keySet // it was verified with
}

// NewJWKS returns a JWKS that loads the keys in the background, until ctx ends or Close:
// an issuer that does not answer keeps nobody from starting.
func NewJWKS(ctx context.Context, opts JWKSOptions) (*JWKS, error) {
	address, err := url.Parse(opts.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, errors.New("the URL of the issuer's keys must be an absolute http or https URL")
	}
	if opts.Issuer == "" || opts.Audience == "" {
		return nil, errors.New("issuer and audience must not be empty")
	}
	if opts.RefreshInterval < 0 {
		return nil, errors.New("the refresh interval must not be negative")
	}
	if opts.RefreshInterval == 0 {
		opts.RefreshInterval = DefaultRefreshInterval
	}
	if opts.Transport == nil {
		opts.Transport = http.DefaultTransport
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	// What is asymmetric: a published key can then not be taken for a shared one.
	methods := []string{jwt.SigningMethodRS256.Alg(), jwt.SigningMethodES256.Alg(), jwt.SigningMethodEdDSA.Alg()}
	parser := jwt.NewParser(append(options(opts.Now),
		jwt.WithValidMethods(methods), jwt.WithIssuer(opts.Issuer), jwt.WithAudience(opts.Audience))...)
	known, err := lru.New[tokenHash, accepted](maxAccepted)
	if err != nil {
		return nil, err
	}
	source := &keySource{url: address.String(), transport: opts.Transport}
	return &JWKS{
		keys:     keepKeys(ctx, source.load, opts.RefreshInterval, opts.Loaded),
		parser:   parser,
		now:      opts.Now,
		accepted: known,
	}, nil
}

// KeysState says whether an issuer's keys are known.
type KeysState struct {
	LoadedAt time.Time // zero when there are none
	Err      error     // why the last load failed; nil after one that succeeded, and before the first
}

// Keys returns how things are with the issuer's keys.
func (j *JWKS) Keys() KeysState { return j.keys.state() }

// Close ends the loading of keys.
func (j *JWKS) Close() { j.keys.close() }

// Verify returns the viewer of a token that is the issuer's, for this audience and valid
// now; any other is upstream.Unauthenticated. The viewer has no token: this one is not for
// ProPortal. While the keys cannot be loaded that would decide, the error is
// upstream.Unavailable.
func (j *JWKS) Verify(ctx context.Context, token string) (*graph.Viewer, error) {
	if err := checkForm(token); err != nil {
		return nil, err
	}
	hash := hashOf(token)
	if known, ok := j.accepted.Get(hash); ok && known.keys == j.keys.current() && j.now().Before(known.viewer.ExpiresAt.Add(leeway)) {
		return known.viewer, nil
	}
	var c issuerClaims
	var set *keySet
	_, err := j.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (key any, err error) {
		set, key, err = j.key(ctx, t)
		return key, err
	})
	var undecided upstream.Kind
	switch {
	case errors.As(err, &undecided):
		return nil, fmt.Errorf("%w: no key of the issuer's to check the token with", undecided)
	case err != nil:
		return nil, refused(reason(err))
	}
	found := viewer(&c.claims, "")
	j.accepted.Add(hash, accepted{viewer: found, keys: set})
	return found, nil
}

// Admit refuses: ProPortal's tokens are the gateway's own here.
func (j *JWKS) Admit(context.Context, string) (*graph.Viewer, error) {
	return nil, fmt.Errorf("%w: nobody but the gateway logs in to ProPortal", upstream.Forbidden)
}

// key returns the key that a token names, and those it is one of. Tokens need not be tried
// with all keys: issuers that have several name the one.
func (j *JWKS) key(ctx context.Context, t *jwt.Token) (set *keySet, key any, err error) {
	if _, ok := t.Header["crit"]; ok {
		return nil, nil, errors.New("the token has extensions that must be understood")
	}
	id, ok := t.Header["kid"].(string)
	if !ok {
		return nil, nil, errors.New("the token names no key")
	}
	if set, err = j.keys.with(ctx, id); err != nil {
		return nil, nil, err
	}
	key, err = set.KeyfuncCtx(ctx)(t)
	return set, key, err
}

// issuerClaims are the claims of a token that is not ProPortal's.
type issuerClaims struct {
	claims
	Issuer   string
	Audience jwt.ClaimStrings
}

// UnmarshalJSON reads the claims of a token.
func (c *issuerClaims) UnmarshalJSON(data []byte) error {
	members := c.members()
	members["iss"], members["aud"] = &c.Issuer, &c.Audience
	return readClaims(data, members)
}

// GetIssuer is part of jwt.Claims.
func (c *issuerClaims) GetIssuer() (string, error) { return c.Issuer, nil }

// GetAudience is part of jwt.Claims.
func (c *issuerClaims) GetAudience() (jwt.ClaimStrings, error) { return c.Audience, nil }
