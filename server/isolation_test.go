package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"crmgraph/graph/model"
	"crmgraph/upstream/sandbox"
)

// TestNobodySeesWhatIsAnothers has managers ask one gateway for all there is, at the same
// time, while answers become stale, are purged and fail to be replaced. Each manager's data
// are marked; no answer has the mark of another's.
func TestNobodySeesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{Managers: 4, Customers: 8, Groups: 3, Tasks: 24, Projects: 12},
		"--cache-ttl=*=20ms", "--cache-stale-while-revalidate=20ms", "--upstream-breaker-delay=20ms",
		"--proportal-timeout=1s", "--solos-timeout=1s", "--no-request-shed",
		"--admin-listen=127.0.0.1:0", "--admin-token=operators")
	street := &street{url: i.url + "/graphql", admin: "http://" + adminAddress(t, i) + purgePath, crms: crms}
	happenings := rapid.SliceOfN(rapid.OneOf(
		rapid.Custom(street.drawQuestion), rapid.Custom(street.drawQuestion), rapid.Custom(street.drawQuestion),
		rapid.Custom(street.drawPurge), rapid.Custom(street.drawFault),
	), 1, 10)
	rapid.Check(t, func(rt *rapid.T) {
		var running sync.WaitGroup
		var mu sync.Mutex
		var wrong []string
		for _, happens := range happenings.Draw(rt, "happenings") {
			running.Go(func() {
				if fault := happens.run(t); fault != "" {
					mu.Lock()
					defer mu.Unlock()
					wrong = append(wrong, fault)
				}
			})
		}
		running.Wait()
		crms.Reset()
		if len(wrong) > 0 {
			rt.Fatal(strings.Join(wrong, "\n"))
		}
	})
	if answers, own := street.answers.Load(), street.own.Load(); own < answers/4 {
		t.Errorf("%d of %d answers have a mark at all; without marks nothing is shown", own, answers)
	}
}

// street is where managers meet.
type street struct {
	url, admin   string
	crms         *sandbox.Sandbox
	answers, own atomic.Int64 // answers, and those with the mark of who asked
}

// happening is something that takes place there. It returns what went wrong.
type happening struct {
	name string
	run  func(*testing.T) (fault string)
}

// String is how rapid prints what it has drawn.
func (h happening) String() string { return h.name }

// drawQuestion draws a manager who asks for something of their own, of another's or of the
// company's. What belongs to the company names whom it likes, so that its texts are not asked for.
func (s *street) drawQuestion(t *rapid.T) happening {
	managers := s.crms.Data().Managers
	asking := rapid.SampledFrom(managers).Draw(t, "asking")
	owner := rapid.SampledFrom(managers).Draw(t, "owner")
	customer := rapid.SampledFrom(owner.Customers).Draw(t, "customer")
	group := rapid.SampledFrom(owner.Groups).Draw(t, "group")
	task := rapid.SampledFrom(owner.Tasks).Draw(t, "task")
	project := rapid.SampledFrom(s.crms.Data().Projects).Draw(t, "project")
	node := func(kind model.NodeType, number int64) string {
		return model.NodeID{Type: kind, Number: uint64(number)}.String()
	}
	query := rapid.SampledFrom([]string{
		`{ portfolio(first: 5) { nodes { name lastTask { comment } } } }`,
		`{ portfolio(first: 3) { nodes { name tasks { nodes { comment } } projects { nodes { customer { name } } } } } }`,
		`{ groups { name customers(first: 3) { nodes { name } } } }`,
		`{ tasks(first: 30) { nodes { comment customer { name } } } }`,
		`{ taskBoard { planned { comment customer { name } } overdue { comment } } }`,
		`{ projects(first: 10) { nodes { id customer { name } } } }`,
		fmt.Sprintf(`{ customer(id: %d) { name card { companyGroup } tasks { nodes { comment } } timeline { nodes { ... on Task { comment } } } } }`, customer.ID),
		fmt.Sprintf(`{ group(id: %d) { name customers { nodes { name } } } }`, group.ID),
		fmt.Sprintf(`{ task(id: %d) { comment customer { name } } }`, task.ID),
		fmt.Sprintf(`{ project(id: %d) { id customer { name lastTask { comment } } } }`, project.ID),
		fmt.Sprintf(`{ nodes(ids: [%q, %q, %q]) { ... on Customer { name } ... on Group { name } ... on Task { comment } } }`,
			node(model.CustomerNode, customer.ID), node(model.GroupNode, group.ID), node(model.TaskNode, task.ID)),
	}).Draw(t, "query")
	terms := rapid.SampledFrom([]string{"", "", "", "no-cache", "no-store", "only-if-cached", "max-age=0", "max-stale=60"}).Draw(t, "terms")
	return happening{fmt.Sprintf("%s asks %s (%s)", asking.Marker, query, terms), func(t *testing.T) string {
		return s.ask(t, asking, query, terms)
	}}
}

func (s *street) ask(t *testing.T, asking *sandbox.Manager, query, terms string) (fault string) {
	header := queryHeader("Bearer " + s.crms.Token(asking.ID))
	if terms != "" {
		header.Set("Cache-Control", terms)
	}
	got, _, err := send(t.Context(), http.MethodPost, s.url, bodyOf(query), header)
	// Texts may have escapes; decoding takes them away.
	var decoded any
	if err == nil {
		err = json.Unmarshal([]byte(got.Body), &decoded)
	}
	if err != nil || got.Status != http.StatusOK {
		return fmt.Sprintf("%s, for %s: %v, %+v", query, asking.Marker, err, got)
	}
	s.answers.Add(1)
	text := fmt.Sprint(decoded)
	for _, manager := range s.crms.Data().Managers {
		switch {
		case !strings.Contains(text, manager.Marker):
		case manager == asking:
			s.own.Add(1)
		default:
			return fmt.Sprintf("%s asks %s (%s) and gets what is %s's: %.400s", asking.Marker, query, terms, manager.Marker, got.Body)
		}
	}
	return ""
}

func (s *street) drawPurge(t *rapid.T) happening {
	managers := s.crms.Data().Managers
	owner := rapid.SampledFrom(managers).Draw(t, "owner")
	body := rapid.SampledFrom([]string{
		`{"all":true}`,
		`{"operation":"proportal.portfolio"}`,
		fmt.Sprintf(`{"viewer":"%d"}`, owner.ID),
		fmt.Sprintf(`{"entity":"customer:%d"}`, owner.Customers[0].ID),
	}).Draw(t, "purge")
	return happening{"purge " + body, func(t *testing.T) string {
		got, _, err := send(t.Context(), http.MethodPost, s.admin, body, queryHeader("Bearer operators"))
		if err != nil || got.Status != http.StatusOK {
			return fmt.Sprintf("purge %s: %v, %+v", body, err, got)
		}
		return ""
	}}
}

func (s *street) drawFault(t *rapid.T) happening {
	target := rapid.SampledFrom([]string{"*", "proportal", "solos", "proportal.tasks", "proportal.customer", "proportal.portfolio"}).Draw(t, "target")
	fault := rapid.SampledFrom([]sandbox.Fault{
		{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway},
		{Kind: sandbox.FaultStatus, Status: http.StatusUnauthorized},
		{Kind: sandbox.FaultStatus, Status: http.StatusForbidden},
		{Kind: sandbox.FaultRefuse},
		{Kind: sandbox.FaultTruncate},
		{Kind: sandbox.FaultGarbage},
		{Kind: sandbox.FaultSlowHeaders, Delay: 15 * time.Millisecond},
	}).Draw(t, "fault")
	fault.Times = rapid.IntRange(1, 6).Draw(t, "times")
	return happening{fmt.Sprintf("%s fails: %+v", target, fault), func(*testing.T) string {
		s.crms.SetFault(target, fault)
		return ""
	}}
}
