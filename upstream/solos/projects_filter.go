package solos

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// Condition says how the conditions of a ProjectFilter combine.
type Condition string

// The two conditions.
const (
	And Condition = "and"
	Or  Condition = "or"
)

// Having is a condition on what belongs to a project.
type Having string

// The nine values of having.
const (
	HasActions           Having = "actions"
	HasPayments          Having = "payments"
	HasTasks             Having = "tasks"
	HasGoods             Having = "goods"
	HasNoActions         Having = "no_actions"
	HasNoPayments        Having = "no_payments"
	HasNoTasks           Having = "no_tasks"
	HasNoGoods           Having = "no_goods"
	HasExpiredChecklists Having = "checklists_expired"
)

// ProjectFilter is the body of FilterProjects less the paging; empty members are not sent.
type ProjectFilter struct {
	Condition           Condition
	Having              Having
	CreatedFrom         upstream.Date // either end of the range may be open
	CreatedTo           upstream.Date
	SalesFunnelIDs      []uint64
	StepIDs             []uint64
	UserIDs             []uint64
	GroupIDs            []uint64
	Price               *upstream.Decimal
	CurrencyIDs         []uint64
	ParticipantUserIDs  []uint64
	ParticipantGroupIDs []uint64
	ActionTypeIDs       []uint64
	GoodIDs             []uint64
	Fields              []Field // dynamic fields; an array as value means any of its elements
}

// FilterProjectsCall describes the call of Client.FilterProjects.
var FilterProjectsCall = upstream.Call{Service: upstream.Solos, Operation: "filterProjects", Method: http.MethodPost, Path: "projects/filter", ReadOnly: true}

// FilterProjects returns the projects that match filter, at most opts.Count of them. It
// only reads, though it is a POST. One call with many values of one dynamic field is
// the API's only bulk look-up.
//
// Errors: Invalid for arguments that cannot be sent, Rejected, RateLimited, Timeout,
// Unavailable, Malformed with the field, Canceled.
//
// Source: POST /projects/filter («Фильтр проектов»).
func (c *Client) FilterProjects(ctx context.Context, filter ProjectFilter, opts ProjectsOptions) (List[*Project], error) {
	if fault := cmp.Or(opts.fault(), filter.fault()); fault != "" {
		return List[*Project]{}, invalid(&FilterProjectsCall, fault)
	}
	req := &upstream.Request{Call: &FilterProjectsCall, Body: filterBody(filter, opts)}
	return send(ctx, c, req, 0, (*reader).readProjects)
}

func (o ProjectsOptions) fault() string {
	if o.Count < 0 || o.Offset < 0 {
		return faultPage
	}
	return ""
}

// fault says what in f cannot be sent, "" for nothing.
func (f ProjectFilter) fault() string {
	switch f.Condition {
	case "", And, Or:
	default:
		return "unknown condition"
	}
	switch f.Having {
	case "", HasActions, HasPayments, HasTasks, HasGoods, HasNoActions, HasNoPayments, HasNoTasks, HasNoGoods, HasExpiredChecklists:
	default:
		return "unknown value of having"
	}
	for _, day := range []upstream.Date{f.CreatedFrom, f.CreatedTo} {
		if _, ok := upstream.ParseDate(string(day)); !ok && day != "" {
			return faultDate
		}
	}
	if f.Price != nil {
		if _, ok := upstream.ParseDecimal(string(*f.Price)); !ok {
			return "the price must be a number"
		}
	}
	return fieldsFault(f.Fields)
}

func fieldsFault(fields []Field) string {
	seen := make(map[string]bool, len(fields))
	for _, field := range fields {
		switch {
		case field.Name == "":
			return "a dynamic field must have a name"
		case seen[field.Name]:
			return "a dynamic field must not be named twice"
		case !json.Valid(field.Value):
			return "the value of a dynamic field must be JSON"
		}
		seen[field.Name] = true
	}
	return ""
}

// filterBody writes the members in the order the reference has them.
func filterBody(f ProjectFilter, opts ProjectsOptions) []byte {
	var e jx.Encoder
	text := func(name, value string) {
		if value != "" {
			e.FieldStart(name)
			e.Str(value)
		}
	}
	e.ObjStart()
	if opts.Count > 0 {
		e.FieldStart("count")
		e.Int(opts.Count)
	}
	if opts.Count > 0 || opts.Offset > 0 {
		e.FieldStart("offset")
		e.Int(opts.Offset)
	}
	text("order_by", opts.OrderBy)
	text("reverse", flag(opts.Descending))
	text("deleted", flag(opts.Deleted))
	text("condition", string(f.Condition))
	text("having", string(f.Having))
	if builtIn := f.builtInBody(); builtIn != nil {
		e.FieldStart("buildin_data")
		e.Raw(builtIn)
	}
	if len(f.Fields) > 0 {
		e.FieldStart("data")
		e.ObjStart()
		for _, field := range f.Fields {
			e.FieldStart(field.Name)
			e.Raw(field.Value)
		}
		e.ObjEnd()
	}
	e.ObjEnd()
	return e.Bytes()
}

// builtInBody returns the built-in fields as an object, nil for none.
func (f ProjectFilter) builtInBody() []byte {
	var e jx.Encoder
	empty := true
	start := func(name string) {
		empty = false
		e.FieldStart(name)
	}
	ids := func(name string, ids []uint64) {
		if len(ids) == 0 {
			return
		}
		start(name)
		e.ArrStart()
		for _, id := range ids {
			e.UInt64(id)
		}
		e.ArrEnd()
	}
	e.ObjStart()
	if f.CreatedFrom != "" || f.CreatedTo != "" {
		start("created")
		e.Str(string(f.CreatedFrom) + ";" + string(f.CreatedTo))
	}
	ids("sales_funnel_id", f.SalesFunnelIDs)
	ids("step_id", f.StepIDs)
	ids("user_id", f.UserIDs)
	ids("group_id", f.GroupIDs)
	if f.Price != nil {
		// Parsing leaves plain notation, which is a JSON number.
		price, _ := upstream.ParseDecimal(string(*f.Price))
		start("price")
		e.RawStr(string(price))
	}
	ids("currency_id", f.CurrencyIDs)
	ids("participants_user_id", f.ParticipantUserIDs)
	ids("participants_group_id", f.ParticipantGroupIDs)
	ids("actions_type_id", f.ActionTypeIDs)
	ids("good_id", f.GoodIDs)
	e.ObjEnd()
	if empty {
		return nil
	}
	return e.Bytes()
}
