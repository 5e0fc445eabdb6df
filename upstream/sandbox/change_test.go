package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"crmgraph/upstream/sandbox"
)

// What a manager's tasks are can change while ProPortal is up, for this manager alone.
func TestTasksChangeAtRunTime(t *testing.T) {
	t.Parallel()
	crms, err := sandbox.Start(sandbox.Options{Managers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = crms.Close() })
	managers := crms.ManagerIDs()
	board := func(manager int64) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, crms.ProPortalURL()+"/api/crm/workspace/tasks", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+crms.Token(manager))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	first, second := board(managers[0]), board(managers[1])
	err = crms.ChangeTasks(managers[0], func(tasks []*sandbox.Task) []*sandbox.Task {
		for _, task := range tasks {
			task.Comment = new("moved to Friday")
		}
		return tasks
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := board(managers[0]); got == first || !strings.Contains(got, "moved to Friday") {
		t.Errorf("the manager's board: got %s, want the new comments", got)
	}
	if board(managers[1]) != second {
		t.Error("another manager's board has changed as well")
	}
	if err := crms.ChangeTasks(1_000_000, func(tasks []*sandbox.Task) []*sandbox.Task { return tasks }); err == nil {
		t.Error("an unknown manager: got no error")
	}
}
