package plan

import (
	"encoding/json"
	"fmt"
	"slices"

	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// need is what is selected of customers.
type need struct {
	basics bool // what a row and the card both tell
	row    bool // what only a row tells
	card   bool
	stub   bool // basics are all, and of them only what a task tells
}

var (
	needBasics = need{basics: true}
	ofRows     = need{basics: true, row: true}
)

func (w *walk) need(s *selection) need {
	n := need{stub: true}
	for _, field := range w.collect("Customer", s.below) {
		switch field.field.Name {
		case "name", "valuation":
			n.basics = true
		case "industry", "revenue":
			n.basics, n.stub = true, false
		case "lastActivity", "extra":
			n.row, n.stub = true, false
		case "card":
			n.card, n.stub = true, false
		}
	}
	return n
}

// customers finds customers by their numbers. One costs its card; several are looked up
// in the portfolio, and those it does not have cost a card each.
func (w *walk) customers(s *selection, of objects, least need, path string) objects {
	n := w.need(s)
	n.basics = n.basics || least.basics
	of.typeName = "Customer"
	of.knows = n
	switch {
	case n.row || !n.card && n.basics && of.max > 1:
		w.findInPortfolio(of.round, path)
		of.round++
		w.call(proportal.GetCustomerCall, of.id, of.round, of.max, path)
	case n.card || n.basics:
		w.call(proportal.GetCustomerCall, of.id, of.round, of.max, path)
		if !w.opts.Installation.Cards {
			of.round++
			w.findInPortfolio(of.round, path)
		}
	default:
		of.round = of.idRound
	}
	if of.idRound > 0 { // only what an argument names leads on before it is found
		of.idRound = of.round
	}
	return of
}

// findInPortfolio looks customers up in the portfolio: a large page, if the installation
// gives such, else all of its pages.
func (w *walk) findInPortfolio(round int, path string) {
	w.call(proportal.ListPortfolioCall, "find", round, 1, path)
	if w.opts.Installation.SmallPages {
		w.call(proportal.ListPortfolioCall, "find more", round+1, w.opts.Unbounded, path)
	}
}

func customer(w *walk, s *selection, _ objects, path string) objects {
	return w.customers(s, byArgument(s, model.CustomerNode), needBasics, path)
}

// portfolioHead is the first page of the portfolio, in the size the CRM gives it.
const portfolioHead = "page 1 "

// settleCounts asks for the size of the portfolio, unless another path brings a slice of
// it, which tells the size too.
func (w *walk) settleCounts() {
	for _, path := range w.counts {
		if w.slice != nil {
			w.call(proportal.ListPortfolioCall, w.slice.about, 1, 1, path)
		} else {
			w.call(proportal.CountPortfolioCall, "", 1, 1, path)
		}
	}
}

// portfolioSlice is a slice of the whole portfolio that a path asks for.
type portfolioSlice struct {
	offset, limit int
	about         string // its call
}

// takeSlice takes note of a slice of the portfolio, unless it is refused without a call.
func (w *walk) takeSlice(s *selection, about string) {
	slice := &portfolioSlice{limit: s.number("first"), about: about}
	if s.text("tasks") != "" || slice.limit < 1 || slice.limit > model.MaxFirst {
		return
	}
	if s.arguments["after"] != nil {
		before, err := model.ParseOffsetCursor(model.PortfolioScope(""), s.text("after"))
		if err != nil {
			return
		}
		slice.offset = before + 1
	}
	w.slice = slice
}

func portfolio(w *walk, s *selection, _ objects, path string) objects {
	of := objects{typeName: "CustomerConnection", max: s.first(), id: s.key(), round: 1, idRound: 1, knows: ofRows}
	if s.text("tasks") == "" && w.onlyCounts(s) {
		w.counts = append(w.counts, path)
		return of
	}
	// Slices of one page share its call, and any slice fits a page of some size.
	about := s.key()
	if s.arguments["after"] == nil && s.first() <= proportal.DefaultPerPage {
		about = portfolioHead + s.text("tasks")
	}
	w.call(proportal.ListPortfolioCall, about, 1, 1, path)
	w.takeSlice(s, about)
	if more := s.furtherPages(); w.opts.Installation.SmallPages && more > 0 {
		w.call(proportal.ListPortfolioCall, about+" more", 2, more, path)
		of.round, of.idRound = 2, 2
	}
	return of
}

// furtherPages is how many pages of the usual size a slice can take beside one: what begins after a
// cursor may begin with the last element of a page.
func (s *selection) furtherPages() int {
	last := s.first() - 1
	if s.arguments["after"] != nil {
		last += proportal.DefaultPerPage - 1
	}
	return last / proportal.DefaultPerPage
}

func (w *walk) onlyCounts(s *selection) bool {
	counts := false
	for _, field := range w.collect("CustomerConnection", s.below) {
		switch field.field.Name {
		case "totalCount":
			counts = true
		case "__typename":
		default:
			return false
		}
	}
	return counts
}

func card(w *walk, s *selection, parents objects, path string) objects {
	w.call(proportal.GetCustomerCall, parents.id, parents.idRound+1, parents.max, path)
	return objects{typeName: "CustomerCard", id: parents.id + "/" + s.key(), max: parents.max}
}

// customerTasks asks for each customer's tasks, or for the lists where these are fewer.
func customerTasks(w *walk, s *selection, parents objects, path string) objects {
	of := w.tasksOf(parents, wish{status: s.text("status")}, path)
	of.typeName = "TaskConnection"
	of.id, of.max = parents.id+"/"+s.key(), times(parents.max, s.first())
	return of
}

func lastTask(w *walk, s *selection, parents objects, path string) objects {
	of := w.tasksOf(parents, wish{last: true}, path)
	of.id, of.max = parents.id+"/"+s.key(), parents.max
	return of
}

func (w *walk) tasksOf(parents objects, each wish, path string) objects {
	round := parents.idRound + 1
	each.about, each.round, each.max, each.path = parents.id, round, parents.max, path
	each.customers = fmt.Sprint(round, " ", parents.id)
	w.wishes = append(w.wishes, &each)
	return objects{typeName: "Task", max: parents.max, round: round, idRound: round, owners: &parents}
}

// wish is one for the tasks of customers.
type wish struct {
	about     string // which customers
	customers string // the same, and when: wishes that agree on it are made at once
	status    string
	last      bool // of all tasks the last alone, which the rows of customers may tell
	round     int
	max       int
	path      string
}

// settleWishes asks for the tasks of many customers by the lists that hold all that is wanted
// of them, and of few one by one, unless others bring the lists anyway.
func (w *walk) settleWishes() map[proportal.TaskStatus]TasksBeside {
	wanted, ever := map[string]TasksBeside{}, map[string]TasksBeside{}
	for _, each := range w.wishes {
		wanted[each.customers] = wanted[each.customers].with(each)
		ever[each.about] = ever[each.about].with(each)
	}
	for _, each := range w.wishes {
		if one := wanted[each.customers]; one.Last { // which may lead back to them at once
			one.Statuses = ever[each.about].Statuses
			wanted[each.customers] = one
		}
	}
	var few []*wish
	for _, each := range w.wishes {
		if each.max > len(wanted[each.customers].all()) {
			w.taskLists(each.status, each.round, each.path, each.customers)
		} else {
			few = append(few, each)
		}
	}
	isListed := func(status proportal.TaskStatus) bool { return len(w.listAskers[status]) > 0 }
	for _, each := range few {
		missing := slices.DeleteFunc(wanted[each.customers].all(), isListed)
		own := slices.DeleteFunc(tasksWithStatus(each.status), isListed)
		if each.max > len(missing) || len(own) == 0 {
			w.taskLists(each.status, each.round, each.path, each.customers)
			continue
		}
		w.call(proportal.ListCustomerTasksCall, each.about, each.round, each.max, each.path)
		if !w.opts.Installation.CustomerTasks {
			w.call(proportal.ListTasksCall, "detour", each.round+1, len(tasksWithStatus(each.status)), each.path)
		}
	}
	beside := map[proportal.TaskStatus]TasksBeside{}
	for _, each := range w.wishes {
		var status proportal.TaskStatus
		if each.status != "" {
			status = tasksWithStatus(each.status)[0]
		}
		least, ok := beside[status]
		if one := wanted[each.customers]; !ok || len(one.all()) < len(least.all()) {
			beside[status] = one
		}
	}
	return beside
}

// customerProjects is one call for all customers of a round, however many paths lead to
// them, also back to them, and one for each condition of a filter that joins them by "or".
func customerProjects(w *walk, s *selection, parents objects, path string) objects {
	round := parents.idRound + 1
	made := w.call(solos.FilterProjectsCall, joined(s.key(), round-parents.delay), round, alternatives(s.arguments["filter"]), path)
	round = max(made, parents.idRound)
	return objects{
		typeName: "ProjectConnection", id: parents.id + "/" + s.key(), max: times(parents.max, s.first()),
		round: round, idRound: round, owners: &parents,
	}
}

func joined(key string, round int) string {
	text, _ := json.Marshal([]any{key, round}) //nolint:errchkjson // a string and a number
	return string(text)
}

// alternatives is how many filters stand for one whose conditions are joined by "or".
func alternatives(filter any) int {
	conditions, _ := filter.(map[string]any)
	if conditions["condition"] != "OR" {
		return 1
	}
	count := 0
	for name, value := range conditions {
		if name == "condition" || value == nil {
			continue
		}
		if list, ok := value.([]any); ok {
			if name == "fields" {
				count += len(list)
			} else if len(list) > 0 {
				count++
			}
			continue
		}
		count++
	}
	return max(count, 1)
}

// timeline reads all actions and payments of all the customer's projects.
func timeline(w *walk, s *selection, parents objects, path string) objects {
	round := parents.idRound + 1
	tasks := w.tasksOf(parents, wish{}, path)
	tasks.id = parents.id + "/timeline"
	w.call(solos.FilterProjectsCall, joined("timeline", round-parents.delay), round, 1, path)
	projects := objects{
		typeName: "Project", id: parents.id + "/timeline", max: w.unbounded(parents.max),
		round: round, idRound: round, owners: &parents, areWhole: true,
	}
	w.timelines = true
	w.call(solos.ListActionsCall, projects.id, round+1, projects.max, path)
	w.call(solos.ListPaymentsCall, projects.id, round+1, projects.max, path)
	tasks.max = times(parents.max, s.first())
	of := objects{typeName: "TimelineConnection", id: projects.id, items: nil, round: round + 1, idRound: round + 1}
	of.owners, of.projects, of.max = &parents, &projects, tasks.max
	return of
}

// timelineItems are tasks, actions and payments.
func timelineItems(_ *walk, _ *selection, parents objects, _ string) objects {
	item := func(typeName string) objects {
		item := parents
		item.typeName = typeName
		return item
	}
	all := objects{typeName: "TimelineItem"}
	task := item("Task")
	task.projects = nil
	all.items = []objects{task, item("Action"), item("Payment")}
	return all
}

func taskCustomer(w *walk, s *selection, parents objects, path string) objects {
	if parents.owners != nil && parents.owners.tells(w.need(s)) {
		return parents.owners.ledBackFrom(parents)
	}
	return w.customersOf(s, parents, path)
}

func projectCustomer(w *walk, s *selection, parents objects, path string) objects {
	if parents.owners != nil && parents.owners.tells(w.need(s)) {
		return parents.owners.ledBackFrom(parents)
	}
	return w.customersOf(s, parents, path)
}

// tells reports whether the customers were met with all that is needed of them.
func (o *objects) tells(n need) bool {
	return (o.knows.basics || !n.basics) && (o.knows.row || !n.row) && (o.knows.card || !n.card)
}

// customersOf finds the customers that tasks or projects point to. A task may tell
// enough by itself, but not every installation's does.
func (w *walk) customersOf(s *selection, parents objects, path string) objects {
	return w.customers(s, objects{
		id: parents.id + "/customer", max: parents.max, round: parents.round + 1, idRound: parents.round,
	}, need{}, path)
}
