package main

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"crmgraph/upstream/sandbox"
)

// adminAddress returns where a program serves operators.
func adminAddress(t *testing.T, i *instance) string {
	t.Helper()
	found := regexp.MustCompile(`"msg":"serving operators","address":"([^"]+)"`).FindStringSubmatch(i.log.String())
	if found == nil {
		t.Fatalf("no address for operators in the log: %s", i.log)
	}
	return found[1]
}

func TestCachePurge(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{Managers: 2}, "--cache-ttl=*=1h", "--admin-listen=127.0.0.1:0", "--admin-token=operators")
	address := adminAddress(t, i)
	managers := crms.ManagerIDs()
	const query = `{"query":"{ tasks(status: PLANNED) { nodes { id } } groups { id } project(id: 1) { id } }"}`
	ask := func() {
		t.Helper()
		for _, manager := range managers {
			if got := askFresh(t, i, "Bearer "+crms.Token(manager), query, nil); len(got.Errors) > 0 {
				t.Fatal(got.Errors)
			}
		}
	}
	ask()
	tests := []struct {
		name  string
		flags []string
		want  string         // printed
		calls map[string]int // made when all is asked for again
	}{
		{"nothing that is kept", []string{"--operation=proportal.customer"}, "0 answers forgotten; other replicas: none\n", nil},
		{"an operation", []string{"--operation=proportal.tasks"}, "2 answers forgotten; other replicas: none\n", map[string]int{"proportal.tasks": 2}},
		{"a viewer", []string{"--viewer=2"}, "2 answers forgotten; other replicas: none\n", map[string]int{"proportal.tasks": 1, "proportal.groups": 1}},
		{"an operation of a viewer", []string{"--viewer=2", "--operation=proportal.groups"}, "1 answers forgotten; other replicas: none\n", map[string]int{"proportal.groups": 1}},
		{"another project", []string{"--entity=project:2"}, "0 answers forgotten; other replicas: none\n", nil},
		{"a project", []string{"--entity=project:01"}, "1 answers forgotten; other replicas: none\n", map[string]int{"solos.project": 1}},
		{"whatever may hold a task", []string{"--entity=task:77"}, "2 answers forgotten; other replicas: none\n", map[string]int{"proportal.tasks": 2}},
		{"whatever may name a customer", []string{"--entity=customer:4007195"}, "4 answers forgotten; other replicas: none\n", map[string]int{"proportal.tasks": 2, "proportal.groups": 2}},
		{"all", []string{"--all"}, "5 answers forgotten; other replicas: none\n", map[string]int{"proportal.tasks": 2, "proportal.groups": 2, "solos.project": 1}},
	}
	for _, test := range tests {
		before := crms.Calls()
		got := output(t, []string{"CRMGRAPH_ADMIN_TOKEN=operators", "CRMGRAPH_ADMIN_LISTEN=" + address}, append([]string{"cache", "purge"}, test.flags...)...)
		if got != test.want {
			t.Errorf("%s: printed %q, want %q", test.name, got, test.want)
		}
		ask()
		for operation, calls := range crms.Calls() {
			if made := calls - before[operation]; made != test.calls[operation] {
				t.Errorf("%s: %d calls of %s afterwards, want %d", test.name, made, operation, test.calls[operation])
			}
		}
	}
}

func TestCachePurgeIsForOperators(t *testing.T) {
	t.Parallel()
	i, _ := startOnSandbox(t, sandbox.Options{}, "--admin-listen=127.0.0.1:0", "--admin-token=operators")
	address := adminAddress(t, i)
	tests := []struct {
		name, token, body string
		status            int
	}{
		{"as asked", "Bearer operators", `{"all":true}`, http.StatusOK},
		{"no token", "", `{"all":true}`, http.StatusUnauthorized},
		{"another token", "Bearer operator", `{"all":true}`, http.StatusUnauthorized},
		{"not JSON", "Bearer operators", `all`, http.StatusBadRequest},
		{"nothing named", "Bearer operators", `{}`, http.StatusBadRequest},
		{"an unknown member", "Bearer operators", `{"everything":true}`, http.StatusBadRequest},
		{"an unknown operation", "Bearer operators", `{"operation":"tasks"}`, http.StatusBadRequest},
		{"an unknown kind", "Bearer operators", `{"entity":"car:1"}`, http.StatusBadRequest},
		{"an entity without a number", "Bearer operators", `{"entity":"task"}`, http.StatusBadRequest},
		{"an entity with an id of the API's", "Bearer operators", `{"entity":"customer:Q3VzdG9tZXI6NDAwNzE5MA"}`, http.StatusBadRequest},
		{"too much", "Bearer operators", `{"viewer":"` + strings.Repeat("x", 5000) + `"}`, http.StatusBadRequest},
	}
	for _, test := range tests {
		got, _ := do(t, http.MethodPost, "http://"+address+"/cache/purge", test.body, queryHeader(test.token))
		if got.Status != test.status {
			t.Errorf("%s: got %+v, want status %d", test.name, got, test.status)
		}
	}
	// Clients find nothing of it where they are served.
	if got, _ := do(t, http.MethodPost, i.url+"/cache/purge", `{"all":true}`, queryHeader("Bearer operators")); got.Status != http.StatusNotFound {
		t.Errorf("at the API's address: got %+v, want status 404", got)
	}
}

func TestCachePurgeCommandFails(t *testing.T) {
	t.Parallel()
	i, _ := startOnSandbox(t, sandbox.Options{}, "--admin-listen=127.0.0.1:0", "--admin-token=operators")
	address := adminAddress(t, i)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no server named", []string{"--all", "--admin-token=operators"}, "admin-listen"},
		{"nobody there", []string{"--all", "--admin-listen=127.0.0.1:1"}, "no server answers there"},
		{"another token", []string{"--all", "--admin-listen=" + address, "--admin-token=x"}, "operators' token"},
		{"no file of the token", []string{"--all", "--admin-listen=" + address, "--admin-token-file=/no/token"}, "admin-token: open /no/token"},
		{"nothing named", []string{"--admin-listen=" + address, "--admin-token=operators"}, "Say what to forget"},
	}
	for _, test := range tests {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"cache", "purge"}, test.args...), nil, &out, &out)
		if err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
			t.Errorf("%s: got error %v and output %q, want an error with %q", test.name, err, out.String(), test.want)
		}
	}
}
