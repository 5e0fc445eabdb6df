package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// manager makes all that ProPortal shows to the manager.
func (g *generator) manager() *Manager {
	m := &Manager{ID: g.id, Marker: g.marker}
	m.Groups = g.groups()
	m.Customers = g.portfolio(m.Groups)
	m.Tasks = g.tasks(m.Customers)
	g.settle(m)
	g.customers = m.Customers
	return m
}

func (g *generator) groups() []*Group {
	var groups []*Group
	if g.place == 0 {
		groups = sampleGroups()[:min(2, g.options.Groups)]
	}
	for n := len(groups); n < g.options.Groups; n++ {
		groups = append(groups, g.group(n))
	}
	return groups
}

func (g *generator) group(n int) *Group {
	group := &Group{
		ID:          g.ids.group,
		Name:        fmt.Sprintf("%s: %s %d", groupNames()[n%len(groupNames())], g.marker, n+1),
		Description: pick(g, []string{"СПАРК", "Выгрузка из хранилища", ""}),
		Valuation:   g.between(1, 12),
		AuthorID:    pick(g, []int64{g.id, 1258, 3547}),
		CreatedAt:   g.moment(g.ago(900), g.ago(400)),
		IsPro:       g.chance(3),
		IsPayroll:   g.chance(4),
		IsVisible:   !g.chance(8),
		BusinessID:  g.between(1, 3),
	}
	if g.chance(2) {
		group.EditorID = new(group.AuthorID)
		group.EditedAt = new(g.moment(g.ago(399), g.ago(1)))
	}
	g.ids.group += g.between(1, 9)
	return group
}

// isFinished is true of the place of the last group, where there are enough: its only
// customer, at the same place, has one task, a completed one, so that the group has no
// unprocessed prospects.
func (g *generator) isFinished(place int) bool {
	return place >= 4 && place == g.options.Groups-1
}

// portfolio makes the customers and puts each into one or two groups; every group gets one.
func (g *generator) portfolio(groups []*Group) []*Customer {
	var customers []*Customer
	if g.place == 0 {
		customers = sampleCustomers()[:min(4, g.options.Customers)]
	}
	for n := len(customers); n < g.options.Customers; n++ {
		customers = append(customers, g.customer(n))
	}
	for n, c := range customers {
		c.Card = g.card(c)
		if len(groups) == 0 {
			continue
		}
		open := groups
		if last := len(groups) - 1; g.isFinished(last) {
			open = groups[:last]
		}
		first := n
		if n >= len(groups) {
			first = g.skewed(len(open))
		}
		c.GroupIDs = []int64{groups[first].ID}
		if second := g.random.IntN(len(open)); second != first && g.chance(3) && !g.isFinished(n) {
			c.GroupIDs = append(c.GroupIDs, groups[second].ID)
		}
	}
	return customers
}

func (g *generator) customer(n int) *Customer {
	words, endings := companyWords(), companyEndings()
	name := fmt.Sprintf("%s \"%s %s%s\"", pick(g, legalForms()), g.marker, words[n%len(words)], endings[n/len(words)%len(endings)])
	if round := n / (len(words) * len(endings)); round > 0 {
		name += fmt.Sprintf(" %d", round+1)
	}
	c := &Customer{
		ID:        g.ids.customer,
		Name:      name,
		Valuation: g.between(1, 12),
		Industry:  maybe(g, 10, pick(g, industryNames())),
	}
	g.ids.customer += g.between(1, 5)
	if g.chance(11) {
		return c
	}
	c.RevenueAmount = new(fmt.Sprint(g.between(100, 900_000) * 1000))
	if g.chance(4) {
		c.RevenueAmount = new(kopecks(g.between(10_000_000, 90_000_000_000)))
	}
	c.RevenuePeriod = maybe(g, 4, fmt.Sprint(g.options.Now.Year()-1))
	return c
}

// tasks makes the tasks. Some customers have none, a few have many.
func (g *generator) tasks(customers []*Customer) []*Task {
	var tasks []*Task
	var busy []*Customer
	for n, c := range customers {
		if t := sampleTask(c.ID); t != nil {
			tasks = append(tasks, t)
		} else if g.isFinished(n) {
			tasks = append(tasks, g.task(c, 0))
		} else if n%6 != 5 {
			busy = append(busy, c)
		}
	}
	if len(busy) == 0 {
		busy = customers
	}
	tasks = tasks[:min(len(tasks), g.options.Tasks)]
	g.random.Shuffle(len(busy), func(i, j int) { busy[i], busy[j] = busy[j], busy[i] })

	for n := len(tasks); n < g.options.Tasks; n++ {
		t := g.task(busy[g.skewed(len(busy))], n)
		if previous := len(tasks) - 1; n%17 == 16 {
			// Two tasks of one customer made in the same second: the higher id is the newer one.
			t.CustomerID, t.CreatedAt = tasks[previous].CustomerID, tasks[previous].CreatedAt
		}
		tasks = append(tasks, t)
	}
	return tasks
}

// task makes the n-th task; which status it gets follows from n.
func (g *generator) task(c *Customer, n int) *Task {
	now := g.options.Now
	t := &Task{
		ID:         g.ids.task,
		CustomerID: c.ID,
		CreatorID:  pick(g, []int64{g.id, g.id, 1258}),
		ExecutorID: g.id,
		CreatedAt:  g.moment(g.ago(400), g.ago(30)),
		Type:       g.between(TaskCall, TaskMeeting),
		Comment:    maybe(g, 7, fmt.Sprintf("%s (%s)", pick(g, taskComments()), g.marker)),
		SubStatus:  maybe(g, 2, g.between(0, 4)),
	}
	g.ids.task += g.between(1, 3)
	if len(c.GroupIDs) > 0 {
		t.GroupID = c.GroupIDs[0]
	}
	if !g.chance(3) {
		t.FirstContact = new(g.chance(2))
	}
	switch {
	case n%20 < 9:
		g.finish(t)
	case n%20 < 14:
		// The first ones are due at this very second, which is still planned.
		t.StartsAt = now
		if n >= 20 {
			t.StartsAt = g.moment(now, now.AddDate(0, 0, 90))
		}
	default:
		// The first ones were due a second ago.
		t.StartsAt = now.Add(-time.Second)
		if n >= 20 {
			t.StartsAt = g.moment(g.ago(29), now)
		}
	}
	if g.chance(3) {
		t.EndsAt = new(t.StartsAt.Add(time.Hour))
	}
	return t
}

// finish gives the task a result in the past.
func (g *generator) finish(t *Task) {
	t.StartsAt = g.moment(t.CreatedAt, g.ago(2))
	t.ResultAt = new(g.moment(t.StartsAt, g.options.Now))
	t.Result = new(g.between(1, int64(len(resultTexts()))))
	t.ResultUserID = maybe(g, 5, pick(g, []int64{g.id, 6456}))
	t.ActID = maybe(g, 2, t.ID+5_000_000)
	switch *t.Result {
	case 3:
		t.Reason = new(pick(g, refusalReasons()))
	case 2, 6:
		t.NextContactAt = new(g.options.Now.AddDate(0, 0, int(g.between(1, 60))))
		t.NextStage = new(g.between(1, 5))
	}
}

// settle derives what follows from the tasks and puts all lists into their order.
func (g *generator) settle(m *Manager) {
	slices.SortFunc(m.Groups, func(a, b *Group) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(m.Customers, portfolioOrder)
	slices.SortFunc(m.Tasks, newestTaskFirst)

	byID := make(map[int64]*Customer, len(m.Customers))
	for _, c := range m.Customers {
		byID[c.ID] = c
	}
	for _, t := range m.Tasks {
		t.Status = t.statusAt(g.options.Now)
		c := byID[t.CustomerID]
		c.Tasks = append(c.Tasks, t)
	}
	groups := make(map[int64]*Group, len(m.Groups))
	for _, group := range m.Groups {
		groups[group.ID] = group
	}
	for _, c := range m.Customers {
		c.deriveFromTasks()
		for _, id := range c.GroupIDs {
			groups[id].add(c)
		}
	}
}

// deriveFromTasks works out the last activity and whether the customer is processed.
func (c *Customer) deriveFromTasks() {
	var last *Task
	open := false
	for _, t := range c.Tasks {
		switch {
		case t.Status != TaskCompleted:
			open = true
		case last == nil || t.ResultAt.After(*last.ResultAt):
			last = t
		}
	}
	c.Processed = last != nil && !open
	if last != nil && !c.sample {
		c.LastResult = &resultTexts()[*last.Result-1]
		c.LastContactAt = last.ResultAt
	}
}

// add counts a customer. What a sample group prints is its ActiveCount already.
func (group *Group) add(c *Customer) {
	group.CustomerIDs = append(group.CustomerIDs, c.ID)
	switch {
	case c.Processed:
		group.CompleteCount++
	case !group.sample:
		group.ActiveCount++
	}
}
