package main

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	tasksOfCustomer    = 5
	projectsOfCustomer = 3
	paymentsOfProject  = 5
)

// statuses are the lists that hold all tasks: as ProPortal and as the schema spells them.
var statuses = [3]struct{ wire, schema string }{
	{"planned", `"PLANNED"`}, {"duedate", `"OVERDUE"`}, {"completed", `"COMPLETED"`},
}

// dashboard is what is gathered for the customers of Q2 before it is written.
type dashboard struct {
	index     map[int64]int // of a customer, by its number
	customers []gathered
	chosen    []int64 // projects in the order in which they are written
}

// gathered is what belongs to one customer. It points into the rows.
type gathered struct {
	tasks    []*task // the latest, in order
	projects []*project
}

// answerDashboard answers Q2, in three rounds of calls: the portfolio; tasks and projects;
// and, as soon as the projects are known, their steps and payments.
func (x *exchange) answerDashboard(ctx context.Context, first int) error {
	customers, err := x.customers(ctx, first)
	if err != nil {
		return err
	}
	d := &x.dashboard
	d.reset(customers)
	tasks, solos := &x.calls[0], &x.calls[1]
	err = tasks.start(ctx, &x.crms.proPortal, len(statuses), func(dst []byte, i int) []byte {
		return x.listTasks(dst, statuses[i].wire)
	})
	if err != nil {
		return err
	}
	err = solos.start(ctx, &x.crms.solos, 1, func(dst []byte, _ int) []byte { return x.filterProjects(dst, customers) })
	if err != nil {
		return err
	}
	if err := take(ctx, solos, &x.bodies.projects, &x.rows.projects); err != nil {
		return err
	}
	d.addProjects(x.rows.projects)
	err = solos.start(ctx, &x.crms.solos, 2*len(d.chosen), func(dst []byte, i int) []byte {
		if i%2 == 0 {
			return x.getPart(dst, "/projects/steps?id=", d.chosen[i/2], "")
		}
		return x.getPart(dst, "/projects/payments?id=", d.chosen[i/2], "&count=6&offset=0")
	})
	if err != nil {
		return err
	}
	for i := range statuses {
		if err := take(ctx, tasks, &x.bodies.tasks[i], &x.rows.tasks[i]); err != nil {
			return err
		}
		d.addTasks(x.rows.tasks[i], statuses[i].schema)
	}
	return x.writeDashboard(ctx, customers, solos)
}

func (d *dashboard) reset(customers []customer) {
	if d.index == nil {
		d.index = map[int64]int{}
	}
	clear(d.index)
	for i := range customers {
		d.index[customers[i].ID.int()] = i
	}
	d.customers = slices.Grow(d.customers[:0], len(customers))[:len(customers)]
	for i := range d.customers {
		g := &d.customers[i]
		g.tasks, g.projects = g.tasks[:0], g.projects[:0]
	}
}

// addProjects gives each customer its first projects, and chooses these.
func (d *dashboard) addProjects(projects []project) {
	for i := range projects {
		p := &projects[i]
		at, known := d.index[p.Fields.CustomerID.int()]
		if !known {
			continue
		}
		if g := &d.customers[at]; len(g.projects) < projectsOfCustomer {
			g.projects = append(g.projects, p)
		}
	}
	d.chosen = d.chosen[:0]
	for i := range d.customers {
		for _, p := range d.customers[i].projects {
			d.chosen = append(d.chosen, p.ID)
		}
	}
}

// addTasks gives each customer its latest tasks.
func (d *dashboard) addTasks(tasks []task, status string) {
	for i := range tasks {
		t := &tasks[i]
		t.status = status
		at, known := d.index[t.Customer.ID]
		if !known {
			continue
		}
		g := &d.customers[at]
		place := len(g.tasks)
		for place > 0 && t.isLater(g.tasks[place-1]) {
			place--
		}
		if place < tasksOfCustomer {
			g.tasks = slices.Insert(g.tasks, place, t)
			g.tasks = g.tasks[:min(len(g.tasks), tasksOfCustomer)]
		}
	}
}

func (t *task) isLater(other *task) bool {
	return cmp.Or(cmp.Compare(t.Start, other.Start), cmp.Compare(t.ID, other.ID)) > 0
}

// writeDashboard writes the answer and takes the parts of the projects as it comes to them.
func (x *exchange) writeDashboard(ctx context.Context, customers []customer, parts *calls) error {
	out := &x.out
	out.raw(`{"data":{"portfolio":{"nodes":[`)
	for i := range customers {
		g := &x.dashboard.customers[i]
		out.comma(i)
		out.raw(`{"id":`)
		out.nodeID("Customer", customers[i].ID.int())
		out.raw(`,"name":`)
		out.text(customers[i].Name)
		out.raw(`,"tasks":{"nodes":[`)
		for i, t := range g.tasks {
			out.comma(i)
			out.task(t)
		}
		out.raw(`]},"projects":{"nodes":[`)
		for i, p := range g.projects {
			out.comma(i)
			out.raw(`{"id":`)
			out.nodeID("Project", p.ID)
			out.raw(`,"name":`)
			out.text(p.Name)
			out.raw(`,"price":`)
			out.number(p.Price)
			out.raw(",")
			if err := take(ctx, parts, &x.bodies.part, &x.rows.steps); err != nil {
				return err
			}
			out.steps(x.rows.steps)
			out.raw(",")
			if err := take(ctx, parts, &x.bodies.part, &x.rows.payments); err != nil {
				return err
			}
			out.payments(page(x.rows.payments, paymentsOfProject))
			out.raw("}")
		}
		out.raw("]}}")
	}
	out.raw("]}}}")
	return nil
}

func (b *buffer) task(t *task) {
	b.raw(`{"id":`)
	b.nodeID("Task", t.ID)
	b.raw(`,"status":`)
	b.raw(t.status)
	switch string(t.Type.bare()) {
	case "Звонок":
		b.raw(`,"type":"CALL","startsAt":`)
	case "Встреча":
		b.raw(`,"type":"MEETING","startsAt":`)
	default:
		b.raw(`,"type":null,"startsAt":`)
	}
	b.time(time.UnixMilli(t.Start))
	b.raw(`,"comment":`)
	b.text(t.Comment)
	b.raw("}")
}
