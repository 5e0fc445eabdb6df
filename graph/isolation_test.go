package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
)

func crowd() sandbox.Options {
	return sandbox.Options{Managers: 4, Customers: 16, Groups: 4, Tasks: 60, Projects: 30}
}

// question is an operation that one manager asks.
type question struct {
	name, query string
	variables   map[string]any
}

// questions returns what a manager asks, with objects of its own and with objects of the
// next manager. The first half of each manager's customers is only asked for by number by
// their own manager and the second half only by the one before, so that a request tells
// who must have sent it.
func questions(managers []*sandbox.Manager, place int) []question {
	own, next := managers[place], managers[(place+1)%len(managers)]
	half := len(own.Customers) / 2
	mine, theirs := own.Customers[0], next.Customers[half]
	ids := []string{}
	for i := range 3 {
		ids = append(ids,
			customerID(own.Customers[1+i].ID), customerID(next.Customers[half+1+i].ID),
			nodeIDOf(model.TaskNode, own.Tasks[i].ID), nodeIDOf(model.TaskNode, next.Tasks[len(next.Tasks)-1-i].ID),
		)
	}
	ids = append(ids, nodeIDOf(model.GroupNode, own.Groups[0].ID), nodeIDOf(model.GroupNode, next.Groups[3].ID))
	return []question{
		{name: "portfolio", query: `{ portfolio(first: 100) { totalCount nodes {
			__typename id name industry lastActivity { result } lastTask { __typename id comment }
			tasks { nodes { __typename id comment } } projects { nodes { __typename id name customer { __typename id name } } }
		} } }`},
		{name: "groups", query: `{ groups { __typename id name customersCount customers(first: 5) { nodes { __typename id name tasks { nodes { __typename id comment } } } } } }`},
		{name: "tasks", query: `{ tasks(first: 100) { totalCount nodes { __typename id comment customer { __typename id name industry } } } taskBoard { overdue { __typename id comment } } }`},
		{name: "count", query: `{ viewer { id } portfolio { totalCount } }`},
		{
			name: "customers", query: `query ($mine: ID!, $theirs: ID!) {
				mine: customer(id: $mine) { ...known card { office companyGroup inn contacts { phones email } } timeline { nodes { __typename ... on Task { id comment } ... on Action { id } } } }
				theirs: customer(id: $theirs) { ...known card { inn } timeline { totalCount } }
			}
			fragment known on Customer { __typename id name lastTask { __typename id comment } }`,
			variables: map[string]any{"mine": fmt.Sprint(mine.ID), "theirs": fmt.Sprint(theirs.ID)},
		},
		{
			name:      "nodes",
			query:     `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Customer { name } ... on Task { comment } ... on Group { name } } }`,
			variables: map[string]any{"ids": ids},
		},
		{
			name: "single objects", query: `query ($group: ID!, $task: ID!, $theirGroup: ID!, $theirTask: ID!) {
				group(id: $group) { __typename id name } task(id: $task) { __typename id comment }
				theirGroup: group(id: $theirGroup) { __typename id name } theirTask: task(id: $theirTask) { __typename id comment }
			}`,
			variables: map[string]any{
				"group": fmt.Sprint(own.Groups[1].ID), "task": fmt.Sprint(own.Tasks[4].ID),
				"theirGroup": fmt.Sprint(next.Groups[2].ID), "theirTask": fmt.Sprint(next.Tasks[len(next.Tasks)-5].ID),
			},
		},
		{name: "projects", query: `{ projects(first: 100) { nodes { __typename id name customer { __typename id name valuation } } } }`},
	}
}

func nodeIDOf(kind model.NodeType, number int64) string {
	return model.NodeID{Type: kind, Number: uint64(number)}.String()
}

func customerID(number int64) string { return nodeIDOf(model.CustomerNode, number) }

// foreign knows what only other managers may see.
type foreign struct {
	ids     map[string]bool
	names   map[string]bool
	markers []string
}

func foreignTo(managers []*sandbox.Manager, place int) foreign {
	f := foreign{ids: map[string]bool{}, names: map[string]bool{}}
	for i, other := range managers {
		if i == place {
			continue
		}
		f.markers = append(f.markers, other.Marker)
		for _, group := range other.Groups {
			f.ids[nodeIDOf(model.GroupNode, group.ID)], f.names[group.Name] = true, true
		}
		for _, customer := range other.Customers {
			f.ids[customerID(customer.ID)], f.names[customer.Name] = true, true
			f.names[customer.Card.INN] = true
		}
		for _, task := range other.Tasks {
			f.ids[nodeIDOf(model.TaskNode, task.ID)] = true
		}
	}
	return f
}

// found lists the foreign texts in an answer. What solOS says is the company's, so that its
// objects may name whom they like; the customers and tasks below them are searched again.
func (f foreign) found(value any, shared bool) []string {
	var found []string
	switch value := value.(type) {
	case map[string]any:
		switch value["__typename"] {
		case "Project", "Action", "Payment", "Step":
			shared = true
		case "Customer", "Task", "Group":
			shared = false
		}
		for _, member := range value {
			found = append(found, f.found(member, shared)...)
		}
	case []any:
		for _, element := range value {
			found = append(found, f.found(element, shared)...)
		}
	case string:
		isMarked := slices.ContainsFunc(f.markers, func(marker string) bool { return strings.Contains(value, marker) })
		if !shared && (isMarked || f.ids[value] || f.names[value]) {
			found = append(found, value)
		}
	}
	return found
}

// Many managers at once, on one graph: everybody gets the answers that they get alone, of
// their own data, by calls in their own name.
func TestIsolationOfManagers(t *testing.T) {
	t.Parallel()
	const clients, rounds = 3, 2
	w := newWorld(t, crowd())
	managers := w.crms.Data().Managers

	// What one manager gets alone. The first time round, the graph learns which endpoints
	// there are.
	alone := make([]map[string]any, len(managers))
	calls := make([][]string, len(managers))
	for range 2 {
		for place, manager := range managers {
			w.crms.Reset()
			alone[place] = map[string]any{}
			for _, q := range questions(managers, place) {
				got := soundData(t, w.askAs(t, manager.ID, q.query, q.variables))
				alone[place][q.name] = got
				if strangers := foreignTo(managers, place).found(got, false); len(strangers) != 0 {
					t.Errorf("manager %d sees in %q what is another's: %q", manager.ID, q.name, strangers)
				}
				if q.name != "count" && len(foreignTo(managers, (place+1)%len(managers)).found(got, false)) == 0 {
					t.Errorf("the answer to %q has nothing that would be another's to another", q.name)
				}
			}
			calls[place] = proPortalCalls(w.crms.Requests(), func(string) bool { return true })
		}
	}

	w.crms.Reset()
	tokens := map[string]int{} // whose a token is, by place
	var wait sync.WaitGroup
	for place, manager := range managers {
		for client := range clients {
			// Each client has a token of its own, so that its requests can be told apart.
			token := w.crms.TokenValidFor(manager.ID, time.Hour+time.Duration(client+1)*time.Minute)
			tokens["Bearer "+token] = place
			wait.Go(func() {
				for range rounds {
					askAll(t, w, token, questions(managers, place), alone[place])
				}
			})
		}
	}
	wait.Wait()

	requests := w.crms.Requests()
	if want := len(managers) * clients; len(tokens) != want {
		t.Fatalf("got %d different tokens, want %d", len(tokens), want)
	}
	for token, place := range tokens {
		var want []string
		for range rounds {
			want = append(want, calls[place]...)
		}
		slices.Sort(want)
		got := proPortalCalls(requests, func(sent string) bool { return sent == token })
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("calls in the name of a client of manager %d (-want +got):\n%s", managers[place].ID, diff)
		}
	}
	for _, r := range requests {
		_, known := tokens[r.Header.Get("Authorization")]
		if isProPortal := strings.HasPrefix(r.Call, string(upstream.ProPortal)+"."); known != isProPortal {
			t.Errorf("request %s %s: carries a viewer's token: %v, want %v", r.Call, r.Path, known, isProPortal)
		}
	}
}

// askAll asks all questions at once and compares the answers.
func askAll(t *testing.T, w *world, token string, questions []question, want map[string]any) {
	var wait sync.WaitGroup
	for _, q := range questions {
		wait.Go(func() {
			got, err := w.post(token, q.query, q.variables)
			if err != nil || len(got.Errors) != 0 {
				t.Errorf("%s: errors %v %+v", q.name, err, got.Errors)
				return
			}
			var data any
			if err := json.Unmarshal(got.Data, &data); err != nil {
				t.Errorf("%s: %v", q.name, err)
				return
			}
			if diff := gocmp.Diff(want[q.name], data); diff != "" {
				t.Errorf("%s among other managers (-alone +among):\n%s", q.name, diff)
			}
		})
	}
	wait.Wait()
}

// proPortalCalls lists the requests to ProPortal whose Authorization is chosen, sorted.
func proPortalCalls(requests []sandbox.Request, chosen func(authorization string) bool) []string {
	var calls []string
	for _, r := range requests {
		if strings.HasPrefix(r.Call, string(upstream.ProPortal)+".") && chosen(r.Header.Get("Authorization")) {
			calls = append(calls, r.Path+"?"+r.RawQuery)
		}
	}
	slices.Sort(calls)
	return calls
}

// A request about an object carries the token of the manager who asked for that object.
func TestIsolationOfTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd())
	managers := w.crms.Data().Managers
	asker := map[string]string{} // path: Authorization
	var wait sync.WaitGroup
	for place, manager := range managers {
		token := w.crms.Token(manager.ID)
		next := managers[(place+1)%len(managers)]
		half := len(manager.Customers) / 2
		for _, customer := range slices.Concat(manager.Customers[:half], next.Customers[half:]) {
			path := fmt.Sprint("/proportal/api/crm/workspace/customers/", customer.ID)
			asker[path], asker[path+"/tasks"] = "Bearer "+token, "Bearer "+token
			isOwn := slices.Contains(manager.Customers, customer)
			wait.Go(func() {
				got, err := w.post(token, `query ($id: ID!) { customer(id: $id) { name tasks { totalCount } } }`,
					map[string]any{"id": fmt.Sprint(customer.ID)})
				if err != nil || len(got.Errors) != 0 {
					t.Errorf("customer %d: errors %v %+v", customer.ID, err, got.Errors)
				} else if isNull := string(got.Data) == `{"customer":null}`; isNull == isOwn {
					t.Errorf("manager %d asked for customer %d (own: %v): got %s", manager.ID, customer.ID, isOwn, got.Data)
				}
			})
		}
	}
	wait.Wait()
	met := 0
	for _, r := range w.crms.Requests() {
		if r.Call == proportal.GetCustomerCall.String() || r.Call == proportal.ListCustomerTasksCall.String() {
			met++
			if got, want := r.Header.Get("Authorization"), asker[r.Path]; got != want {
				t.Errorf("%s: asked for with %s, want %s", r.Path, got, want)
			}
		}
	}
	if want := len(managers) * len(managers[0].Customers); met < want {
		t.Errorf("requests about single customers: got %d, want at least %d", met, want)
	}
}

// solOS is the company's: everybody sees all projects and what is below them. Whose customer
// a project is for, ProPortal alone can tell, and tells only the customer's own manager.
func TestIsolationOfSharedProjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd())
	managers := w.crms.Data().Managers
	const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Project {
		id name price fields { name value } actions(first: 100) { nodes { id text } } payments(first: 100) { nodes { id sum } }
		number: customer { databaseId }
		named: customer { name }
		described: customer { industry revenue { amount } lastActivity { result } extra }
	} } }`
	const each = 15
	ids, owners := []string{}, []int64{}
	for place, manager := range managers {
		for _, project := range w.crms.Data().Projects {
			isTheirs := func(c *sandbox.Customer) bool { return project.CustomerID != nil && c.ID == *project.CustomerID }
			if len(ids) < each*(place+1) && slices.ContainsFunc(manager.Customers, isTheirs) {
				ids = append(ids, model.NodeID{Type: model.ProjectNode, Number: project.ID}.String())
				owners = append(owners, manager.ID)
			}
		}
	}
	if want := each * len(managers); len(ids) != want {
		t.Fatalf("projects with a customer: got %d, want %d", len(ids), want)
	}
	var shared any
	for _, manager := range managers {
		data := soundData(t, w.askAs(t, manager.ID, query, map[string]any{"ids": ids}))
		for i, project := range look(t, data, "nodes").([]any) {
			project := project.(map[string]any)
			for _, field := range []string{"named", "described"} {
				if got, want := project[field] != nil, owners[i] == manager.ID; got != want {
					t.Errorf("manager %d sees the customer (%s) of a project of manager %d: %v, want %v", manager.ID, field, owners[i], got, want)
				}
				delete(project, field)
			}
			if project["number"] == nil {
				t.Errorf("manager %d does not see the number solOS has for the customer of project %v", manager.ID, project["id"])
			}
		}
		if shared == nil {
			shared = data
		} else if diff := gocmp.Diff(shared, data); diff != "" {
			t.Errorf("what solOS tells manager %d and the first (-first +other):\n%s", manager.ID, diff)
		}
	}
}

// Below a customer that is known by number alone, ProPortal's fields tell a stranger nothing,
// whichever way the answer is found.
func TestIsolationBelowSharedProjects(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		for _, documented := range []bool{false, true} {
			for _, size := range []int{1, 100} {
				t.Run(fmt.Sprintf("%s/documented only %v/%d projects", dialect, documented, size), func(t *testing.T) {
					t.Parallel()
					options := crowd()
					options.Dialect, options.DocumentedOnly = dialect, documented
					w := newWorld(t, options)
					managers := w.crms.Data().Managers
					theirs := managers[1]
					got := w.ask(t, `query ($first: Int!, $ids: JSON!) {
						projects(first: $first, filter: {fields: [{name: "client_id", value: $ids}]}) { nodes { customer {
							__typename id
							tasks { nodes { __typename id comment } } lastTask { __typename id comment }
							timeline { nodes { __typename ... on Task { id comment } } }
						} } }
					}`, map[string]any{"first": size, "ids": customerNumbers(theirs)})
					for _, err := range got.Errors {
						if code := err.Extensions["code"]; code != "NOT_FOUND" {
							t.Errorf("error: got %+v, want none but NOT_FOUND", err)
						}
					}
					data := dataOf(t, got)
					nodes := look(t, data, "projects", "nodes").([]any)
					if len(nodes) == 0 {
						t.Fatal("no projects of another manager's customers")
					}
					for _, node := range nodes {
						customer := node.(map[string]any)["customer"].(map[string]any)
						delete(customer, "id") // the number is solOS's
						if task := customer["lastTask"]; task != nil {
							t.Errorf("last task of a stranger: got %v, want null", task)
						}
						if tasks, ok := customer["tasks"].(map[string]any); ok && len(tasks["nodes"].([]any)) != 0 {
							t.Errorf("tasks of a stranger: got %v, want none", tasks)
						}
					}
					if strangers := foreignTo(managers, 0).found(data, false); len(strangers) != 0 {
						t.Errorf("a stranger sees %q", strangers)
					}
				})
			}
		}
	}
}

func customerNumbers(manager *sandbox.Manager) []string {
	var numbers []string
	for _, customer := range manager.Customers {
		numbers = append(numbers, fmt.Sprint(customer.ID))
	}
	return numbers
}
