package main

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"
)

// redisTrouble is what may befall a Redis, and what gateways tell of it meanwhile.
type redisTrouble struct {
	name       string
	begin, end func(*redisServer)
	state      string
	up         float64 // crmgraph_redis_up
	// grows is what there is more and more of, as crmgraph_redis_operations_total counts it.
	grows string
	again func(*redisServer) // is done over and over; may be nil
}

func redisTroubles() []redisTrouble {
	return []redisTrouble{
		{
			name: "killed and restarted empty", begin: (*redisServer).kill, end: (*redisServer).start,
			state: "down, cannot be reached", up: 0, grows: "not-asked",
		},
		{
			name: "frozen", begin: (*redisServer).freeze, end: (*redisServer).thaw,
			state: "down, does not answer in time", up: 0, grows: "not-asked",
		},
		{
			name: "full of garbage", begin: (*redisServer).spoil, again: (*redisServer).spoil, end: func(*redisServer) {},
			state: "up", up: 1, grows: "unreadable",
		},
		{
			name:  "its memory full",
			begin: func(r *redisServer) { r.do("CONFIG", "SET", "maxmemory", "1") },
			end:   func(r *redisServer) { r.do("CONFIG", "SET", "maxmemory", "0") },
			state: "up, its memory is full", up: 1, grows: "failed",
		},
	}
}

// spoil puts garbage under each name of a gateway's: every third a list, else random bytes.
func (r *redisServer) spoil() {
	r.t.Helper()
	client := r.operator()
	defer client.Close()
	var commands rueidis.Commands
	for n, name := range r.names() {
		if !strings.HasPrefix(name, "crmgraph:") {
			continue
		}
		garbage := rand.Text()
		if n%3 == 0 {
			commands = append(commands, client.B().Del().Key(name).Build(), client.B().Rpush().Key(name).Element(garbage).Build())
		} else {
			commands = append(commands, client.B().Set().Key(name).Value(garbage).Build())
		}
	}
	for _, result := range client.DoMulti(r.t.Context(), commands...) {
		if err := result.Error(); err != nil && !strings.HasPrefix(err.Error(), "WRONGTYPE") {
			r.t.Fatal(err)
		}
	}
}

// TestRedisInTrouble lets clients of two gateways work on while Redis goes through all that may
// befall it, for as long as CRMGRAPH_TEST_OUTAGE says in all (60s by hand, 2s unless set).
// Nobody sees anything of it, but for those who look at readiness and metrics.
func TestRedisInTrouble(t *testing.T) {
	t.Parallel()
	troubles := redisTroubles()
	lasts := durationFrom(t, "CRMGRAPH_TEST_OUTAGE", 2*time.Second) / time.Duration(len(troubles))
	crms := startCRMs(t, replicasOptions())
	r := startRedis(t)
	// Answers are soon past all use in memory, so that Redis is asked all the time.
	a, b := startReplicas(t, r, environment(crms), "--redis-timeout=50ms", "--cache-ttl=*=100ms", "--cache-stale-while-revalidate=100ms")
	crowd := newReplicasCrowd(t, crms, a, b)
	crowd.start(t)
	for _, trouble := range troubles {
		before := [2]figures{figuresOf(t, a), figuresOf(t, b)}
		answers, began := crowd.answers(), time.Now()
		trouble.begin(r)
		for n, i := range []*instance{a, b} {
			what := fmt.Sprintf("%s: gateway %d", trouble.name, n)
			await(t, what+" says so", func() bool { return redisState(t, i) == trouble.state })
			await(t, what+" says so in metrics", func() bool {
				if trouble.again != nil {
					trouble.again(r)
				}
				now := figuresOf(t, i)
				return now["crmgraph_redis_up"] == trouble.up && now.shared(trouble.grows) > before[n].shared(trouble.grows)
			})
		}
		await(t, trouble.name+": clients get answers", func() bool { return crowd.answers() > answers+100 && time.Since(began) > lasts })
		trouble.end(r)
		ended := time.Now()
		for n, i := range []*instance{a, b} {
			what := fmt.Sprintf("%s, and well again: gateway %d", trouble.name, n)
			await(t, what+" says so", func() bool { return redisState(t, i) == "up" })
			hits := figuresOf(t, i).shared("hit")
			await(t, what+" finds answers", func() bool {
				now := figuresOf(t, i)
				return now["crmgraph_redis_up"] == 1 && now.shared("hit") > hits
			})
		}
		t.Logf("%s for %v: %d answers; both gateways well %v after the end", trouble.name, ended.Sub(began).Round(time.Millisecond),
			crowd.answers()-answers, time.Since(ended).Round(time.Millisecond))
	}
	crowd.stop()
	for _, fault := range crowd.faults {
		t.Error(fault)
	}
	// A connection to a Redis that says nothing is given up after three seconds.
	if crowd.slowest > 2500*time.Millisecond {
		t.Errorf("a request took %v, as if it had waited for Redis", crowd.slowest)
	}
	t.Logf("%d answers, %d of them wrong; the slowest took %v", crowd.answers(), len(crowd.faults), crowd.slowest.Round(time.Millisecond))
}

// TestRedisComesLate: gateways start and serve without it; when it comes, they share.
func TestRedisComesLate(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, replicasOptions())
	r := newRedis(t)
	env := environment(crms)
	both := []*instance{startReplica(t, r, env), startReplica(t, r, env)}
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	var want string
	for _, i := range both {
		awaitRedis(t, i, "down, cannot be reached")
		want = string(askWell(t, i, authorization, bothQuery).Data)
	}
	if diff := cmp.Diff(map[string]int{"proportal.tasks": 2, "solos.project": 2}, crms.Calls()); diff != "" {
		t.Errorf("calls without Redis (-want +got):\n%s", diff)
	}
	r.start()
	for _, i := range both {
		awaitRedis(t, i, "up")
		await(t, "a gateway that may have missed a purge forgets", func() bool { return figuresOf(t, i)["crmgraph_cache_entries"] == 0 })
	}
	for n, i := range both {
		if diff := cmp.Diff(want, string(askWell(t, i, authorization, bothQuery).Data)); diff != "" {
			t.Errorf("gateway %d (-want +got):\n%s", n, diff)
		}
		if n == 0 {
			awaitStored(t, i, 2)
		}
	}
	if diff := cmp.Diff(map[string]int{"proportal.tasks": 3, "solos.project": 3}, crms.Calls()); diff != "" {
		t.Errorf("calls in all, of which one each with Redis (-want +got):\n%s", diff)
	}
}
