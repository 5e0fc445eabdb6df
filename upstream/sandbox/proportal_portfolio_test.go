package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// customerIDs lists the customers a filter keeps, in the order of the data.
func customerIDs(customers []*sandbox.Customer, keep func(*sandbox.Customer) bool) []int64 {
	ids := []int64{}
	for _, c := range customers {
		if keep(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// statusOf works a task's status out by the reference's rule.
func statusOf(s *sandbox.Sandbox, task *sandbox.Task) string {
	if task.Result != nil {
		return "completed"
	}
	if task.StartsAt.Before(s.Now()) {
		return "duedate"
	}
	return "planned"
}

func hasTask(s *sandbox.Sandbox, status string) func(*sandbox.Customer) bool {
	return func(c *sandbox.Customer) bool {
		for _, task := range c.Tasks {
			if statusOf(s, task) == status {
				return true
			}
		}
		return false
	}
}

func everyCustomer(*sandbox.Customer) bool { return true }

func TestPortfolioPages(t *testing.T) {
	t.Parallel()
	idNames := map[sandbox.Dialect]string{sandbox.DialectReference: "client_id", sandbox.DialectResource: "id"}
	for dialect, idName := range idNames {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{Dialect: dialect})
			got := []int64{}
			for page := 1; page <= 3; page++ {
				got = append(got, integers(t, listOf(t, portal(t, s, fmt.Sprintf("%sportfolio?page=%d", workspace, page))), idName)...)
			}
			want := customerIDs(s.Data().Managers[0].Customers, everyCustomer)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("customers of three pages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPortfolioPaginator(t *testing.T) {
	t.Parallel()
	reference := start(t, sandbox.Options{})
	resource := start(t, sandbox.Options{Dialect: sandbox.DialectResource})
	capped := start(t, sandbox.Options{MaxPerPage: 30})
	documented := start(t, sandbox.Options{DocumentedOnly: true})
	tests := map[string]struct {
		server *sandbox.Sandbox
		query  string
		items  int
		// want has URL in the place of the portfolio's URL.
		want string
	}{
		"first page as in the sample": {reference, "", 50, `{"current_page":1,"first_page_url":"URL?page=1","from":1,"last_page":3,
			"last_page_url":"URL?page=3","next_page_url":"URL?page=2","path":"URL","per_page":50,"prev_page_url":null,"to":50,"total":120}`},
		"last page": {reference, "?page=3", 20, `{"current_page":3,"first_page_url":"URL?page=1","from":101,"last_page":3,
			"last_page_url":"URL?page=3","next_page_url":null,"path":"URL","per_page":50,"prev_page_url":"URL?page=2","to":120,"total":120}`},
		"beyond the last page": {reference, "?page=4", 0, `{"current_page":4,"first_page_url":"URL?page=1","from":null,"last_page":3,
			"last_page_url":"URL?page=3","next_page_url":null,"path":"URL","per_page":50,"prev_page_url":"URL?page=3","to":null,"total":120}`},
		"no number is page one": {reference, "?page=x", 50, `{"current_page":1,"first_page_url":"URL?page=1","from":1,"last_page":3,
			"last_page_url":"URL?page=3","next_page_url":"URL?page=2","path":"URL","per_page":50,"prev_page_url":null,"to":50,"total":120}`},
		"page size, which Laravel repeats as text": {reference, "?perPage=100&page=2", 20, `{"current_page":2,"first_page_url":"URL?page=1",
			"from":101,"last_page":2,"last_page_url":"URL?page=2","next_page_url":null,"path":"URL","per_page":"100",
			"prev_page_url":"URL?page=1","to":120,"total":120}`},
		"capped page size": {capped, "?perPage=100", 30, `{"current_page":1,"first_page_url":"URL?page=1","from":1,"last_page":4,
			"last_page_url":"URL?page=4","next_page_url":"URL?page=2","path":"URL","per_page":"30","prev_page_url":null,"to":30,"total":120}`},
		"undocumented parameters ignored": {documented, "?perPage=100&count=1", 50, `{"current_page":1,"first_page_url":"URL?page=1",
			"from":1,"last_page":3,"last_page_url":"URL?page=3","next_page_url":"URL?page=2","path":"URL","per_page":50,
			"prev_page_url":null,"to":50,"total":120}`},
		"resource": {resource, "?page=2", 50, `{"links":{"first":"URL?page=1","last":"URL?page=3","prev":"URL?page=1","next":"URL?page=3"},
			"meta":{"current_page":2,"from":51,"last_page":3,"path":"URL","per_page":50,"to":100,"total":120}}`},
		"resource beyond the last page": {resource, "?page=9", 0, `{"links":{"first":"URL?page=1","last":"URL?page=3","prev":"URL?page=8","next":null},
			"meta":{"current_page":9,"from":null,"last_page":3,"path":"URL","per_page":50,"to":null,"total":120}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := portal(t, test.server, workspace+"portfolio"+test.query).(object)
			if !ok {
				t.Fatal("the page is no object")
			}
			if items := len(listOf(t, got)); items != test.items {
				t.Errorf("got %d items, want %d", items, test.items)
			}
			delete(got, "data")
			want := strings.ReplaceAll(test.want, "URL", test.server.ProPortalURL()+workspace+"portfolio")
			if diff := cmp.Diff(decodeText(t, []byte(want)), any(got)); diff != "" {
				t.Errorf("paginator (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPortfolioByTaskStatus(t *testing.T) {
	t.Parallel()
	reference := start(t, sandbox.Options{})
	resource := start(t, sandbox.Options{Dialect: sandbox.DialectResource})
	for _, status := range []string{"planned", "completed", "duedate"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			path := workspace + "portfolio?perPage=500&tasks=" + status
			want := customerIDs(reference.Data().Managers[0].Customers, hasTask(reference, status))
			if len(want) == 0 || len(want) == 120 {
				t.Fatalf("the data has %d customers with tasks of that status; nothing to filter", len(want))
			}

			raw := listOf(t, portal(t, reference, path))
			if diff := cmp.Diff(want, integers(t, raw, "client_id")); diff != "" {
				t.Errorf("raw items (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, integers(t, listOf(t, portal(t, resource, path)), "id")); diff != "" {
				t.Errorf("resources (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(json.Number(fmt.Sprint(len(want))), portal(t, reference, path+"&count=1")); diff != "" {
				t.Errorf("count (-want +got):\n%s", diff)
			}

			wantTasks, gotTasks := map[int64][]int64{}, map[int64][]int64{}
			for _, task := range reference.Data().Managers[0].Tasks {
				if statusOf(reference, task) == status {
					wantTasks[task.CustomerID] = append(wantTasks[task.CustomerID], task.ID)
				}
			}
			for _, item := range raw {
				gotTasks[*integer(t, item["client_id"])] = integers(t, listOf(t, item["tasks"]), "a_id")
			}
			if diff := cmp.Diff(wantTasks, gotTasks); diff != "" {
				t.Errorf("tasks by customer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPortfolioCount(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		s := start(t, sandbox.Options{Dialect: dialect, Customers: 77})
		got := send(t, portalRequest(t, s, 2, workspace+"portfolio?count=1"))
		if string(got.body) != "77" {
			t.Errorf("%s: got %s, want the bare integer 77", dialect, got.body)
		}
	}
}

func TestLastTask(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Dialect: sandbox.DialectResource})
	want, got := map[int64]*int64{}, map[int64]*int64{}
	for _, c := range s.Data().Managers[0].Customers {
		var newest *sandbox.Task
		for _, task := range c.Tasks {
			if newest == nil || task.CreatedAt.After(newest.CreatedAt) ||
				(task.CreatedAt.Equal(newest.CreatedAt) && task.ID > newest.ID) {
				newest = task
			}
		}
		want[c.ID] = nil
		if newest != nil {
			want[c.ID] = &newest.ID
		}
	}
	for _, item := range listOf(t, portal(t, s, workspace+"portfolio?perPage=500")) {
		id := *integer(t, item["id"])
		got[id] = nil
		if last, ok := item["lastTask"].(object); ok {
			got[id] = integer(t, last["id"])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("last task by customer (-want +got):\n%s", diff)
	}
}

func TestGroupCustomers(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, group := range s.Data().Managers[0].Groups {
		inGroup := func(c *sandbox.Customer) bool {
			for _, id := range c.GroupIDs {
				if id == group.ID {
					return true
				}
			}
			return false
		}
		all := customerIDs(s.Data().Managers[0].Customers, inGroup)
		if len(all) == 0 {
			t.Errorf("group %d has no customers", group.ID)
		}
		tests := map[string][]int64{"": all}
		for _, status := range []string{"planned", "completed"} {
			tests["?status="+status] = customerIDs(s.Data().Managers[0].Customers, func(c *sandbox.Customer) bool {
				return inGroup(c) && hasTask(s, status)(c)
			})
		}
		for query, want := range tests {
			got := integers(t, listOf(t, portal(t, s, fmt.Sprintf("%scustomers/group/%d%s", workspace, group.ID, query))), "client_id")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("group %d%s (-want +got):\n%s", group.ID, query, diff)
			}
		}
	}
}

func TestWrongWordsAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, path := range []string{"groups?status=planned", "groups?count=all", "portfolio?tasks=overdue", "tasks?status=active", "customers/group/129?status=duedate"} {
		if got := send(t, portalRequest(t, s, 2, workspace+path)); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", path, got.status)
		}
	}
}
