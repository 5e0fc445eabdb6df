package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

const healthcheckTimeout = 3 * time.Second

// healthcheckCommand asks a server on this machine for its health. Listen is the
// server's own setting, wherever that comes from.
type healthcheckCommand struct {
	File   string `name:"config" placeholder:"FILE" help:"The server's YAML file." group:"server"`
	Listen string `default:"${listen}" placeholder:"HOST:PORT" help:"The address the server listens on (${default})." group:"server"`
}

// Run fails unless GET /healthz is answered with 200 within three seconds.
func (c *healthcheckCommand) Run(ctx context.Context, p *program) error {
	if err := invalid(p.layers.problems...); err != nil {
		return err
	}
	address, err := localAddress(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return err
	}
	// The transport of its own knows no proxy: the server is on this machine.
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("not healthy: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not healthy: status %d", resp.StatusCode)
	}
	return nil
}

// localAddress is where this machine reaches a server that listens on address: one that
// listens on all addresses is on loopback too. That is given as a number, because an
// image without a hosts file knows no names.
func localAddress(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
