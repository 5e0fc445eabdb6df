package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// manager is whom the sandbox's tokens are for: its first, who is always there.
const manager = 2

// sandbox is both emulated CRMs in one process, as all servers see them.
type sandbox struct {
	process *process
	control string   // URL of the control endpoints
	env     []string // the settings of a gateway that uses them
}

// startSandbox starts the CRMs with a latency that every answer of theirs takes.
func startSandbox(ctx context.Context, dir string, latency time.Duration) (*sandbox, error) {
	said, stdout, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command := []string{
		crmgraphBinary(dir), "sandbox", "--proportal-listen", "127.0.0.1:0", "--solos-listen", "127.0.0.1:0",
		"--latency", latency.String(),
	}
	p, err := startProcess(ctx, dir, "sandbox", command, nil, stdout)
	_ = stdout.Close() // the process has its own
	if err != nil {
		return nil, err
	}
	s := &sandbox{process: p}
	// It tells how a gateway is configured for it, one variable a line.
	for lines := bufio.NewScanner(said); lines.Scan(); {
		line := strings.TrimSuffix(strings.TrimSpace(lines.Text()), ` \`)
		if url, found := strings.CutPrefix(line, "CRMGRAPH_PROPORTAL_URL="); found {
			s.control = strings.TrimSuffix(url, "/proportal") + "/__sandbox/"
		}
		if strings.HasPrefix(line, "CRMGRAPH_") {
			s.env = append(s.env, line)
		}
		if line == "crmgraph" {
			return s, nil
		}
	}
	p.stop()
	return nil, errors.New("the sandbox has not told how to use it")
}

// token returns a fresh token of the manager, good for an hour.
func (s *sandbox) token(ctx context.Context) (string, error) {
	var answer struct{ Token string }
	err := s.ask(ctx, http.MethodGet, fmt.Sprintf("token?manager=%d", manager), &answer)
	return answer.Token, err
}

// calls returns how often each endpoint was called since reset.
func (s *sandbox) calls(ctx context.Context) (map[string]int, error) {
	var calls map[string]int
	err := s.ask(ctx, http.MethodGet, "calls", &calls)
	return calls, err
}

// reset makes the sandbox forget the calls so far.
func (s *sandbox) reset(ctx context.Context) error { return s.ask(ctx, http.MethodPost, "reset", nil) }

func (s *sandbox) ask(ctx context.Context, method, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.control+path, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the sandbox has answered %s to %s", response.Status, path)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
