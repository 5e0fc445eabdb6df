package proportal

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// DefaultPerPage is the number of customers on a portfolio page unless asked otherwise.
const DefaultPerPage = 50

// Customer is one row of a portfolio or of a group's customers.
type Customer struct {
	ID           int64
	Name         string
	Valuation    *int
	Industry     *string
	LastActivity *Activity       // nil when there was none
	Revenue      *Revenue        // nil when not known
	HasLastTask  bool            // whether the CRM told the last task, or that there is none
	LastTask     *Task           // nil when there is none or the CRM did not tell
	Tasks        []*Task         // the tasks that came with the row; nil when the CRM sent none along
	Extra        json.RawMessage // object of the members not named above; nil when there are none
}

// Activity is the outcome of a manager's last contact with a customer.
type Activity struct {
	Result *string
	At     *time.Time // UTC
}

// Revenue is what a customer earns.
type Revenue struct {
	Period *string           // the year or period it was reported for
	Amount *upstream.Decimal // roubles a year
}

// PortfolioOptions are the parameters of ListPortfolio; zero values are not sent.
type PortfolioOptions struct {
	Page    int        // from 1
	PerPage int        // observed, not documented: an installation may ignore it
	Tasks   TaskStatus // only customers with such tasks
}

// PortfolioPage is one page of the portfolio, with what the CRM says of the whole.
type PortfolioPage struct {
	Customers []*Customer
	Page      int // number of this page, from 1
	PerPage   int // customers on a full page: the size that counts, whatever was asked for
	Total     int // customers on all pages, -1 when the CRM does not tell
}

// ListPortfolioCall describes the call of ViewerClient.ListPortfolio.
var ListPortfolioCall = upstream.Call{Service: upstream.ProPortal, Operation: "portfolio", Method: http.MethodGet, Path: "api/crm/workspace/portfolio"}

// ListPortfolio returns one page of the viewer's customers, in the CRM's order; beyond
// the last page it is empty. Where opts.Tasks is given, the customers are those with
// such tasks and most installations send these tasks along. An answer without numbers
// of pages is the whole portfolio in one page.
//
// A negative number or an unknown status is Invalid and not sent. For the other kinds
// see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/portfolio («Показать порфтолио»).
func (v *ViewerClient) ListPortfolio(ctx context.Context, opts PortfolioOptions) (*PortfolioPage, error) {
	if opts.Page < 0 || opts.PerPage < 0 {
		return nil, invalid(&ListPortfolioCall, "page and page size must not be negative")
	}
	if opts.Tasks != "" && !opts.Tasks.valid() {
		return nil, invalid(&ListPortfolioCall, "unknown task status")
	}
	q := query{}.withNumber("page", opts.Page).with("tasks", string(opts.Tasks)).withNumber("perPage", opts.PerPage)
	req := &upstream.Request{Call: &ListPortfolioCall, Query: q.encoded}
	return get(ctx, v, req, func(r *reader, d *jsonread.Decoder) (*PortfolioPage, error) {
		customers, numbers, err := r.readCustomers(d, opts.Tasks)
		if err != nil {
			return nil, err
		}
		page := pageOf(customers, numbers, opts)
		return &page, nil
	})
}

// CountPortfolioCall describes the call of ViewerClient.CountPortfolio.
var CountPortfolioCall = upstream.Call{Service: upstream.ProPortal, Operation: "portfolioCount", Method: http.MethodGet, Path: "api/crm/workspace/portfolio"}

// CountPortfolio returns the number of the viewer's customers. For the kinds of its
// errors see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/portfolio?count=1 (observed, not in the reference; an
// installation that ignores the parameter answers a page, whose total is taken).
func (v *ViewerClient) CountPortfolio(ctx context.Context) (int, error) {
	req := &upstream.Request{Call: &CountPortfolioCall, Query: query{}.with("count", "1").encoded}
	return get(ctx, v, req, func(_ *reader, d *jsonread.Decoder) (int, error) { return readCount(d) })
}

// pageOf completes what an answer says of its page. The size of a page comes from the
// CRM alone, because an installation may ignore the one asked for.
func pageOf(customers []*Customer, numbers upstream.Page, opts PortfolioOptions) PortfolioPage {
	page := PortfolioPage{Customers: customers, Page: numbers.Current, PerPage: numbers.PerPage, Total: numbers.Total}
	if numbers.Total < 0 && numbers.PerPage < 0 && numbers.Current < 0 && numbers.LastPage < 0 {
		page.Page, page.PerPage, page.Total = 1, len(customers), len(customers)
		return page
	}
	if page.Page < 1 {
		page.Page = max(opts.Page, 1)
	}
	if page.PerPage < 1 {
		page.PerPage = max(len(customers), DefaultPerPage)
	}
	return page
}

// readCount reads the size of a list: a number, an object that holds one, or the list itself.
func readCount(d *jsonread.Decoder) (int, error) {
	switch d.Next() {
	case jsonread.Number, jsonread.String:
		return readSize(d)
	case jsonread.Array:
		return countElements(d)
	case jsonread.Object:
		return readCountObject(d)
	default:
		return 0, upstream.Unreadable("a count was due")
	}
}

// readCountObject takes, in this order, what an object calls "total", also below "meta",
// "count", and the number or the length of "data".
func readCountObject(d *jsonread.Decoder) (int, error) {
	total, count, data := -1, -1, -1
	err := upstream.ReadObject(d, func(d *jsonread.Decoder, key []byte) (err error) {
		switch string(key) {
		case "total":
			total, err = readSize(d)
			return upstream.AtField("total", err)
		case "count":
			count, err = readSize(d)
			return upstream.AtField("count", err)
		case "data":
			if d.Next() == jsonread.Array {
				data, err = countElements(d)
			} else {
				data, err = readSize(d)
			}
			return upstream.AtField("data", err)
		case "meta":
			if d.Next() != jsonread.Object {
				return d.Skip()
			}
			err = upstream.ReadObject(d, func(d *jsonread.Decoder, key []byte) (err error) {
				if string(key) != "total" {
					return d.Skip()
				}
				total, err = readSize(d)
				return upstream.AtField("total", err)
			})
			return upstream.AtField("meta", err)
		default:
			return d.Skip()
		}
	})
	switch {
	case err != nil:
		return 0, err
	case total >= 0:
		return total, nil
	case count >= 0:
		return count, nil
	case data >= 0:
		return data, nil
	default:
		return 0, upstream.Unreadable("a count was due")
	}
}

func readSize(d *jsonread.Decoder) (int, error) {
	size, ok, err := upstream.ReadInt32(d)
	if err != nil || !ok || size < 0 {
		return 0, upstream.Unreadable("a count was due")
	}
	return size, nil
}

func countElements(d *jsonread.Decoder) (int, error) {
	count := 0
	_, err := upstream.ReadList(d, nil, func(d *jsonread.Decoder, _ int) error {
		count++
		return d.Skip()
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}

// readCustomers reads a list of portfolio rows, never nil; asked is the status of the
// tasks that come with a row.
func (r *reader) readCustomers(d *jsonread.Decoder, asked TaskStatus) ([]*Customer, upstream.Page, error) {
	r.from(d)
	customers := []*Customer{}
	page, err := upstream.ReadList(d, []string{"data"}, func(d *jsonread.Decoder, _ int) error {
		customer, err := r.readCustomer(d, asked)
		if err == nil {
			customers = append(customers, customer)
		}
		return err
	})
	if err != nil {
		return nil, page, err
	}
	return customers, page, nil
}

// companyWire is what a portfolio row and a company card have in common, in either dialect.
type companyWire struct {
	*reader
	id        slot[int64]
	name      slot[string]
	valuation slot[int]
	industry  slot[string]
	period    slot[string]
	amount    slot[upstream.Decimal]
}

// companyValues are what the pointers of a company point to.
type companyValues struct {
	valuation int
	industry  string
	period    string
	amount    upstream.Decimal
	revenue   Revenue
}

func (w *companyWire) require() error {
	if err := w.id.require("id", "client_id"); err != nil {
		return err
	}
	return w.name.require("name", "name")
}

func (w *companyWire) revenue(values *companyValues) *Revenue {
	if !w.period.isSet() && !w.amount.isSet() {
		return nil
	}
	values.revenue = Revenue{Period: w.period.pointer(&values.period), Amount: w.amount.pointer(&values.amount)}
	return &values.revenue
}

func (w *companyWire) member(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "id":
		return true, w.id.read(d, resource, readID)
	case "client_id":
		return true, w.id.read(d, raw, readID)
	case "name":
		return true, w.name.read(d, resource, w.texts.ReadText)
	case "valuation":
		return true, w.valuation.read(d, resource, readInt)
	case "priority":
		return true, w.valuation.read(d, raw, readInt)
	case "industry":
		return true, w.industry.read(d, resource, w.readText)
	case "okved_vid_deyatelnosti":
		return true, w.industry.read(d, raw, w.readText)
	case "money", "proceed":
		return true, w.readNested(d, key, w.revenueMember)
	case "vyruchka_period":
		return true, w.period.read(d, raw, w.readText)
	case "vyruchka_za_god":
		return true, w.amount.read(d, raw, w.readDecimal)
	default:
		return false, nil
	}
}

func (w *companyWire) revenueMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "period":
		return true, w.period.read(d, resource, w.readText)
	case "amount":
		return true, w.amount.read(d, resource, w.readDecimal)
	default:
		return false, nil
	}
}

// customerWire is a portfolio row in either dialect.
type customerWire struct {
	companyWire
	activityResult slot[string]
	activityAt     slot[time.Time]
	hasLastTask    bool
	lastTask       *Task
	tasks          []*Task
	asked          TaskStatus
}

// customerRecord is a Customer and what its pointers point to.
type customerRecord struct {
	Customer
	companyValues
	activity       Activity
	activityResult string
	activityAt     time.Time
}

func (r *reader) readCustomer(d *jsonread.Decoder, asked TaskStatus) (*Customer, error) {
	w := customerWire{companyWire: companyWire{reader: r}, asked: asked}
	start := r.extra.open()
	if err := r.readMembers(d, w.member); err != nil {
		return nil, err
	}
	if err := w.require(); err != nil {
		return nil, err
	}
	c := r.customers.New()
	c.ID = w.id.value
	c.Name = w.name.value
	c.Valuation = w.valuation.pointer(&c.valuation)
	c.Industry = w.industry.pointer(&c.industry)
	c.Revenue = w.revenue(&c.companyValues)
	c.HasLastTask = w.hasLastTask
	c.LastTask = w.lastTask
	c.Tasks = w.tasks
	c.Extra = r.takeExtra(start)
	if w.activityResult.isSet() || w.activityAt.isSet() {
		c.activity = Activity{Result: w.activityResult.pointer(&c.activityResult), At: w.activityAt.pointer(&c.activityAt)}
		c.LastActivity = &c.activity
	}
	return &c.Customer, nil
}

func (w *customerWire) member(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "activity":
		return true, w.readNested(d, key, w.activityMember)
	case "posledniy_resultat_text":
		return true, w.activityResult.read(d, raw, w.readText)
	case "data_posledniy_contact_unixtime":
		return true, w.activityAt.read(d, raw, readSeconds)
	case "lastTask":
		return true, w.readLastTask(d)
	case "tasks":
		return true, w.readTasks(d)
	default:
		return w.companyWire.member(d, key)
	}
}

func (w *customerWire) activityMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "result":
		return true, w.activityResult.read(d, resource, w.readText)
	case "date":
		return true, w.activityAt.read(d, resource, readSeconds)
	default:
		return false, nil
	}
}

func (w *customerWire) readLastTask(d *jsonread.Decoder) error {
	w.hasLastTask = true
	absent, err := skipAbsentObject(d)
	if absent || err != nil {
		return err
	}
	w.lastTask, err = w.readTask(d, "")
	return err
}

func (w *customerWire) readTasks(d *jsonread.Decoder) error {
	absent, err := skipAbsent(d)
	if absent || err != nil {
		return err
	}
	w.tasks, err = w.reader.readTasks(d, w.asked)
	return err
}
