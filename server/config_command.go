package main

import (
	"bytes"
	"fmt"
	"log/slog"

	"github.com/goccy/go-yaml"
)

// configCommand prints the configuration the server would run with.
type configCommand struct {
	Config `embed:""`
}

// Run prints the effective configuration as YAML that the server reads again, less the secrets.
func (c *configCommand) Run(p *program) error {
	if err := c.complete(p.layers); err != nil {
		return err
	}
	if err := c.checkClients(); err != nil {
		return err
	}
	for _, secret := range c.secrets() {
		if secret.file != "" {
			*secret.text = Secret{} // which the server would find given twice
		}
	}
	out, err := yaml.MarshalWithOptions(c.Config, yaml.IndentSequence(true))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", bytes.TrimRight(out, "\n"))
	return err
}

// checkClients makes the clients of real CRMs and of Redis, as only they know what they accept.
func (c *Config) checkClients() error {
	if c.onSandbox() && c.Redis.URL.IsZero() {
		return nil
	}
	up, err := connect(c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return up.close()
}
