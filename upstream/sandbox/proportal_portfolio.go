package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"

	"crmgraph/upstream/proportal"
)

// perPageDefault is the size of a portfolio page ("per_page": 50).
const perPageDefault = 50

// customerRaw is a portfolio item as the database has it ("Показать порфтолио").
type customerRaw struct {
	ClientID       json.RawMessage `json:"client_id"`
	Priority       json.RawMessage `json:"priority"`
	Name           string          `json:"name"`
	Industry       *string         `json:"okved_vid_deyatelnosti"`
	LastContact    json.RawMessage `json:"data_posledniy_contact_unixtime"`
	RevenuePeriod  json.RawMessage `json:"vyruchka_period"`
	RevenuePerYear *string         `json:"vyruchka_za_god"`
	LastResult     *string         `json:"posledniy_resultat_text"`
}

func (c *Customer) raw() []byte {
	s := spelling{row: c.ID, plain: c.sample}
	period := json.RawMessage("null")
	if c.RevenuePeriod != nil {
		period = s.whole("vyruchka_period", *c.RevenuePeriod)
	}
	return encode(customerRaw{
		ClientID:       s.number("client_id", c.ID),
		Priority:       s.number("priority", c.Valuation),
		Name:           c.Name,
		Industry:       c.Industry,
		LastContact:    s.moment("data_posledniy_contact_unixtime", c.LastContactAt),
		RevenuePeriod:  period,
		RevenuePerYear: c.RevenueAmount,
		LastResult:     c.LastResult,
	})
}

// customerResource is a portfolio item as the third sample of "Показать порфтолио" has it.
// LastTask is observed.
type customerResource struct {
	ID        int64            `json:"id"`
	Valuation int64            `json:"valuation"`
	Name      string           `json:"name"`
	Industry  *string          `json:"industry"`
	Activity  customerActivity `json:"activity"`
	Money     customerMoney    `json:"money"`
	LastTask  json.RawMessage  `json:"lastTask"`
}

type customerActivity struct {
	Result *string `json:"result"`
	Date   *int64  `json:"date"`
}

type customerMoney struct {
	Period *string `json:"period"`
	Amount *string `json:"amount"`
}

// resource encodes the customer around its last task; nil for none.
func (c *Customer) resource(lastTask []byte) []byte {
	return encode(customerResource{
		ID:        c.ID,
		Valuation: c.Valuation,
		Name:      c.Name,
		Industry:  c.Industry,
		Activity:  customerActivity{Result: c.LastResult, Date: unixSeconds(c.LastContactAt)},
		Money:     customerMoney{Period: c.RevenuePeriod, Amount: c.RevenueAmount},
		LastTask:  lastTask,
	})
}

// portfolioCount answers with the bare number of customers.
func (p *proPortal) portfolioCount(r proPortalRequest) answer {
	if p.options.DocumentedOnly {
		return p.portfolio(r)
	}
	customers, _, refused := r.portfolioCustomers()
	if refused != nil {
		return *refused
	}
	return jsonStatus(http.StatusOK, len(customers))
}

// portfolio answers with one page of customers, by valuation descending, then id ascending.
func (p *proPortal) portfolio(r proPortalRequest) answer {
	customers, status, refused := r.portfolioCustomers()
	if refused != nil {
		return *refused
	}
	pg := page{
		number: positive(r.query.Get("page"), 1),
		size:   perPageDefault,
		total:  len(customers),
		url:    "http://" + r.Host + proPortalBase + "/" + proportal.ListPortfolioCall.Path,
	}
	if size := positive(r.query.Get("perPage"), 0); size > 0 && !p.options.DocumentedOnly {
		pg.size, pg.sizeAsText = size, true
		if p.options.MaxPerPage > 0 {
			pg.size = min(size, p.options.MaxPerPage)
		}
	}
	from, to := pg.bounds()
	items := make([][]byte, 0, to-from)
	for _, c := range customers[from:to] {
		items = append(items, p.portfolioItem(r.manager, c, status))
	}
	if p.options.Dialect == DialectResource {
		return jsonBody(wrap("data", join(items), pg.resource()))
	}
	return jsonBody(wrap("data", join(items), pg.flat()))
}

// portfolioCustomers reads the parameter "tasks" and returns the customers it leaves.
func (r proPortalRequest) portfolioCustomers() ([]*Customer, TaskStatus, *answer) {
	status, refused := oneOf(r.query, "tasks", "", taskStatuses()...)
	if refused != nil || status == "" {
		return r.manager.Customers, "", refused
	}
	return r.manager.customersByTask[TaskStatus(status)], TaskStatus(status), nil
}

// portfolioItem adds the tasks of the status asked for to a raw item; resources have none.
func (p *proPortal) portfolioItem(m *portalManager, c *Customer, status TaskStatus) []byte {
	item := m.items[c]
	if status == "" || p.options.Dialect == DialectResource {
		return item
	}
	var tasks [][]byte
	for _, t := range c.TasksOf(status) {
		tasks = append(tasks, m.rawTasks[t])
	}
	return append(append(append(item[:len(item)-1:len(item)-1], `,"tasks":`...), join(tasks)...), '}')
}

// groupCustomers answers with a group's customers, those having tasks of "status" if it is given.
func (p *proPortal) groupCustomers(r proPortalRequest) answer {
	if r.manager.groupByID[r.id] == nil {
		return htmlStatus(http.StatusNotFound)
	}
	status, refused := oneOf(r.query, "status", "", string(TaskPlanned), string(TaskCompleted))
	if refused != nil {
		return *refused
	}
	var items [][]byte
	for _, c := range r.manager.customersOf[r.id] {
		if status == "" || len(c.TasksOf(TaskStatus(status))) > 0 {
			items = append(items, r.manager.items[c])
		}
	}
	return p.list(items)
}

// positive reads a number above zero, as Laravel does: anything else is the fallback.
func positive(text string, fallback int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fallback
	}
	return n
}
