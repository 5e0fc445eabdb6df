package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
)

// serviceReplicas are two gateways with one account at ProPortal. They keep no answers, so that each
// request needs its token.
type serviceReplicas struct {
	both          [2]*instance
	redis         *redisServer
	crms          *sandbox.Sandbox
	authorization string
}

func startServiceReplicas(t *testing.T, opts sandbox.Options) *serviceReplicas {
	t.Helper()
	issuer := startIssuer(t)
	s := &serviceReplicas{redis: startRedis(t), crms: startCRMs(t, opts), authorization: issuer.authorization(t, "client-1")}
	s.both[0], s.both[1] = startReplicas(t, s.redis, serviceEnvironment(s.crms, issuer), "--cache-size=0")
	for _, i := range s.both {
		awaitKeys(t, i, s.authorization)
	}
	return s
}

// askAtOnce has clients of both ask for all customers of the account.
func (s *serviceReplicas) askAtOnce(t *testing.T) {
	t.Helper()
	customers := s.crms.Data().Managers[0].Customers
	question := func(n int) (string, string) {
		return fmt.Sprintf(`{"query":"{ customer(id: %d) { card { inn } } }"}`, customers[n].ID), s.authorization
	}
	var all []chan outcome
	for _, i := range s.both {
		all = append(all, stampede(t.Context(), i, len(customers), question)...)
	}
	for _, outcomes := range all {
		got := <-outcomes
		if got.err != nil || got.reply.Status != http.StatusOK || strings.Contains(got.reply.Body, `"errors"`) {
			t.Errorf("got %+v", got)
		}
	}
}

func (s *serviceReplicas) logins() int { return s.crms.Calls()[proportal.LoginCall.String()] }

func TestReplicasShareOneLogin(t *testing.T) {
	t.Parallel()
	s := startServiceReplicas(t, replicasOptions())
	s.askAtOnce(t)
	if got := s.logins(); got != 1 {
		t.Errorf("got %d logins for both gateways, want 1", got)
	}
	s.crms.RevokeTokens()
	s.askAtOnce(t)
	if got := s.logins(); got != 2 {
		t.Errorf("got %d logins after the token was refused at both, want one more", got)
	}
}

// TestReplicasWithTokensThatAreAllRefused: where one gateway has renewed the token, and the other goes on with
// the one before, the other finds a token in Redis that is refused like its own.
func TestReplicasWithTokensThatAreAllRefused(t *testing.T) {
	t.Parallel()
	s := startServiceReplicas(t, replicasOptions())
	for n, i := range s.both {
		if got := postQuery(t, i, tasksQuery, s.authorization); strings.Contains(got.Body, `"errors"`) {
			t.Fatalf("got %+v", got)
		}
		await(t, "the token is in Redis", func() bool {
			return slices.ContainsFunc(s.redis.names(), func(name string) bool { return strings.Contains(name, ":secret:") })
		})
		if n == 0 {
			s.redis.do("FLUSHALL") // so that the other has to log in, too
		}
	}
	if got := s.logins(); got != 2 {
		t.Fatalf("got %d logins, want one for each gateway", got)
	}
	s.crms.RevokeTokens()
	s.askAtOnce(t)
	if got := s.logins(); got != 3 {
		t.Errorf("got %d logins after both tokens were refused, want one more", got)
	}
}

func TestReplicasShareTheRenewalOfALogin(t *testing.T) {
	t.Parallel()
	const lifetime = 4 * time.Second
	opts := replicasOptions()
	opts.TokenLifetime = lifetime
	s := startServiceReplicas(t, opts)
	began := time.Now()
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for time.Since(began) < lifetime+lifetime/8 {
		<-pace.C
		for _, i := range s.both {
			if got := postQuery(t, i, tasksQuery, s.authorization); strings.Contains(got.Body, `"errors"`) {
				t.Fatalf("%v after the first login: got %+v", time.Since(began), got)
			}
		}
	}
	// A token serves for three quarters of its life at least.
	most := 1 + int(time.Since(began)/(lifetime*3/4))
	if got := s.logins(); got < 2 || got > most {
		t.Errorf("got %d logins for both gateways in %v, want 2, %d at most", got, time.Since(began), most)
	}
}
