package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

func TestJoin(t *testing.T) {
	t.Parallel()
	projects := func(level *Level, ids ...uint64) []any {
		var list []any
		for _, id := range ids {
			customer := int64(100 + id%2)
			list = append(list, &Project{Project: &solos.Project{ID: id, CustomerID: &customer}, Level: level})
		}
		return list
	}
	customers := func(level *Level, numbers ...int64) []any {
		var list []any
		for _, number := range numbers {
			list = append(list, &Customer{Number: number, Level: level})
		}
		return list
	}
	task := func(id, customer int64, level *Level) any {
		found := &proportal.Task{ID: id}
		if customer != 0 {
			found.Customer = &proportal.TaskCustomer{ID: customer}
		}
		return &Task{Task: found, Level: level}
	}
	tests := []struct {
		name    string
		objects []any
		want    Level
	}{
		{"two levels", append(customers(&Level{Customers: []int64{1, 2}}, 1, 2), customers(&Level{Customers: []int64{2, 3}}, 2, 3)...), Level{Customers: []int64{1, 2, 3}}},
		{"part of a level", customers(&Level{Customers: []int64{1, 2, 3}}, 3, 1), Level{Customers: []int64{3, 1}}},
		{"projects", append(projects(&Level{Customers: []int64{101}}, 1), projects(&Level{Customers: []int64{100, 101}}, 2, 3)...), Level{Customers: []int64{101, 100}}},
		{"tasks", []any{task(1, 7, &Level{}), task(2, 0, &Level{}), task(3, 7, &Level{}), task(4, 8, &Level{})}, Level{Customers: []int64{7, 8}}},
		{
			"groups",
			[]any{&Group{Group: &proportal.Group{ID: 5}, Level: &Level{Groups: []int64{5}}}, &Group{Group: &proportal.Group{ID: 6}, Level: &Level{Groups: []int64{6}}}},
			Level{Groups: []int64{5, 6}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var before []*Level
			for _, object := range test.objects {
				before = append(before, object.(member).level())
			}
			joined := Join(test.objects)
			if len(joined) != len(test.objects) {
				t.Fatalf("got %d objects, want %d", len(joined), len(test.objects))
			}
			for i, object := range joined {
				if diff := cmp.Diff(&test.want, object.(member).level()); diff != "" {
					t.Errorf("level of object %d (-want +got):\n%s", i, diff)
				}
				if test.objects[i].(member).level() != before[i] {
					t.Errorf("object %d itself was put on another level", i)
				}
				if object.(member).on(nil) == test.objects[i] || cmp.Diff(test.objects[i].(member).on(nil), object.(member).on(nil)) != "" {
					t.Errorf("object %d is not the same apart from its level", i)
				}
			}
		})
	}
}

// Objects that are a level of their own, or have none, stay themselves.
func TestJoinOfWhole(t *testing.T) {
	t.Parallel()
	var lists [][]any
	add := func(objects ...any) { lists = append(lists, objects) }
	customers := NewCustomers([]*proportal.Customer{{ID: 1}, {ID: 2}})
	add(customers[0], customers[1])
	customer := int64(7)
	projects := NewProjects([]*solos.Project{{ID: 1, CustomerID: &customer}, {ID: 2, CustomerID: &customer}})
	add(projects[0], projects[1])
	groups := NewGroups([]*proportal.Group{{ID: 1}, {ID: 2}})
	add(groups[0], groups[1])
	add(&Step{Step: &solos.Step{ID: 1}}, &Step{Step: &solos.Step{ID: 2}})
	for _, objects := range lists {
		for i, object := range Join(objects) {
			if object != objects[i] {
				t.Errorf("%T: got a copy, want the object itself", object)
			}
		}
	}
}
