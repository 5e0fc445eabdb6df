package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// How many calls lists of different lengths cost, and that sharing holds for all of them.
func TestCallsOfLists(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		crms := startSandbox(t, sandbox.Options{Dialect: dialect, Customers: 100, Groups: 12, Tasks: 200, Projects: 60})
		o, err := newOracle(crms, dialect, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			const whole = ` nodes { name tasks(first: 2) { totalCount nodes { status customer { name } } }
				projects(first: 2) { nodes { name customer { name tasks { totalCount } } } } } `
			for _, first := range []int{4, 10, 100} {
				query := fmt.Sprintf("{ portfolio(first: %d) { %s } }", first, whole)
				newWorldOn(t, crms).check(t, query, nil, oracleAnswer(t, o, query, nil), map[string]int{
					"proportal.portfolio": 1, "proportal.tasks": 3, "solos.filterProjects": 1,
				})
			}
			groups := 0
			for _, group := range crms.Data().Managers[0].Groups {
				if group.ActiveCount > 0 {
					groups++
				}
			}
			query := fmt.Sprintf(`{
				groups { name customers(first: 20) { %[1]s } }
				again: groups { databaseId customers(first: 5) { %[1]s totalCount } }
			}`, whole)
			newWorldOn(t, crms).check(t, query, nil, oracleAnswer(t, o, query, nil), map[string]int{
				"proportal.groups": 1, "proportal.groupCustomers": groups, "proportal.tasks": 3, "solos.filterProjects": 1,
			})
		})
	}
}

// A project that an action leads to is asked for unless a list has brought it, and is the
// same either way.
func TestListedProjectsAreNotAskedForAgain(t *testing.T) {
	t.Parallel()
	const listed = 20
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			// With some latency, both calls of the first round are under way together.
			crms := startSandbox(t, sandbox.Options{
				Dialect: dialect, Customers: 40, Projects: 60, Tasks: -1, Latency: 30 * time.Millisecond,
			})
			o, err := newOracle(crms, dialect, 0)
			if err != nil {
				t.Fatal(err)
			}
			var active []*sandbox.Project
			for _, project := range crms.Data().Projects {
				if !project.Deleted {
					active = append(active, project)
				}
			}
			hasActions := func(p *sandbox.Project) bool { return len(p.Actions) > 0 }
			inList := active[slices.IndexFunc(active[:listed], hasActions)]
			beyond := active[listed:][slices.IndexFunc(active[listed:], hasActions)]
			for _, test := range []struct {
				list    string
				project *sandbox.Project
				calls   map[string]int
			}{
				{"", inList, map[string]int{"solos.action": 1, "solos.project": 1}},
				{"projects(first: 20) { nodes { name } }", inList, map[string]int{"solos.action": 1, "solos.projects": 1}},
				{"projects(first: 20) { nodes { name } }", beyond, map[string]int{"solos.action": 1, "solos.projects": 1, "solos.project": 1}},
			} {
				query := fmt.Sprintf(`{ %s action(id: %d) { text project {
					id name price isDeleted createdAt fields { name value } participants { userIds } extra
				} } }`, test.list, test.project.Actions[0].ID)
				newWorldOn(t, crms).check(t, query, nil, oracleAnswer(t, o, query, nil), test.calls)
			}
		})
	}
}

// The second manager sees that manager's own data, and the company's projects.
func TestAnotherManager(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{Managers: 2, Customers: 30, Groups: 4, Tasks: 60, Projects: 40})
	o, err := newOracle(crms, sandbox.DialectReference, 1)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOn(t, crms)
	for _, query := range []string{
		"{ viewer { id } portfolio { totalCount nodes { name lastActivity { result at } } } }",
		"{ groups { name customersCount customers { nodes { name tasks { nodes { comment } } } } } }",
		"{ tasks(first: 100) { nodes { databaseId customer { name } } } taskBoard { overdue { databaseId } } }",
		"{ projects(first: 100) { nodes { databaseId customer { databaseId name } } } }",
	} {
		got := w.askAs(t, crms.ManagerIDs()[1], query, nil)
		if len(got.Errors) != 0 {
			t.Errorf("%s: errors %+v", query, got.Errors)
			continue
		}
		compareAnswers(t, query, oracleAnswer(t, o, query, nil), got.Data)
	}
}
