package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// purgeTimeout is how long a running server may take to forget.
const purgeTimeout = time.Minute

// cacheCommand is about the answers that a running server keeps.
type cacheCommand struct {
	Purge purgeCommand `cmd:"" help:"Have all replicas forget answers: those that every flag given applies to."`
}

// purgeCommand asks a running server to forget answers. Listen and Token are the server's
// own settings, wherever they come from.
type purgeCommand struct {
	Operation string `placeholder:"OPERATION" help:"Those of one upstream operation, e.g. proportal.tasks."`
	Viewer    string `placeholder:"ID" help:"Those of one manager, by the id in the token."`
	Entity    string `placeholder:"KIND:ID" help:"Those that may hold one object, e.g. customer:17 or project:5."`
	All       bool   `help:"All of them."`

	File      string `name:"config" placeholder:"FILE" help:"The server's YAML file." group:"server"`
	Listen    string `name:"admin-listen" placeholder:"HOST:PORT" help:"The server's address for operators." group:"server"`
	Token     Secret `name:"admin-token" placeholder:"TOKEN" help:"The token for it." group:"server"`
	TokenFile string `name:"admin-token-file" placeholder:"FILE" help:"File that holds the token." group:"server"`
}

// Run prints how many answers were forgotten.
func (c *purgeCommand) Run(ctx context.Context, p *program) error {
	problems := p.layers.problems
	if err := readSecret(&c.Token, c.TokenFile); err != nil {
		problems = append(problems, fmt.Errorf("admin-token: %w", err))
	}
	if c.Listen == "" {
		problems = append(problems, errors.New("admin-listen: needed to know which server"))
	}
	if err := invalid(problems...); err != nil {
		return err
	}
	address, err := localAddress(c.Listen)
	if err != nil {
		return fmt.Errorf("admin-listen: %w", err)
	}
	body, err := json.Marshal(purgeJSON{Operation: c.Operation, Viewer: c.Viewer, Entity: c.Entity, All: c.All})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, purgeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+purgePath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token.Reveal())
	req.Header.Set("Content-Type", "application/json")
	// The transport of its own knows no proxy, as with the health check.
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return fmt.Errorf("no server answers there: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	return reportPurge(p.stdout, resp.StatusCode, answer)
}

// reportPurge says what came of a purge.
func reportPurge(out io.Writer, status int, answer []byte) error {
	switch status {
	case http.StatusOK, http.StatusBadGateway:
		var purged purgedJSON
		if err := json.Unmarshal(answer, &purged); err != nil {
			return fmt.Errorf("the answer cannot be read: %w", err)
		}
		if _, err := fmt.Fprintf(out, "%d answers forgotten; other replicas: %s\n", purged.Purged, purged.Replicas); err != nil {
			return err
		}
		if status != http.StatusOK {
			return errors.New("the other replicas could not be told")
		}
		return nil
	default:
		var refused struct {
			Errors []struct {
				Message string `json:"message"`
			} `json:"errors"`
		}
		if err := json.Unmarshal(answer, &refused); err != nil || len(refused.Errors) == 0 {
			return fmt.Errorf("status %d", status)
		}
		return errors.New(strings.TrimSuffix(refused.Errors[0].Message, "."))
	}
}
