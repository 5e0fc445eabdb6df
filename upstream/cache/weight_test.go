package cache_test

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// ownSize is what an entry without key and value takes.
const ownSize = 400

// weighing is upstream.Answers that keeps nothing but the questions and their answers.
type weighing struct {
	answers []weighed
}

type weighed struct {
	question upstream.Question
	body     []byte
}

func (*weighing) Kept(context.Context, upstream.Question, upstream.Terms) (upstream.Answer, error, bool) { //nolint:revive // the interface has it so
	return upstream.Answer{}, nil, false
}

func (w *weighing) Get(ctx context.Context, q upstream.Question, _ upstream.Terms) (upstream.Answer, error) {
	body, err := q.Ask(ctx)
	if err != nil {
		return upstream.Answer{}, err
	}
	defer body.Release()
	w.answers = append(w.answers, weighed{q, slices.Clone(body.Bytes())})
	value, _, err := q.Read(body.Bytes())
	return upstream.Answer{Value: value}, err
}

// everyAnswer asks both CRMs, in a dialect, for everything there is.
func everyAnswer(t *testing.T, dialect sandbox.Dialect) []weighed {
	t.Helper()
	crm, err := sandbox.Start(sandbox.Options{Dialect: dialect})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = crm.Close() }()
	var w weighing
	portal, err := proportal.New(crm.ProPortalURL(), proportal.Options{CallerOptions: upstream.CallerOptions{Answers: &w}})
	if err != nil {
		t.Fatal(err)
	}
	sales, err := solos.New(crm.SolosURL(), crm.SolosToken(), crm.SolosSecret(), solos.Options{CallerOptions: upstream.CallerOptions{Answers: &w}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	manager := crm.ManagerIDs()[0]
	viewer := portal.As(proportal.Identity{Subject: "a manager", Token: crm.Token(manager)})
	must(viewer.GetTaskBoard(ctx))
	groups, err := viewer.ListGroups(ctx, proportal.GroupsOptions{})
	must(groups, err)
	must(viewer.GetGroup(ctx, groups[0].ID))
	must(viewer.ListGroupCustomers(ctx, groups[0].ID, proportal.TaskPlanned))
	page, err := viewer.ListPortfolio(ctx, proportal.PortfolioOptions{PerPage: 100})
	must(page, err)
	customer := page.Customers[0].ID
	must(viewer.GetCustomer(ctx, customer))
	must(viewer.ListCustomerTasks(ctx, customer))

	projects, err := sales.ListProjects(ctx, solos.ProjectsOptions{Count: 100})
	must(projects, err)
	for _, project := range projects.Items[:5] {
		must(sales.GetProject(ctx, project.ID))
		must(sales.ListActions(ctx, project.ID, solos.ActionsOptions{}))
		must(sales.ListChecklists(ctx, project.ID))
		must(sales.ListGoods(ctx, project.ID))
		must(sales.ListPayments(ctx, project.ID, solos.PaymentsOptions{}))
		must(sales.ListSteps(ctx, project.ID, solos.StepsOptions{}))
	}
	return w.answers
}

// TestAnswersTakeNoMoreMemoryThanTheyAreReckonedToTake weighs what the clients make of
// every kind of answer. It is not parallel to others, as it looks at the heap.
func TestAnswersTakeNoMoreMemoryThanTheyAreReckonedToTake(t *testing.T) {
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		for _, answer := range everyAnswer(t, dialect) {
			copies := max(20, min(200, 1<<20/len(answer.body)))
			values := make([]any, copies)
			before := heap()
			for i := range values {
				value, _, err := answer.question.Read(answer.body)
				if err != nil {
					t.Fatal(err)
				}
				values[i] = value
			}
			takes := int64(heap()-before) / int64(copies)
			runtime.KeepAlive(values)
			key := answer.question.Key()
			reckoned := int64(cache.Size(*key, len(answer.body)))
			if takes+ownSize > reckoned {
				t.Errorf("%s, %s of %d bytes: the value takes %d, the whole entry is reckoned to take %d",
					key.Operation, dialect, len(answer.body), takes, reckoned)
			}
		}
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
