package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	gqlgen "github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph/executor"
	"crmgraph/graph/generated"
	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// shelf resolves two lists that are there already, so that nothing but execution is
// measured.
type shelf struct {
	generated.QueryResolver
	customers *model.CustomerConnection
	projects  *model.ProjectConnection
}

// shelfRoot is the root of resolvers of which there are but two.
type shelfRoot struct{ query *shelf }

func newShelf(customers, projects int) *shelf {
	text, valuation, amount, at := "text", 12, upstream.Decimal("2279000"), time.Date(2026, 9, 1, 6, 0, 0, 0, time.UTC)
	var rows []*proportal.Customer
	for i := range customers {
		rows = append(rows, &proportal.Customer{
			ID: int64(i + 1), Name: fmt.Sprintf("ООО \"Пример %d\"", i), Industry: &text, Valuation: &valuation,
			LastActivity: &proportal.Activity{Result: &text, At: &at}, Revenue: &proportal.Revenue{Amount: &amount},
		})
	}
	var list []*solos.Project
	for i := range projects {
		project := &solos.Project{ID: uint64(i + 1), Name: &text, Price: &amount, CreatedAt: &at}
		for _, name := range []string{"client_id", "contract_date", "source", "deadline", "probability"} {
			project.Fields = append(project.Fields, solos.Field{Name: name, Value: json.RawMessage(`"2026-09-01"`)})
		}
		list = append(list, project)
	}
	return &shelf{
		customers: &model.CustomerConnection{Page: model.Page{Length: customers, Total: customers}, Nodes: model.NewCustomers(rows)},
		projects:  &model.ProjectConnection{Page: model.Page{Length: projects, Total: projects}, Nodes: model.NewProjects(list)},
	}
}

func (s *shelf) Portfolio(context.Context, *proportal.TaskStatus, int, *string) (*model.CustomerConnection, error) {
	return s.customers, nil
}

func (s *shelf) Projects(context.Context, *model.ProjectFilter, *model.ProjectOrder, bool, int, *string) (*model.ProjectConnection, error) {
	return s.projects, nil
}

func (r shelfRoot) Query() generated.QueryResolver             { return r.query }
func (shelfRoot) Action() generated.ActionResolver             { return nil }
func (shelfRoot) Checklist() generated.ChecklistResolver       { return nil }
func (shelfRoot) Customer() generated.CustomerResolver         { return nil }
func (shelfRoot) Good() generated.GoodResolver                 { return nil }
func (shelfRoot) Group() generated.GroupResolver               { return nil }
func (shelfRoot) Mutation() generated.MutationResolver         { return nil }
func (shelfRoot) Payment() generated.PaymentResolver           { return nil }
func (shelfRoot) Project() generated.ProjectResolver           { return nil }
func (shelfRoot) Step() generated.StepResolver                 { return nil }
func (shelfRoot) Subscription() generated.SubscriptionResolver { return nil }
func (shelfRoot) Task() generated.TaskResolver                 { return nil }

// executors are both executors over a shelf.
func executors(s *shelf) map[string]*gqlgen.Executor {
	config := generated.Config{Resolvers: shelfRoot{s}}
	stock := generated.NewExecutableSchema(config)
	both := map[string]*gqlgen.Executor{
		"compiled":  gqlgen.New(executor.New(stock, generated.NewAccessors(config), executor.Options{Join: model.Join})),
		"reference": gqlgen.New(stock),
	}
	for _, e := range both {
		e.SetQueryCache(lru.New[*ast.QueryDocument](10))
	}
	return both
}

// execute runs a query from its text to the bytes of its data.
func execute(tb testing.TB, e *gqlgen.Executor, query string) []byte {
	ctx := graphql.StartOperationTrace(context.Background())
	op, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if errs != nil {
		tb.Fatal(errs)
	}
	next, ctx := e.DispatchOperation(ctx, op)
	response := next(ctx)
	if len(response.Errors) > 0 {
		tb.Fatal(response.Errors)
	}
	return response.Data
}

const (
	customersQuery = `{ portfolio(first: 50) { totalCount nodes {
		id name industry valuation lastActivity { result at } revenue { amount period } } } }`
	projectsQuery = `{ projects(first: 100) { nodes { id name price createdAt
		a: field(name: "client_id") b: field(name: "contract_date") c: field(name: "source")
		d: field(name: "deadline") e: field(name: "probability") } } }`
	fieldsQuery = `{ projects(first: 100) { nodes { id name price createdAt fields { name value } } } }`
)

// BenchmarkExecute runs both executors over data that is there, side by side.
func BenchmarkExecute(b *testing.B) {
	for name, query := range map[string]string{"50customers": customersQuery, "100projects": projectsQuery, "100projects_fields": fieldsQuery} {
		for kind, e := range executors(newShelf(50, 100)) {
			b.Run(name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					execute(b, e, query)
				}
			})
		}
	}
}

// What an answer allocates: a fixed part, an id for each object with one, which is text
// made by the model, and nothing for any other plain field or object.
func TestCompiledAllocations(t *testing.T) {
	small, large := executors(newShelf(50, 100)), executors(newShelf(100, 200))
	tests := []struct {
		name, query string
		objects     float64 // more on the large shelf
		atMost      float64 // allocations on the small shelf
		perObject   float64
	}{
		{"50 customers", customersQuery, 50, 130, 1.5},
		{"100 projects", projectsQuery, 100, 280, 1.5},
		{"100 projects with all fields", fieldsQuery, 100, 190, 1.5},
	}
	for _, test := range tests {
		allocations := func(e *gqlgen.Executor) float64 {
			return testing.AllocsPerRun(50, func() { execute(t, e, test.query) })
		}
		got, stock := allocations(small["compiled"]), allocations(small["reference"])
		perObject := (allocations(large["compiled"]) - got) / test.objects
		t.Logf("%s: %.0f allocations, %.0f by the reference; %.2f for each further object", test.name, got, stock, perObject)
		if got > test.atMost {
			t.Errorf("%s: got %.0f allocations, want at most %.0f", test.name, got, test.atMost)
		}
		if perObject > test.perObject {
			t.Errorf("%s: got %.2f allocations for each further object, want at most %.1f", test.name, perObject, test.perObject)
		}
		if want, got := string(execute(t, small["reference"], test.query)), string(execute(t, small["compiled"], test.query)); got != want {
			t.Errorf("%s: got %s, want %s", test.name, got, want)
		}
	}
}
