package graph_test

import (
	"slices"
	"time"

	"crmgraph/upstream/sandbox"
)

// moscow is the zone of both CRMs.
func moscow() *time.Location { return time.FixedZone("MSK", 3*60*60) }

func (o *oracle) groups(r request) any {
	groups := []*object{}
	for _, group := range o.manager.Groups {
		if prospects(group, r.args["status"]) > 0 {
			full := o.raw && r.args["status"] == "ACTIVE" && r.args["count"] == "ACTIVE"
			groups = append(groups, o.group(group, prospects(group, r.args["count"]), full))
		}
	}
	return groups
}

func prospects(group *sandbox.Group, status any) int64 {
	if status == "COMPLETE" {
		return group.CompleteCount
	}
	return group.ActiveCount
}

func (o *oracle) groupByID(number uint64) *object {
	for _, group := range o.manager.Groups {
		if group.ID == int64(number) {
			return o.group(group, group.ActiveCount, false)
		}
	}
	return nil
}

// group knows the fields that only some installations tell where full is true.
func (o *oracle) group(group *sandbox.Group, count int64, full bool) *object {
	out := &object{"Group", map[string]any{
		"id": nodeID("Group", group.ID), "databaseId": id(group.ID),
		"name": group.Name, "description": group.Description, "valuation": group.Valuation,
		"customersCount": count, "authorId": id(group.AuthorID), "createdAt": group.CreatedAt,
		"editorId": nil, "editedAt": nil, "isPro": nil, "isPayroll": nil, "isVisible": nil, "businessId": nil,
		"extra": nil,
		"customers": resolve(func(r request) any {
			customers := []*object{}
			for _, c := range o.manager.Customers {
				if slices.Contains(group.CustomerIDs, c.ID) && hasTasks(c, r.args["status"]) {
					customers = append(customers, o.customer(c, false))
				}
			}
			return connection("Customer", customers, r, told)
		}),
	}}
	if !full {
		return out
	}
	return out.with(map[string]any{
		"editorId": optionalID(group.EditorID), "editedAt": group.EditedAt,
		"isPro": group.IsPro, "isPayroll": group.IsPayroll, "isVisible": group.IsVisible, "businessId": id(group.BusinessID),
	})
}

// hasTasks reports whether a customer has tasks of a status; null is any customer.
func hasTasks(c *sandbox.Customer, status any) bool {
	return status == nil || slices.ContainsFunc(c.Tasks, func(t *sandbox.Task) bool { return taskStatus(t) == status })
}

func (o *oracle) portfolio(r request) any {
	customers := []*object{}
	for _, c := range o.manager.Customers {
		if hasTasks(c, r.args["tasks"]) {
			customers = append(customers, o.customer(c, false))
		}
	}
	return connection("Customer", customers, r, told)
}

func (o *oracle) find(number uint64) *sandbox.Customer {
	for _, c := range o.manager.Customers {
		if c.ID == int64(number) {
			return c
		}
	}
	return nil
}

func (o *oracle) customerByID(number uint64) *object {
	if c := o.find(number); c != nil {
		return o.customer(c, true)
	}
	return nil
}

// projectCustomer is the customer a project names. A customer that is not the viewer's
// still has its number and its projects, for they cost no look at ProPortal.
func (o *oracle) projectCustomer(p *sandbox.Project, alone bool) resolve {
	return func(r request) any {
		if p.CustomerID == nil {
			return nil
		}
		if c := o.find(uint64(*p.CustomerID)); c != nil {
			return o.customer(c, alone)
		}
		for _, name := range r.selected() {
			switch name {
			case "name", "valuation", "industry", "revenue", "lastActivity", "extra", "card":
				return (*object)(nil)
			}
		}
		return o.stranger(*p.CustomerID)
	}
}

// stranger is a customer of whom ProPortal shows the viewer nothing.
func (o *oracle) stranger(number int64) *object {
	c := &sandbox.Customer{ID: number}
	return &object{"Customer", map[string]any{
		"id": nodeID("Customer", number), "databaseId": id(number), "lastTask": (*object)(nil),
		"tasks":    resolve(func(r request) any { return o.tasks(r, nil, false) }),
		"projects": o.customerProjects(number),
		"timeline": resolve(func(r request) any { return o.timeline(r, c, false) }),
	}}
}

// customer is one of the viewer's; alone says that no others are asked for beside it, so
// that its tasks come singly, as raw ones in the dialect that has them.
func (o *oracle) customer(c *sandbox.Customer, alone bool) *object {
	rawTasks := o.raw && alone
	return &object{"Customer", map[string]any{
		"id": nodeID("Customer", c.ID), "databaseId": id(c.ID),
		"name": c.Name, "industry": c.Industry, "valuation": c.Valuation,
		"lastActivity": either(c.LastResult != nil || c.LastContactAt != nil,
			&object{"Activity", map[string]any{"result": c.LastResult, "at": c.LastContactAt}}),
		"revenue": either(c.RevenueAmount != nil || c.RevenuePeriod != nil,
			&object{"Revenue", map[string]any{"period": c.RevenuePeriod, "amount": c.RevenueAmount}}),
		"lastTask": to(func() any {
			last := newestTask(c.Tasks)
			if last == nil {
				return nil
			}
			return o.task(last, rawTasks)
		}),
		"tasks":    resolve(func(r request) any { return o.tasks(r, c.Tasks, rawTasks) }),
		"card":     to(func() any { return o.card(c) }),
		"projects": o.customerProjects(c.ID),
		"timeline": resolve(func(r request) any { return o.timeline(r, c, rawTasks) }),
		"extra":    nil,
	}}
}

func either(there bool, value *object) *object {
	if there {
		return value
	}
	return nil
}

func (o *oracle) card(c *sandbox.Customer) any {
	card := c.Card
	fields := map[string]any{
		"office": card.Office, "companyGroup": card.CompanyGroup, "size": card.Size, "employees": optionalID(card.Employees),
		"channel": card.Channel, "isBlacklisted": card.Blacklisted, "authorId": id(card.AuthorID),
		"inn": card.INN, "ogrn": card.OGRN, "opf": card.OPF, "extra": nil,
		"codes": &object{"CardCodes", map[string]any{
			"okved": card.OkvedMain, "okvedAll": texts(card.OkvedAll), "spark": card.Spark, "kpp": card.KPP, "okpo": card.OKPO,
			"okopf": card.OKOPF, "oktmo": card.OKTMO, "okfs": card.OKFS, "okogu": card.OKOGU, "okato": card.OKATO,
		}},
		"payroll": &object{"CardPayroll", map[string]any{"bank": card.PayrollBank, "fund": card.PayrollFund}},
		"dates": &object{"CardDates", map[string]any{
			"registration": dayIn(card.RegisteredOn, time.UTC), "updated": dayIn(card.UpdatedAt, moscow()),
			"contact": dayIn(c.LastContactAt, moscow()), "opened": dayIn(card.OpenedOn, time.UTC), "closed": dayIn(card.ClosedOn, time.UTC),
		}},
	}
	managers := []*object{}
	if card.DirectorName != nil || card.DirectorPost != nil || card.DirectorINN != nil {
		managers = append(managers, &object{"CardManager", map[string]any{
			"name": card.DirectorName, "post": card.DirectorPost, "inn": card.DirectorINN,
		}})
	}
	contacts := map[string]any{
		"phones": texts(card.Phones), "email": card.Email, "website": card.Website, "managers": managers,
		"addresses": &object{"CardAddresses", map[string]any{
			"registration": card.RegistrationAddress, "actual": card.ActualAddress, "mail": card.MailAddress, "region": card.Region,
		}},
		"city": nil, "region": nil, "latitude": nil, "longitude": nil,
	}
	if found := card.Dadata; found != nil {
		contacts["city"], contacts["region"] = found.City, found.Region
		contacts["latitude"], contacts["longitude"] = found.Latitude, found.Longitude
		fields["extra"] = sentJSON(`{"contacts":{"dadata":{"value":%q,"postal_code":%q}}}`, found.Value, found.PostalCode)
	}
	fields["contacts"] = &object{"CardContacts", contacts}
	return &object{"CustomerCard", fields}
}

// texts makes an absent list an empty one.
func texts(list []string) []string { return append([]string{}, list...) }

// dayIn is the calendar day of an instant, or null.
func dayIn(t *time.Time, zone *time.Location) any {
	if t == nil {
		return nil
	}
	return t.In(zone).Format(time.DateOnly)
}
