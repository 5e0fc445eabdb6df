package sandbox_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

func taskIDs(tasks []*sandbox.Task, keep func(*sandbox.Task) bool) []int64 {
	ids := []int64{}
	for _, task := range tasks {
		if keep(task) {
			ids = append(ids, task.ID)
		}
	}
	return ids
}

func TestTasksByStatus(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		s := start(t, sandbox.Options{Dialect: dialect})
		board, ok := portal(t, s, workspace+"tasks").(object)
		if !ok {
			t.Fatal("the board is no object")
		}
		for _, status := range []string{"planned", "completed", "duedate"} {
			t.Run(fmt.Sprintf("%s %s", dialect, status), func(t *testing.T) {
				t.Parallel()
				want := taskIDs(s.Data().Managers[0].Tasks, func(task *sandbox.Task) bool { return statusOf(s, task) == status })
				if len(want) < 60 {
					t.Errorf("only %d tasks of that status among 600", len(want))
				}
				if diff := cmp.Diff(want, integers(t, listOf(t, portal(t, s, workspace+"tasks?status="+status)), "id")); diff != "" {
					t.Errorf("list (-want +got):\n%s", diff)
				}
				if status == "completed" {
					want = want[:10] // the board shows the newest ten
				}
				if diff := cmp.Diff(want, integers(t, listOf(t, board[status]), "id")); diff != "" {
					t.Errorf("board (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestTasksOfACustomerAndOneTask(t *testing.T) {
	t.Parallel()
	idNames := map[sandbox.Dialect]string{sandbox.DialectReference: "a_id", sandbox.DialectResource: "id"}
	for dialect, idName := range idNames {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{Dialect: dialect, Customers: 12, Tasks: 60})
			for _, c := range s.Data().Managers[0].Customers {
				list := listOf(t, portal(t, s, fmt.Sprintf("%scustomers/%d/tasks", workspace, c.ID)))
				want := taskIDs(s.Data().Managers[0].Tasks, func(task *sandbox.Task) bool { return task.CustomerID == c.ID })
				if diff := cmp.Diff(want, integers(t, list, idName)); diff != "" {
					t.Errorf("tasks of customer %d (-want +got):\n%s", c.ID, diff)
				}
				for i, task := range list {
					answer := portal(t, s, fmt.Sprintf("%stasks/%d", workspace, want[i]))
					wrapped := any(task)
					if dialect == sandbox.DialectResource {
						wrapped = object{"data": task}
					}
					if diff := cmp.Diff(wrapped, answer); diff != "" {
						t.Errorf("task %d alone differs from the one in the list (-list +alone):\n%s", want[i], diff)
					}
				}
			}
		})
	}
}

func TestTaskWithoutUserHasBareResult(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Dialect: sandbox.DialectResource})
	facts := map[int64]*sandbox.Task{}
	for _, task := range s.Data().Managers[0].Tasks {
		facts[task.ID] = task
	}
	bare := 0
	for _, task := range listOf(t, portal(t, s, workspace+"tasks?status=completed")) {
		fact := facts[*integer(t, task["id"])]
		if fact.ResultUserID != nil {
			continue
		}
		bare++
		if got := integer(t, task["result"]); got == nil || *got != *fact.Result {
			t.Errorf("task %d: result %v, want the bare number %d", fact.ID, task["result"], *fact.Result)
		}
	}
	if bare == 0 {
		t.Error("no completed task without a user in the data")
	}
}
