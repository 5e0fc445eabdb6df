package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"crmgraph/server/auth"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
	"crmgraph/upstream/transport"
)

// sandboxZone is the zone of the emulated solOS.
const sandboxZone = "Europe/Moscow"

// upstreams are the CRMs the server runs on; a client is nil where its CRM is not
// configured, crms where real ones are.
type upstreams struct {
	proportal  *proportal.Client
	solos      *solos.Client
	crms       *sandbox.Sandbox
	jwtSecret  string
	transports []*transport.Transport
}

// connect makes the clients of the configured CRMs, or starts the emulated ones if
// there are none: real and emulated CRMs are never mixed. It calls nobody yet.
func connect(c *Config) (*upstreams, error) {
	if c.onSandbox() {
		return connectSandbox(c)
	}
	u := &upstreams{jwtSecret: c.ProPortal.JWTSecret.Reveal()}
	return u, invalid(u.connectProPortal(c, nil), u.connectSolos(c))
}

func connectSandbox(c *Config) (*upstreams, error) {
	crms, err := startSandbox(sandbox.Options{
		Dialect:       sandbox.Dialect(c.Sandbox.Dialect),
		Latency:       c.Sandbox.Latency,
		CustomerField: c.Solos.CustomerField,
		Now:           time.Now(),
	}, c.Sandbox.Faults)
	if err != nil {
		return nil, err
	}
	emulated := *c
	emulated.ProPortal.URL = crms.ProPortalURL()
	emulated.Solos.URL = crms.SolosURL()
	emulated.Solos.Token = NewSecret(crms.SolosToken())
	emulated.Solos.Secret = NewSecret(crms.SolosSecret())
	emulated.Solos.Timezone = sandboxZone
	u := &upstreams{crms: crms, jwtSecret: crms.JWTSecret()}
	err = errors.Join(u.connectProPortal(&emulated, crms.Now), u.connectSolos(&emulated))
	if err != nil {
		err = errors.Join(err, u.close())
	}
	return u, err
}

func (u *upstreams) connectProPortal(c *Config, now func() time.Time) error {
	if c.ProPortal.URL == "" {
		return nil
	}
	caller, err := u.callerOptions(c, c.ProPortal.CAFile, c.ProPortal.Timeout)
	if err != nil {
		return fmt.Errorf("ProPortal: %w", err)
	}
	u.proportal, err = proportal.New(c.ProPortal.URL, proportal.Options{CallerOptions: caller, Now: now})
	if err != nil {
		return fmt.Errorf("ProPortal: %w", err)
	}
	return nil
}

func (u *upstreams) connectSolos(c *Config) error {
	if c.Solos.URL == "" {
		return nil
	}
	caller, err := u.callerOptions(c, c.Solos.CAFile, c.Solos.Timeout)
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

// callerOptions gives each CRM a transport, and so a concurrency limit, of its own.
func (u *upstreams) callerOptions(c *Config, caFile string, timeout time.Duration) (upstream.CallerOptions, error) {
	var ca []byte
	if caFile != "" {
		var err error
		if ca, err = os.ReadFile(caFile); err != nil {
			return upstream.CallerOptions{}, err
		}
	}
	way, err := transport.New(transport.Options{
		CA:      ca,
		MaxIdle: c.Upstream.MaxConcurrent,
		Proxy:   http.ProxyFromEnvironment,
	})
	if err != nil {
		return upstream.CallerOptions{}, fmt.Errorf("%s: %w", caFile, err)
	}
	u.transports = append(u.transports, way)
	return upstream.CallerOptions{Transport: way, Timeout: timeout, MaxBody: int64(c.Upstream.MaxBody)}, nil
}

// verifier returns the local check of tokens where the key is known, else the one that
// asks ProPortal.
func (u *upstreams) verifier() (auth.Verifier, error) {
	if u.jwtSecret != "" {
		return auth.NewLocal([]byte(u.jwtSecret), nil)
	}
	return auth.NewRemote(asker{u.proportal}, auth.RemoteOptions{})
}

// asker asks ProPortal about a token with the cheapest call that needs one.
type asker struct{ client *proportal.Client }

// Verify is part of auth.Asker.
func (a asker) Verify(ctx context.Context, token string) error {
	_, err := a.client.As(proportal.Identity{Token: token}).CountPortfolio(ctx)
	return err
}

// close gives up the connections and stops the emulated CRMs.
func (u *upstreams) close() error {
	for _, way := range u.transports {
		way.CloseIdleConnections()
	}
	if u.crms != nil {
		return u.crms.Close()
	}
	return nil
}
