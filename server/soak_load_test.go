package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/upstream/sandbox"
)

// loaders is how many clients send requests, each one after the other.
const loaders = 8

// load is what clients do in a soak.
type load struct {
	url    string
	crms   *sandbox.Sandbox
	client *http.Client
	tally  *tally
	pause  sync.RWMutex // held for reading by each request
}

// run sends one request after the other until ctx ends.
func (l *load) run(ctx context.Context, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 1))
	var tokens []string
	for _, manager := range l.crms.ManagerIDs() {
		tokens = append(tokens, l.crms.TokenValidFor(manager, 24*time.Hour))
	}
	queries := measuredQueries()
	for ctx.Err() == nil {
		header := queryHeader("Bearer " + tokens[chance.IntN(len(tokens))])
		if terms := randomTerms(chance); terms != "" {
			header.Set("Cache-Control", terms)
		}
		if chance.IntN(5) == 0 {
			header.Set("X-Request-Timeout", strconv.Itoa(1+chance.IntN(200)))
		}
		patience := time.Minute
		if chance.IntN(8) == 0 {
			patience = time.Duration(chance.IntN(20)) * time.Millisecond
		}
		body := bodyOf(queries[chance.IntN(len(queries))].text)
		l.pause.RLock()
		l.tally.add(l.send(ctx, body, header, patience))
		l.pause.RUnlock()
	}
}

// randomTerms returns a Cache-Control, most often none.
func randomTerms(chance *rand.Rand) string {
	terms := []string{"no-cache", "no-store", "only-if-cached", "max-age=0", "max-age=1", "max-stale=60", "max-stale, only-if-cached"}
	if n := chance.IntN(3 * len(terms)); n < len(terms) {
		return terms[n]
	}
	return ""
}

// send makes one request of a client that leaves after a while.
func (l *load) send(ctx context.Context, body string, header http.Header, patience time.Duration) (answer soakAnswer) {
	ctx, leave := context.WithTimeout(ctx, patience)
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/graphql", strings.NewReader(body))
	if err != nil {
		return soakAnswer{fault: err.Error()}
	}
	req.Header = header
	resp, err := l.client.Do(req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
		var content []byte
		if content, err = io.ReadAll(resp.Body); err == nil {
			answer = readSoakAnswer(resp.StatusCode, content)
		}
	}
	switch {
	case ctx.Err() != nil:
		return soakAnswer{canceled: true}
	case err != nil:
		return soakAnswer{fault: err.Error()}
	}
	return answer
}

// soakAnswer is what a client learned from one request.
type soakAnswer struct {
	canceled bool
	codes    []string // of errors
	fault    string   // what should never happen
}

// readSoakAnswer takes in an answer: whatever CRMs do, it is one of GraphQL's, and no error
// in it is the gateway's own. One whose time is up before anything ran has a status of its own.
func readSoakAnswer(status int, content []byte) (answer soakAnswer) {
	var wire struct {
		Data   json.RawMessage
		Errors []struct{ Extensions struct{ Code string } }
	}
	err := json.Unmarshal(content, &wire)
	late := status == http.StatusServiceUnavailable && len(wire.Errors) == 1 && wire.Errors[0].Extensions.Code == "DEADLINE_EXCEEDED"
	if err != nil || status != http.StatusOK && !late {
		return soakAnswer{fault: fmt.Sprintf("status %d, %v: %.300s", status, err, content)}
	}
	for _, e := range wire.Errors {
		answer.codes = append(answer.codes, e.Extensions.Code)
		if e.Extensions.Code == "INTERNAL_SERVER_ERROR" {
			answer.fault = fmt.Sprintf("%.300s", content)
		}
	}
	return answer
}

// tally counts the answers of all clients.
type tally struct {
	requests, canceled atomic.Int64
	mu                 sync.Mutex
	byCode             map[string]int
	wrong              []string
}

func newTally() *tally { return &tally{byCode: map[string]int{}} }

func (c *tally) add(answer soakAnswer) {
	c.requests.Add(1)
	if answer.canceled {
		c.canceled.Add(1)
	}
	if answer.fault == "" && len(answer.codes) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, code := range answer.codes {
		c.byCode[code]++
	}
	if answer.fault != "" && len(c.wrong) < 10 {
		c.wrong = append(c.wrong, answer.fault)
	}
}

// codes lists how many errors of each code there were, most first.
func (c *tally) codes() (lines []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	byCount := func(a, b string) int { return cmp.Compare(c.byCode[b], c.byCode[a]) }
	for _, code := range slices.SortedFunc(maps.Keys(c.byCode), byCount) {
		lines = append(lines, fmt.Sprintf("%8d × %s", c.byCode[code], code))
	}
	return lines
}

func (c *tally) faults() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.wrong)
}

// trouble lets the CRMs fail and come back, and purges, once in a while.
func (s *soak) trouble(ctx context.Context, pause time.Duration) {
	chance := rand.New(rand.NewPCG(0, 2))
	again := time.NewTicker(pause)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		switch chance.IntN(3) {
		case 0:
			targets := []string{"proportal", "solos", "*", "proportal.tasks", "solos.steps", "solos.filterProjects"}
			s.crms.SetFault(targets[chance.IntN(len(targets))], randomFault(chance))
		case 1:
			s.crms.Reset()
		case 2:
			purges := []string{`{"all":true}`, `{"operation":"proportal.tasks"}`, `{"viewer":"2"}`, `{"entity":"project:1"}`}
			got, _, err := send(ctx, http.MethodPost, s.admin+purgePath, purges[chance.IntN(len(purges))], queryHeader("Bearer operators"))
			if (err != nil || got.Status != http.StatusOK) && ctx.Err() == nil {
				s.tally.add(soakAnswer{fault: fmt.Sprintf("purge: %+v, %v", got, err)})
			}
		}
	}
}

func randomFault(chance *rand.Rand) sandbox.Fault {
	faults := []sandbox.Fault{
		{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway},
		{Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Second},
		{Kind: sandbox.FaultHang},
		{Kind: sandbox.FaultRefuse},
		{Kind: sandbox.FaultReset},
		{Kind: sandbox.FaultTruncate},
		{Kind: sandbox.FaultHTML},
		{Kind: sandbox.FaultGarbage},
		{Kind: sandbox.FaultSlowHeaders, Delay: 50 * time.Millisecond},
		{Kind: sandbox.FaultSlowBody, Delay: 20 * time.Millisecond},
	}
	fault := faults[chance.IntN(len(faults))]
	fault.Times = chance.IntN(100) // 0 is until it ends
	return fault
}
