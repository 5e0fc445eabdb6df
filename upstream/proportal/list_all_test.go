package proportal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
)

// An installation that sends lists in pages loses nothing of them.
func TestListsInPagesAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	envelopes := map[string]string{
		"flat paginator":     `{"current_page": %[1]d, "data": [%[2]s], "last_page": 3, "per_page": 2, "total": 5}`,
		"resource paginator": `{"data": [%[2]s], "links": {}, "meta": {"current_page": %[1]d, "last_page": 3, "per_page": "2", "total": "5"}}`,
		"without last page":  `{"current_page": %[1]d, "data": [%[2]s], "per_page": 2, "total": 5}`,
		"without any count":  `{"current_page": %[1]d, "data": [%[2]s], "per_page": 2}`,
	}
	pages := map[string]string{
		"":  `{"id": 1, "status": "Завершено"}, {"id": 2, "status": "Завершено"}`,
		"2": `{"id": 3, "status": "Завершено"}, {"id": 4, "status": "Завершено"}`,
		"3": `{"id": 5, "status": "Завершено"}`,
	}
	for name, envelope := range envelopes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var queries []string
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				queries = append(queries, r.URL.RawQuery)
				mu.Unlock()
				page := r.URL.Query().Get("page")
				number := 1
				if page != "" {
					number = int(page[0] - '0')
				}
				if _, err := fmt.Fprintf(w, envelope, number, pages[page]); err != nil {
					t.Error(err)
				}
			})
			tasks, err := newClient(t, base, Options{}).As(Identity{Token: testToken}).ListTasks(context.Background(), TaskCompleted)
			if err != nil {
				t.Fatal(err)
			}
			var ids []int64
			for _, task := range tasks {
				ids = append(ids, task.ID)
			}
			if diff := cmp.Diff([]int64{1, 2, 3, 4, 5}, ids); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			slices.Sort(queries)
			want := []string{"status=completed", "status=completed&page=2", "status=completed&page=3"}
			if diff := cmp.Diff(want, queries); diff != "" {
				t.Errorf("queries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPagesThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"too many":                         `{"current_page": 1, "data": [], "last_page": 1000000, "per_page": 1, "total": 1000000}`,
		"not the first":                    `{"current_page": 2, "data": [], "last_page": 3, "per_page": 1, "total": 3}`,
		"one page, whichever is asked for": `{"current_page": 1, "data": [{"id": 1, "name": "A"}], "per_page": 1}`,
	}
	for name, body := range bodies {
		_, err := viewerOf(t, body).ListGroups(context.Background(), GroupsOptions{})
		if !errors.Is(err, upstream.Malformed) {
			t.Errorf("%s: got %v, want Malformed", name, err)
		}
	}
}
