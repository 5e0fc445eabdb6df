package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"crmgraph/server/auth"
	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/proportal/keeper"
	"crmgraph/upstream/resilience"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/shared"
	"crmgraph/upstream/solos"
	"crmgraph/upstream/transport"
)

// sandboxZone is the zone of the emulated CRMs.
const sandboxZone = "Europe/Moscow"

// upstreams are the CRMs the server runs on, and all that stands in front of them.
type upstreams struct {
	proportal *proportal.Client // nil where it is not configured
	solos     *solos.Client     // nil where it is not configured
	crms      *sandbox.Sandbox  // nil where real CRMs are

	cache    *cache.Cache
	shared   *shared.Shared // nil for a gateway that is alone
	keeper   *keeper.Keeper // nil where each viewer has a token of ProPortal's
	issuer   *auth.JWKS     // nil there, too, and before verifier was called
	policies map[upstream.Service]*resilience.Policy
	large    *upstream.LargeAnswers // nil for no limit

	logger     *slog.Logger
	jwtSecret  string
	transports []*transport.Transport
}

// connect makes the clients of the configured CRMs, or starts the emulated ones if
// there are none: real and emulated CRMs are never mixed. It calls nobody yet.
func connect(c *Config, logger *slog.Logger) (*upstreams, error) {
	u := &upstreams{
		logger:    logger,
		jwtSecret: c.ProPortal.JWTSecret.Reveal(),
		policies:  map[upstream.Service]*resilience.Policy{},
	}
	var now func() time.Time
	if c.onSandbox() {
		emulated, err := u.emulate(c)
		if err != nil {
			return nil, err
		}
		c, now = emulated, u.crms.Now
	}
	u.large = newLargeAnswers(c)
	err := u.keepAnswers(c, logger)
	if err == nil {
		err = invalid(u.connectProPortal(c, now), u.connectSolos(c))
	}
	if err == nil && c.ProPortal.Mode == ModeService {
		err = u.keepToken(c)
	}
	if err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u, nil
}

// emulate starts the emulated CRMs and returns the configuration that leads to them.
func (u *upstreams) emulate(c *Config) (*Config, error) {
	crms, err := startSandbox(sandbox.Options{
		Dialect:       sandbox.Dialect(c.Sandbox.Dialect),
		Latency:       c.Sandbox.Latency,
		CustomerField: c.Solos.CustomerField,
		Now:           time.Now(),
	}, c.Sandbox.Faults)
	if err != nil {
		return nil, err
	}
	u.crms, u.jwtSecret = crms, crms.JWTSecret()
	emulated := *c
	emulated.ProPortal.URL = crms.ProPortalURL()
	emulated.Solos.URL = crms.SolosURL()
	emulated.Solos.Token = NewSecret(crms.SolosToken())
	emulated.Solos.Secret = NewSecret(crms.SolosSecret())
	emulated.ProPortal.Timezone, emulated.Solos.Timezone = sandboxZone, sandboxZone
	if c.ProPortal.ServiceAuthorization.IsZero() && c.ProPortal.ServiceCookie.IsZero() {
		emulated.ProPortal.ServiceCookie = NewSecret(sandboxCookie + "=" + strconv.FormatInt(crms.ManagerIDs()[0], 10))
	}
	return &emulated, nil
}

func (u *upstreams) connectProPortal(c *Config, now func() time.Time) error {
	if c.ProPortal.URL == "" {
		return nil
	}
	caller, err := u.callerOptions(c, upstream.ProPortal, c.ProPortal.CAFile, c.ProPortal.Timeout)
	if err != nil {
		return fmt.Errorf("ProPortal: %w", err)
	}
	zone, err := time.LoadLocation(c.ProPortal.Timezone)
	if err != nil {
		return fmt.Errorf("ProPortal: %w", err)
	}
	u.proportal, err = proportal.New(c.ProPortal.URL, proportal.Options{CallerOptions: caller, Now: now, Location: zone})
	if err != nil {
		return fmt.Errorf("ProPortal: %w", err)
	}
	return nil
}

func (u *upstreams) connectSolos(c *Config) error {
	if c.Solos.URL == "" {
		return nil
	}
	caller, err := u.callerOptions(c, upstream.Solos, c.Solos.CAFile, c.Solos.Timeout)
	if err != nil {
		return fmt.Errorf("solOS: %w", err)
	}
	zone, err := time.LoadLocation(c.Solos.Timezone)
	if err != nil {
		return fmt.Errorf("solOS: %w", err)
	}
	u.solos, err = solos.New(c.Solos.URL, c.Solos.Token.Reveal(), c.Solos.Secret.Reveal(), solos.Options{
		CallerOptions: caller,
		Location:      zone,
		CustomerField: c.Solos.CustomerField,
		Aliases:       c.Solos.Aliases,
	})
	if err != nil {
		return fmt.Errorf("solOS: %w", err)
	}
	return nil
}

// callerOptions gives each CRM a transport and a policy of its own, and all one cache.
func (u *upstreams) callerOptions(c *Config, service upstream.Service, caFile string, timeout time.Duration) (upstream.CallerOptions, error) {
	way, err := transportTo(caFile, c.Upstream.MaxConcurrent)
	if err != nil {
		return upstream.CallerOptions{}, err
	}
	u.transports = append(u.transports, way)
	policy, err := resilience.New(resilience.Options{
		MaxAttempts:   c.Upstream.MaxAttempts,
		RetryShare:    c.Upstream.RetryBudget,
		Hedge:         c.Upstream.Hedge,
		Breaker:       resilience.BreakerOptions{OpenFor: c.Upstream.BreakerDelay},
		MaxConcurrent: c.Upstream.MaxConcurrent,
		MaxQueued:     c.Upstream.MaxQueued,
		Logger:        u.logger.With(slog.String("service", string(service))),
	})
	if err != nil {
		return upstream.CallerOptions{}, err
	}
	u.policies[service] = policy
	return upstream.CallerOptions{
		Transport: way,
		Timeout:   timeout,
		MaxBody:   int64(c.Upstream.MaxBody),
		Large:     u.large,
		Policy:    policy,
		Answers:   u.cache,
	}, nil
}

// transportTo returns a transport that trusts the certificates of caFile besides the
// system's; "" names none.
func transportTo(caFile string, maxIdle int) (*transport.Transport, error) {
	var ca []byte
	if caFile != "" {
		var err error
		if ca, err = os.ReadFile(caFile); err != nil {
			return nil, err
		}
	}
	way, err := transport.New(transport.Options{CA: ca, MaxIdle: maxIdle, Proxy: http.ProxyFromEnvironment})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", caFile, err)
	}
	return way, nil
}

// keepToken makes the keeper of the login in whose name ProPortal is asked.
func (u *upstreams) keepToken(c *Config) error {
	header := http.Header{}
	if authorization := c.ProPortal.ServiceAuthorization.Reveal(); authorization != "" {
		header.Set("Authorization", authorization)
	}
	if cookie := c.ProPortal.ServiceCookie.Reveal(); cookie != "" {
		header.Set("Cookie", cookie)
	}
	opts := keeper.Options{
		Login:   func(ctx context.Context) (string, time.Time, error) { return u.proportal.Login(ctx, header) },
		Timeout: c.ProPortal.Timeout,
	}
	if u.shared != nil {
		opts.Store = u.shared
	}
	var err error
	u.keeper, err = keeper.New(opts)
	return err
}

// asker asks ProPortal about a token with the cheapest call that needs one. It names no
// viewer, so that no kept answer is taken for ProPortal's.
type asker struct{ client *proportal.Client }

// Verify is part of auth.Asker.
func (a asker) Verify(ctx context.Context, token string) error {
	_, err := a.client.As(proportal.Identity{Token: token}).CountPortfolio(ctx)
	return err
}

// verifier returns what checks the tokens of clients: by their issuer's keys where the
// gateway logs into ProPortal itself, with the key of ProPortal's where that is known, else by
// asking ProPortal.
func (u *upstreams) verifier(ctx context.Context, c *Config) (auth.Verifier, func(), error) {
	switch {
	case u.keeper != nil:
		way, err := transportTo(c.Auth.JWKSCA, 1)
		if err != nil {
			return nil, nil, fmt.Errorf("auth-jwks-ca-file: %w", err)
		}
		keys, err := auth.NewJWKS(ctx, auth.JWKSOptions{
			URL: c.Auth.JWKSURL, Issuer: c.Auth.Issuer, Audience: c.Auth.Audience, Transport: way, Loaded: u.noteKeys(),
		})
		if err != nil {
			return nil, nil, err
		}
		u.issuer = keys
		return keys, keys.Close, nil
	case u.jwtSecret != "":
		local, err := auth.NewLocal([]byte(u.jwtSecret), nil)
		return local, func() {}, err
	default:
		remote, err := auth.NewRemote(asker{u.proportal}, auth.RemoteOptions{Call: proportal.CountPortfolioCall})
		return remote, func() {}, err
	}
}

// noteKeys returns what writes to the log that the issuer's keys cannot be loaded, and that they can be
// again.
func (u *upstreams) noteKeys() func(error) {
	failing := false // loads do not overlap
	return func(err error) {
		switch {
		case err != nil:
			u.logger.Warn("the issuer's keys cannot be loaded", slog.Any("cause", err))
		case failing:
			u.logger.Info("the issuer's keys are loaded again")
		}
		failing = err != nil
	}
}

// close ends all work in the background, gives up the connections and stops the emulated CRMs.
func (u *upstreams) close() error {
	if u.keeper != nil {
		u.keeper.Close()
	}
	if u.cache != nil {
		u.cache.Close()
	}
	if u.shared != nil {
		u.shared.Close()
	}
	for _, way := range u.transports {
		way.CloseIdleConnections()
	}
	if u.crms != nil {
		return u.crms.Close()
	}
	return nil
}
