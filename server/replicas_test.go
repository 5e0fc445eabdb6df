package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/shared"
)

// replicasOptions are CRMs that are large enough for what replicas are asked.
func replicasOptions() sandbox.Options {
	return sandbox.Options{Managers: 2, Customers: 24, Groups: 4, Tasks: 60, Projects: 60}
}

// replicasKey is what the replicas encrypt with.
var replicasKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// replicaFlags are those of a program that shares through a Redis, and has the patience for one
// on a busy machine.
func replicaFlags(r *redisServer) []string {
	return []string{
		"--redis-url=" + r.url(), "--redis-key=" + replicasKey, "--redis-timeout=20s",
		"--cache-ttl=*=1h", "--no-upstream-hedge", "--no-request-shed", "--metrics-listen=127.0.0.1:0",
	}
}

// startReplica runs a program with these flags; further ones may choose otherwise.
func startReplica(t *testing.T, r *redisServer, env []string, flags ...string) *instance {
	t.Helper()
	return startForTest(t, env, append(replicaFlags(r), flags...)...)
}

// startReplicas runs two of them, connected with a Redis.
func startReplicas(t *testing.T, r *redisServer, env []string, flags ...string) (a, b *instance) {
	t.Helper()
	a, b = startReplica(t, r, env, flags...), startReplica(t, r, env, flags...)
	awaitRedis(t, a, "up")
	awaitRedis(t, b, "up")
	return a, b
}

var redisLine = regexp.MustCompile(`(?m)^redis: (\w+) since [^,\n]+(, .*)?$`)

// redisState returns what a gateway, which is ready whatever becomes of Redis, tells of it:
// "up", or "down, cannot be reached".
func redisState(t *testing.T, i *instance) string {
	t.Helper()
	got := fetch(t, i.url+"/readyz")
	line := redisLine.FindStringSubmatch(got.Body)
	if got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "ready\n") || line == nil {
		t.Fatalf("readiness: got %+v", got)
	}
	return line[1] + line[2]
}

func awaitRedis(t *testing.T, i *instance, state string) {
	t.Helper()
	await(t, "Redis is "+state, func() bool { return redisState(t, i) == state })
}

// shared returns how often a gateway's work for Redis came to a result, e.g. "stored".
func (f figures) shared(result string) int {
	return int(f[`crmgraph_redis_operations_total{result="`+result+`"}`])
}

// awaitStored returns once a gateway has put so many answers into Redis: nobody who asks waits
// for that.
func awaitStored(t *testing.T, i *instance, answers int) {
	t.Helper()
	await(t, fmt.Sprintf("%d answers are in Redis", answers), func() bool { return figuresOf(t, i).shared("stored") >= answers })
}

// askWell is askFresh for answers without errors.
func askWell(t *testing.T, i *instance, authorization, body string) fresh {
	t.Helper()
	got := askFresh(t, i, authorization, body, http.Header{"X-Crmgraph-Freshness": {"1"}})
	if len(got.Errors) > 0 {
		t.Fatalf("got the errors %+v", got.Errors)
	}
	return got
}

// bothQuery asks each CRM once.
const bothQuery = `{"query":"{ tasks(status: PLANNED, first: 3) { nodes { id comment } } project(id: 1) { name } }"}`

func TestReplicasShareAnswers(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, replicasOptions())
	a, b := startReplicas(t, startRedis(t), environment(crms))
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])

	asked := time.Now()
	want := askWell(t, a, authorization, bothQuery)
	answered := time.Now()
	calls := crms.Calls()
	awaitStored(t, a, 2)
	const old = 300 * time.Millisecond
	await(t, "the answers have an age", func() bool { return time.Since(answered) > old })
	for _, where := range []string{"Redis", "memory"} {
		began := time.Now()
		got := askWell(t, b, authorization, bothQuery)
		ended := time.Now()
		if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" {
			t.Errorf("out of %s (-want +got):\n%s", where, diff)
		}
		if got, want := got.states(), "proportal.tasks fresh, solos.project fresh"; got != want {
			t.Errorf("out of %s: got %q, want %q", where, got, want)
		}
		// Ages are to the millisecond, and so are times in Redis.
		youngest, oldest := began.Sub(answered)-2*time.Millisecond, ended.Sub(asked)+2*time.Millisecond
		for _, part := range got.Extensions.Freshness {
			if age := time.Duration(part.Age * float64(time.Second)); age < youngest || age > oldest {
				t.Errorf("%s out of %s: got the age %v, want from %v to %v", part.Operation, where, age, youngest, oldest)
			}
		}
	}
	if diff := cmp.Diff(calls, crms.Calls()); diff != "" {
		t.Errorf("calls, before and after the second gateway was asked (-want +got):\n%s", diff)
	}
}

// storeOld puts an answer into Redis, as another replica would have that was given it an age ago.
func storeOld(t *testing.T, r *redisServer, env []string, key upstream.Key, body string, age time.Duration) {
	t.Helper()
	c, err := sources{env: env, args: replicaFlags(r)}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	store, err := c.Redis.open((&upstreams{}).namespace(&c), new(atomic.Pointer[cache.Cache]), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	await(t, "Redis is up", func() bool { return store.Health().State == shared.Up })
	store.Put(key, cache.Stored{Body: []byte(body), At: time.Now().Add(-age)}, time.Hour)
	await(t, "the answer is in Redis", func() bool { return store.Stats().Stored == 1 })
}

// TestReplicasRefreshOnce: past its time, an answer serves at both while one of them asks for a
// new one. The old one is brought along, so that nothing here has to come before another time is
// over, however slow the machine.
func TestReplicasRefreshOnce(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	r := startRedis(t)
	env := []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}
	storeOld(t, r, env, groupKey(), group, 90*time.Minute)
	a, b := startReplicas(t, r, env, "--cache-stale-while-revalidate=1h", "--proportal-timeout=5m", "--request-timeout=1m")
	authorization := newToken(t, signingKey)

	question := func(int) (string, string) { return groupQuery, authorization }
	for _, clients := range []int{1, 50} { // out of Redis, and then out of memory
		outcomes := append(stampede(t.Context(), a, clients, question), stampede(t.Context(), b, clients, question)...)
		for _, outcomes := range outcomes {
			got := <-outcomes
			if diff := cmp.Diff(reply{http.StatusOK, groupReply}, got.reply); diff != "" || got.err != nil {
				t.Fatalf("past its time, %d clients: error %v (-want +got):\n%s", clients, got.err, diff)
			}
		}
	}
	calls := 0
	for _, i := range []*instance{a, b} {
		var got fresh
		await(t, "the answer is fresh", func() bool {
			select {
			case <-proportal.asked:
				calls++
				proportal.answer <- strings.Replace(group, "Новые", "Старые", 1)
			default:
			}
			got = askWell(t, i, authorization, groupQuery)
			return got.states() == "proportal.group fresh"
		})
		if got, want := string(got.Data), `{"group":{"name":"Старые"}}`; got != want {
			t.Errorf("in time again: got %s, want %s", got, want)
		}
	}
	if calls != 1 {
		t.Errorf("got %d calls of the CRM, want 1", calls)
	}
}

// groupKey is what the answer to groupQuery is kept under for the subject of newToken.
func groupKey() upstream.Key {
	call := proportal.GetGroupCall
	return upstream.Key{Service: call.Service, Operation: call.Operation, Scope: "2", ID: "129"}
}

// TestReplicasAreToldOfPurges: what is purged at one gateway is gone from the memory of the other,
// and from Redis.
func TestReplicasAreToldOfPurges(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, replicasOptions())
	a, b := startReplicas(t, startRedis(t), environment(crms), "--admin-listen=127.0.0.1:0", "--admin-token=operators")
	const (
		query = `{"query":"{ tasks(status: PLANNED) { nodes { id } } groups { id } project(id: 1) { id } }"}`
		kept  = 5 // answers: tasks and groups of each manager, and the company's project
	)
	askAll := func(i *instance) {
		t.Helper()
		for _, manager := range crms.ManagerIDs() {
			askWell(t, i, "Bearer "+crms.Token(manager), query)
		}
	}
	// missing is how many answers a gateway does not have in memory.
	missing := func(i *instance) (n int) {
		for _, manager := range crms.ManagerIDs() {
			n += len(askFresh(t, i, "Bearer "+crms.Token(manager), query, http.Header{"Cache-Control": {"only-if-cached"}}).Errors)
		}
		return n
	}
	tests := []struct {
		name      string
		flags     []string
		forgotten map[string]int // answers
		missed    int            // parts of answers to both managers, who share the project
	}{
		{"an operation", []string{"--operation=proportal.tasks"}, map[string]int{"proportal.tasks": 2}, 2},
		{"a viewer", []string{"--viewer=2"}, map[string]int{"proportal.tasks": 1, "proportal.groups": 1}, 2},
		{"an operation of a viewer", []string{"--viewer=2", "--operation=proportal.groups"}, map[string]int{"proportal.groups": 1}, 1},
		{"a project", []string{"--entity=project:1"}, map[string]int{"solos.project": 1}, 2},
		{"whatever may hold a task", []string{"--entity=task:77"}, map[string]int{"proportal.tasks": 2}, 2},
		{"all", []string{"--all"}, map[string]int{"proportal.tasks": 2, "proportal.groups": 2, "solos.project": 1}, 6},
	}
	askAll(a)
	awaitStored(t, a, kept)
	askAll(b)
	stored := 0 // by b
	for _, test := range tests {
		before := crms.Calls()
		answers := 0
		for _, n := range test.forgotten {
			answers += n
		}
		got := output(t, []string{"CRMGRAPH_ADMIN_TOKEN=operators", "CRMGRAPH_ADMIN_LISTEN=" + adminAddress(t, a)}, append([]string{"cache", "purge"}, test.flags...)...)
		if want := fmt.Sprintf("%d answers forgotten; other replicas: told\n", answers); got != want {
			t.Errorf("%s: printed %q, want %q", test.name, got, want)
		}
		await(t, test.name+": the other gateway forgets", func() bool { return missing(b) == test.missed })
		askAll(b) // asks the CRMs for what was purged
		stored += answers
		awaitStored(t, b, stored)
		askAll(a) // finds that in Redis
		for operation, calls := range crms.Calls() {
			if got, want := calls-before[operation], test.forgotten[operation]; got != want {
				t.Errorf("%s: %d calls of %s afterwards, want %d", test.name, got, operation, want)
			}
		}
	}
}

// TestReplicasKeepViewersApart: Redis gives a manager what is that manager's own, and the company's to
// whoever has its key pair.
func TestReplicasKeepViewersApart(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, replicasOptions())
	r := startRedis(t)
	env := environment(crms)
	a, b := startReplicas(t, r, env)
	const query = `{"query":"{ viewer { id } portfolio(first: 20) { nodes { name } } groups { name } project(id: 1) { id } }"}`
	managers := crms.Data().Managers
	one, other := managers[0], managers[1]
	bearer := func(m *sandbox.Manager) string { return "Bearer " + crms.Token(m.ID) }
	check := func(who string, got fresh, own, foreign *sandbox.Manager) {
		t.Helper()
		data := string(got.Data)
		if !strings.Contains(data, fmt.Sprintf(`"viewer":{"id":"%d"}`, own.ID)) || !strings.Contains(data, own.Marker) || strings.Contains(data, foreign.Marker) {
			t.Errorf("%s: got %s, want what is the own and nothing else", who, data)
		}
	}
	ofOne := askWell(t, a, bearer(one), query)
	check("one manager at the first gateway", ofOne, one, other)
	awaitStored(t, a, 3)
	ofOther := askWell(t, b, bearer(other), query)
	check("another manager at the second", ofOther, other, one)
	awaitStored(t, b, 2)
	once := crms.Calls()
	if diff := cmp.Diff(map[string]int{"proportal.portfolio": 2, "proportal.groups": 2, "solos.project": 1}, once); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(string(ofOne.Data), string(askWell(t, b, bearer(one), query).Data)); diff != "" {
		t.Errorf("one manager at the second gateway (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(string(ofOther.Data), string(askWell(t, a, bearer(other), query).Data)); diff != "" {
		t.Errorf("another manager at the first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(once, crms.Calls()); diff != "" {
		t.Errorf("calls before and after what is in Redis was asked for (-want +got):\n%s", diff)
	}

	for _, half := range []string{"CRMGRAPH_SOLOS_TOKEN", "CRMGRAPH_SOLOS_SECRET"} {
		t.Run("without the right "+half, func(t *testing.T) {
			strange := startReplica(t, r, changed(env, half, "another"))
			awaitRedis(t, strange, "up")
			got := askFresh(t, strange, bearer(one), query, nil)
			if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "UPSTREAM_REJECTED" || !strings.Contains(string(got.Data), `"project":null`) {
				t.Errorf("got %s with the errors %+v, want no project: solOS refuses", got.Data, got.Errors)
			}
			if hits := figuresOf(t, strange).shared("hit"); hits != 0 {
				t.Errorf("found %d answers in Redis, want none", hits)
			}
		})
	}
	t.Run("with another key", func(t *testing.T) {
		before := crms.Calls()
		strange := startReplica(t, r, env, "--redis-key="+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{8}, 32)))
		awaitRedis(t, strange, "up")
		if diff := cmp.Diff(string(ofOne.Data), string(askWell(t, strange, bearer(one), query).Data)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
		for _, operation := range []string{"proportal.portfolio", "proportal.groups", "solos.project"} {
			if got := crms.Calls()[operation] - before[operation]; got != 1 {
				t.Errorf("got %d calls of %s, want 1: nothing is found in Redis", got, operation)
			}
		}
	})
}

// changed returns env with another value of one variable.
func changed(env []string, variable, value string) []string {
	env = slices.Clone(env)
	for n := range env {
		if strings.HasPrefix(env[n], variable+"=") {
			env[n] = variable + "=" + value
		}
	}
	return env
}

var (
	// hashedName is the form of a name, of which only the operation is readable.
	hashedName = regexp.MustCompile(`^crmgraph:1:[\w-]{22}:(answer:(proportal|solos)\.\w+:[\w-]{22}:|secret:|refresh:|lock:)[\w-]{22}$`)
	// readable is a longer run of ASCII than occurs by chance in what is encrypted.
	readable = regexp.MustCompile(`[ -~]{32}`)
)

func TestNothingInRedisIsReadable(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, replicasOptions())
	r := startRedis(t)
	issuer := startIssuer(t)
	authorization := issuer.authorization(t, "client-4711")
	const query = `{"query":"{ portfolio(first: 20) { nodes { id name } } groups { name } tasks(status: PLANNED, first: 20) { nodes { comment } } project(id: 1) { name } }"}`
	secrets := []string{crms.SolosToken(), crms.SolosSecret(), "client-4711"}
	viewers := startReplica(t, r, environment(crms))
	awaitRedis(t, viewers, "up")
	for _, manager := range crms.Data().Managers {
		token := crms.Token(manager.ID)
		askWell(t, viewers, "Bearer "+token, query)
		secrets = append(append(secrets, manager.Marker), strings.Split(token, ".")...)
	}
	service := startReplica(t, r, serviceEnvironment(crms, issuer))
	awaitRedis(t, service, "up")
	secrets = append(secrets, strings.Split(authorization, ".")...)
	awaitKeys(t, service, authorization)
	askWell(t, service, authorization, query)
	awaitStored(t, viewers, 7)
	awaitStored(t, service, 4)
	kinds := map[string]int{}
	await(t, "the login is in Redis", func() bool {
		clear(kinds)
		for _, name := range r.names() {
			if kind := hashedName.FindStringSubmatch(name); kind != nil {
				before, _, _ := strings.Cut(kind[1], ":")
				kinds[before]++
			} else {
				t.Fatalf("got the name %q, want one that says nothing", name)
			}
		}
		return kinds["secret"] == 1 && kinds["lock"] == 0
	})
	if diff := cmp.Diff(map[string]int{"answer": 11, "secret": 1}, kinds); diff != "" {
		t.Errorf("what is in Redis (-want +got):\n%s", diff)
	}
	for _, name := range r.names() {
		value, err := r.do("GET", name).ToString()
		if err != nil {
			t.Fatal(err)
		}
		if found := readable.FindString(value); found != "" {
			t.Errorf("%s: the value has %q in it", name, found)
		}
		for _, secret := range secrets {
			if strings.Contains(name+value, secret) {
				t.Errorf("%s: name or value has %q in it", name, secret)
			}
		}
	}
}
