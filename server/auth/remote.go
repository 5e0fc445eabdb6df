package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"crmgraph/graph"
	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
)

// Limits of the verdicts a Remote keeps.
const (
	maxVerdicts    = 10_000
	acceptedFor    = 5 * time.Minute
	refusedFor     = 10 * time.Second
	defaultTimeout = 15 * time.Second
)

// Asker asks ProPortal whether it accepts a token.
type Asker interface {
	// Verify returns nil for a token that is accepted and an error that is
	// upstream.Unauthenticated for one that is refused.
	Verify(ctx context.Context, token string) error
}

// RemoteOptions are the settings of a Remote; the zero value means the defaults.
type RemoteOptions struct {
	// Call is what is asked, for the errors of callers who do not wait for the answer.
	Call upstream.Call
	// Timeout bounds one question to ProPortal, 15 seconds when 0.
	Timeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Remote verifies tokens by asking ProPortal. An acceptance is kept until the token
// expires, five minutes at most, a refusal ten seconds, a failure to answer not at all;
// tokens themselves are never kept. It is safe for concurrent use.
type Remote struct {
	asker    Asker
	call     upstream.Call
	now      func() time.Time
	timeout  time.Duration
	parser   *jwt.Parser
	check    *jwt.Validator
	asking   singleflight.Group
	verdicts *lru.Cache[tokenHash, verdict]
}

// verdict is what ProPortal said of a token.
type verdict struct {
	accepted bool
	until    time.Time
}

func (v verdict) err() error {
	if !v.accepted {
		return refused("ProPortal refused the token a moment ago")
	}
	return nil
}

// NewRemote returns a Remote that asks asker.
func NewRemote(asker Asker, opts RemoteOptions) (*Remote, error) {
	if opts.Timeout == 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	verdicts, err := lru.New[tokenHash, verdict](maxVerdicts)
	if err != nil {
		return nil, err
	}
	return &Remote{
		asker:    asker,
		call:     opts.Call,
		now:      opts.Now,
		timeout:  opts.Timeout,
		parser:   jwt.NewParser(),
		check:    jwt.NewValidator(options(opts.Now)...),
		verdicts: verdicts,
	}, nil
}

// Verify returns the viewer of a token that ProPortal accepts. What ProPortal cannot
// change, its expiry for one, is checked before it is asked. A refused token is
// upstream.Unauthenticated; otherwise the error is that of the question.
func (r *Remote) Verify(ctx context.Context, token string) (*graph.Viewer, error) {
	c, err := r.read(token)
	if err != nil {
		return nil, err
	}
	hash := hashOf(token)
	known, ok := r.known(hash)
	if ok {
		err = known.err()
	} else {
		err = r.ask(ctx, hash, c, token)
	}
	if err != nil {
		return nil, err
	}
	return viewer(c, token), nil
}

// Admit returns the viewer of a token that ProPortal has just handed out, which is as
// good as asking it.
func (r *Remote) Admit(_ context.Context, token string) (*graph.Viewer, error) {
	c, err := r.read(token)
	if err != nil {
		return nil, err
	}
	r.remember(hashOf(token), c, nil)
	return viewer(c, token), nil
}

func (r *Remote) known(hash tokenHash) (verdict, bool) {
	v, ok := r.verdicts.Get(hash)
	return v, ok && r.now().Before(v.until)
}

// read returns the claims of a token whose signature only ProPortal can check.
func (r *Remote) read(token string) (*claims, error) {
	if err := checkForm(token); err != nil {
		return nil, err
	}
	var c claims
	parsed, _, err := r.parser.ParseUnverified(token, &c)
	if err != nil {
		return nil, refused(reason(err))
	}
	if parsed.Method == jwt.SigningMethodNone {
		return nil, refused("the token is not signed")
	}
	if err := r.check.Validate(&c); err != nil {
		return nil, refused(reason(err))
	}
	return &c, nil
}

// ask puts the question once for all who wait for the same token. It outlives a caller
// who leaves, since the others still need the answer.
func (r *Remote) ask(ctx context.Context, hash tokenHash, c *claims, token string) error {
	answer := r.asking.DoChan(string(hash[:]), func() (_ any, err error) {
		// Nobody else recovers in that goroutine. The text of a panic may quote the answer.
		defer func() {
			if cause := recover(); cause != nil {
				err = &upstream.Error{Call: r.call, Kind: upstream.Malformed, Err: fmt.Errorf("panic with a value of type %T", cause)}
			}
		}()
		// The answer may have come between a look at the verdicts and this question.
		if v, ok := r.known(hash); ok {
			return nil, v.err()
		}
		shared, cancel := context.WithTimeout(callcontext.Apart(context.WithoutCancel(ctx)), r.timeout)
		defer cancel()
		err = r.asker.Verify(shared, token)
		r.remember(hash, c, err)
		return nil, err
	})
	callcontext.Block(ctx)
	select {
	case result := <-answer:
		return result.Err
	case <-ctx.Done():
		return &upstream.Error{Call: r.call, Kind: gone(ctx)}
	}
}

func (r *Remote) remember(hash tokenHash, c *claims, err error) {
	now := r.now()
	switch {
	case err == nil:
		until := now.Add(acceptedFor)
		if c.ExpiresAt.Before(until) {
			until = c.ExpiresAt.Time
		}
		r.verdicts.Add(hash, verdict{accepted: true, until: until})
	case errors.Is(err, upstream.Unauthenticated):
		r.verdicts.Add(hash, verdict{until: now.Add(refusedFor)})
	}
}
