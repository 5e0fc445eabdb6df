package graph_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"crmgraph/upstream/sandbox"
)

// projects is a page of the company's projects that are among those of.
func (o *oracle) projects(r request, of func(*sandbox.Project) bool) any {
	filter, _ := r.args["filter"].(map[string]any)
	order, _ := r.args["orderBy"].(map[string]any)
	var found []*sandbox.Project
	for _, p := range o.data.Projects {
		if of(p) && p.Deleted == r.args["deleted"] && matches(p, filter) {
			found = append(found, p)
		}
	}
	sortProjects(found, order)
	list := []*object{}
	for _, p := range found {
		list = append(list, o.project(p, false))
	}
	return connection("Project", list, r, atEnd)
}

func (o *oracle) customerProjects(customer int64) resolve {
	return func(r request) any {
		return o.projects(r, func(p *sandbox.Project) bool { return p.CustomerID != nil && *p.CustomerID == customer })
	}
}

// matches reports whether all conditions of a filter hold, or one of them.
func matches(p *sandbox.Project, filter map[string]any) bool {
	var conditions []bool
	for name, value := range filter {
		switch {
		case value == nil || name == "condition":
		case name == "fields":
			for _, field := range value.([]any) {
				condition := field.(map[string]any)
				conditions = append(conditions, fieldMatches(p, text(condition["name"]), condition["value"]))
			}
		default:
			conditions = append(conditions, conditionHolds(p, name, value))
		}
	}
	if filter["condition"] == "OR" {
		return len(conditions) == 0 || slices.Contains(conditions, true)
	}
	return !slices.Contains(conditions, false)
}

func conditionHolds(p *sandbox.Project, name string, value any) bool {
	switch name {
	case "having":
		return having(p, text(value))
	case "created":
		created := p.CreatedAt.In(moscow()).Format(time.DateOnly)
		days := value.(map[string]any)
		from, to := text(days["from"]), text(days["to"])
		return (from == "" || created >= from) && (to == "" || created <= to)
	case "price":
		return p.Price != nil && sameValue(*p.Price, text(value))
	case "salesFunnelIds":
		return anyOf(value, p.SalesFunnelID)
	case "stepIds":
		return anyOf(value, p.StepID)
	case "userIds":
		return anyOf(value, optional(p.UserID)...)
	case "groupIds":
		return anyOf(value, optional(p.GroupID)...)
	case "currencyIds":
		return anyOf(value, p.CurrencyID)
	case "participantUserIds":
		return anyOf(value, p.ParticipantUserIDs...)
	case "participantGroupIds":
		return anyOf(value, p.ParticipantGroupIDs...)
	case "actionTypeIds":
		return slices.ContainsFunc(p.Actions, func(a sandbox.Action) bool { return anyOf(value, a.TypeID) })
	case "goodIds":
		return slices.ContainsFunc(p.Goods, func(g sandbox.Good) bool { return anyOf(value, g.GoodID) })
	default:
		panic("unknown condition " + name)
	}
}

func having(p *sandbox.Project, word string) bool {
	if what, none := strings.CutPrefix(word, "NO_"); none {
		return !having(p, what)
	}
	switch word {
	case "ACTIONS":
		return len(p.Actions) > 0
	case "PAYMENTS":
		return len(p.Payments) > 0
	case "TASKS":
		return p.TaskCount > 0
	case "GOODS":
		return len(p.Goods) > 0
	case "CHECKLISTS_EXPIRED":
		return slices.ContainsFunc(p.Checklists, func(c sandbox.Checklist) bool { return c.Expired })
	default:
		panic("unknown having " + word)
	}
}

func optional(number *uint64) []uint64 {
	if number == nil {
		return nil
	}
	return []uint64{*number}
}

// anyOf reports whether a list of ids has one of the numbers.
func anyOf(list any, numbers ...uint64) bool {
	for _, wanted := range list.([]any) {
		if slices.Contains(numbers, parse(text(wanted))) {
			return true
		}
	}
	return false
}

// fieldMatches compares a dynamic field with a value or any of a list of values.
func fieldMatches(p *sandbox.Project, name string, value any) bool {
	wanted, isList := value.([]any)
	if !isList {
		wanted = []any{value}
	}
	for _, field := range p.Fields {
		if field.Name == name && field.Value != nil {
			return slices.ContainsFunc(wanted, func(value any) bool { return sameValue(text(field.Value), text(value)) })
		}
	}
	return false
}

// sameValue compares numbers as numbers and all else as text.
func sameValue(a, b string) bool { return compareValues(a, b) == 0 }

func compareValues(a, b string) int {
	x, xIsNumber := new(big.Rat).SetString(a)
	y, yIsNumber := new(big.Rat).SetString(b)
	if xIsNumber && yIsNumber {
		return x.Cmp(y)
	}
	return strings.Compare(a, b)
}

// sortProjects sorts by a field; projects without it come first, and equals by number.
func sortProjects(projects []*sandbox.Project, order map[string]any) {
	field := cmp.Or(text(order["field"]), text(order["fieldName"]), "ID")
	slices.SortFunc(projects, func(a, b *sandbox.Project) int {
		x, xThere := orderValue(a, field)
		y, yThere := orderValue(b, field)
		switch {
		case xThere && yThere:
			return cmp.Or(compareValues(x, y), cmp.Compare(a.ID, b.ID))
		case xThere:
			return 1
		case yThere:
			return -1
		default:
			return cmp.Compare(a.ID, b.ID)
		}
	})
	if order["direction"] == "DESC" {
		slices.Reverse(projects)
	}
}

func orderValue(p *sandbox.Project, field string) (value string, there bool) {
	var number *uint64
	switch field {
	case "ID":
		number = &p.ID
	case "NAME":
		return p.Name, true
	case "CREATED":
		return p.CreatedAt.Format(time.RFC3339), true
	case "PRICE":
		if p.Price == nil {
			return "", false
		}
		return *p.Price, true
	case "CURRENCY":
		number = &p.CurrencyID
	case "SALES_FUNNEL":
		number = &p.SalesFunnelID
	case "STEP":
		number = &p.StepID
	case "USER":
		number = p.UserID
	case "GROUP":
		number = p.GroupID
	default:
		for _, f := range p.Fields {
			if f.Name == field {
				return text(f.Value), f.Value != nil
			}
		}
		panic("unknown order " + field)
	}
	if number == nil {
		return "", false
	}
	return id(*number), true
}

func (o *oracle) findProject(number uint64) *sandbox.Project {
	for _, p := range o.data.Projects {
		if p.ID == number {
			return p
		}
	}
	return nil
}

func (o *oracle) projectByID(number uint64) *object {
	if p := o.findProject(number); p != nil {
		return o.project(p, true)
	}
	return nil
}

// fieldValue is a dynamic field as the installation sends it: text in the newer dialect.
func (o *oracle) fieldValue(f sandbox.Field) any {
	if f.Value == nil || o.raw {
		return f.Value
	}
	return fmt.Sprint(f.Value)
}

// dynamicFields keeps the order in which they are sent: by name where they are an object.
func (o *oracle) dynamicFields(p *sandbox.Project) []*object {
	sent := slices.Clone(p.Fields)
	if o.raw {
		slices.SortFunc(sent, func(a, b sandbox.Field) int { return strings.Compare(a.Name, b.Name) })
	}
	fields := []*object{}
	for _, f := range sent {
		fields = append(fields, &object{"ProjectField", map[string]any{"name": f.Name, "value": o.fieldValue(f)}})
	}
	return fields
}

// project is a project; alone says that no others are asked for beside it.
func (o *oracle) project(p *sandbox.Project, alone bool) *object {
	return &object{"Project", map[string]any{
		"id": nodeID("Project", p.ID), "databaseId": id(p.ID),
		"name": p.Name, "price": p.Price, "currencyId": id(p.CurrencyID), "createdAt": p.CreatedAt, "isDeleted": p.Deleted,
		"salesFunnelId": id(p.SalesFunnelID), "stepId": id(p.StepID), "userId": optionalID(p.UserID), "groupId": optionalID(p.GroupID),
		"participants": &object{"Participants", map[string]any{
			"userIds": ids(p.ParticipantUserIDs), "groupIds": ids(p.ParticipantGroupIDs),
		}},
		"fields": to(func() any { return o.dynamicFields(p) }),
		"field": resolve(func(r request) any {
			for _, f := range p.Fields {
				if f.Name == r.args["name"] {
					return o.fieldValue(f)
				}
			}
			return nil
		}),
		"customer":    o.projectCustomer(p, alone),
		"currentStep": to(func() any { return o.currentStep(p) }),
		"steps":       resolve(func(r request) any { return o.steps(r, p) }),
		"actions":     resolve(func(r request) any { return o.actions(r, p) }),
		"checklists":  to(func() any { return o.checklists(p) }),
		"goods":       to(func() any { return o.goods(p) }),
		"payments":    resolve(func(r request) any { return o.payments(r, p) }),
		"extra":       sentJSON(`{"external_code":%q,"tasks_count":%d}`, p.ExternalCode, p.TaskCount),
	}}
}

// part has what all parts of a project share.
func (o *oracle) part(typ, code string, p *sandbox.Project, number uint64, fields map[string]any) *object {
	nodeNumbers := []any{p.ID, number}
	if typ == "Action" { // can be found without its project
		nodeNumbers = []any{number}
	}
	return (&object{typ, map[string]any{
		"id": nodeID(typ, nodeNumbers...), "databaseId": id(number),
		"project": to(func() any { return o.project(p, true) }),
		"extra":   sentJSON(`{"external_code":"%s-%d"}`, code, number),
	}}).with(fields)
}

func (o *oracle) partByID(typ string, project, number uint64) *object {
	p := o.findProject(project)
	if p == nil {
		return nil
	}
	parts := map[string][]*object{
		"Step": o.steps(request{}, p), "Checklist": o.checklists(p), "Good": o.goods(p), "Payment": o.paymentsOf(request{}, p),
	}
	for _, part := range parts[typ] {
		if part.fields["databaseId"] == id(number) {
			return part
		}
	}
	return nil
}

// onDay reports whether an instant is on the day of the argument date, if there is one.
func onDay(r request, at time.Time) bool {
	day := text(r.args["date"])
	return day == "" || at.In(moscow()).Format(time.DateOnly) == day
}

// currentStep is the latest entry into the step the project is at.
func (o *oracle) currentStep(p *sandbox.Project) *object {
	var current *sandbox.Step
	for i, s := range p.Steps {
		if s.StepID == p.StepID && (current == nil || s.Date.After(current.Date)) {
			current = &p.Steps[i]
		}
	}
	if current == nil {
		return nil
	}
	return o.step(p, *current)
}

func (o *oracle) steps(r request, p *sandbox.Project) []*object {
	list := []*object{}
	for _, s := range p.Steps {
		if onDay(r, s.Date) && (r.args["stepIds"] == nil || anyOf(r.args["stepIds"], s.StepID)) {
			list = append(list, o.step(p, s))
		}
	}
	return list
}

func (o *oracle) step(p *sandbox.Project, s sandbox.Step) *object {
	return o.part("Step", "STEP", p, s.ID, map[string]any{
		"stepId": id(s.StepID), "name": s.Name, "date": s.Date, "userId": optionalID(s.UserID), "comment": s.Comment,
	})
}

func (o *oracle) actions(r request, p *sandbox.Project) any {
	list := []*object{}
	for _, a := range p.Actions {
		if onDay(r, a.Date) && (r.args["typeIds"] == nil || anyOf(r.args["typeIds"], a.TypeID)) &&
			(r.args["id"] == nil || number("Action", r.args["id"]) == a.ID) {
			list = append(list, o.action(p, a))
		}
	}
	return connection("Action", list, r, atEnd)
}

func (o *oracle) action(p *sandbox.Project, a sandbox.Action) *object {
	return o.part("Action", "ACTION", p, a.ID, map[string]any{
		"typeId": id(a.TypeID), "typeName": a.TypeName, "date": a.Date, "userId": optionalID(a.UserID), "text": a.Text,
	})
}

func (o *oracle) actionByID(number uint64) *object {
	for _, p := range o.data.Projects {
		for _, a := range p.Actions {
			if a.ID == number {
				return o.action(p, a)
			}
		}
	}
	return nil
}

func (o *oracle) checklists(p *sandbox.Project) []*object {
	list := []*object{}
	for _, c := range p.Checklists {
		items := []*object{}
		for _, item := range c.Items {
			items = append(items, &object{"ChecklistItem", map[string]any{
				"id": id(item.ID), "name": item.Name, "isDone": item.Done, "deadline": item.Deadline, "extra": nil,
			}})
		}
		list = append(list, o.part("Checklist", "LIST", p, c.ID, map[string]any{
			"name": c.Name, "isExpired": c.Expired, "items": items,
		}))
	}
	return list
}

func (o *oracle) goods(p *sandbox.Project) []*object {
	list := []*object{}
	for _, g := range p.Goods {
		list = append(list, o.part("Good", "GOOD", p, g.ID, map[string]any{
			"goodId": id(g.GoodID), "name": g.Name, "quantity": g.Quantity, "price": g.Price,
			"currencyId": id(g.CurrencyID), "sum": g.Sum,
		}))
	}
	return list
}

func (o *oracle) payments(r request, p *sandbox.Project) any {
	return connection("Payment", o.paymentsOf(r, p), r, atEnd)
}

func (o *oracle) paymentsOf(r request, p *sandbox.Project) []*object {
	list := []*object{}
	for _, payment := range p.Payments {
		if onDay(r, payment.Date) && (r.args["type"] == nil || r.args["type"] == direction(payment)) &&
			(r.args["id"] == nil || number("Payment", r.args["id"]) == payment.ID) {
			list = append(list, o.payment(p, payment))
		}
	}
	return list
}

func direction(p sandbox.Payment) string {
	if p.Type == sandbox.PaymentReceipt {
		return "RECEIPT"
	}
	return "WRITE_OFF"
}

func (o *oracle) payment(p *sandbox.Project, payment sandbox.Payment) *object {
	return o.part("Payment", "PAYMENT", p, payment.ID, map[string]any{
		"type": direction(payment), "date": payment.Date, "sum": payment.Sum,
		"currencyId": id(payment.CurrencyID), "comment": payment.Comment,
	})
}
