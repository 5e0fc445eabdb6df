package sandbox

import (
	"encoding/json"
	"net/http"
)

// The two states of prospects that groups are filtered and counted by.
const (
	prospectsActive   = "active"
	prospectsComplete = "complete"
)

// groupRaw is a group as the database has it ("Получить все списки", the full form).
type groupRaw struct {
	ID             json.RawMessage `json:"spisok_id"`
	Name           string          `json:"spisok_name"`
	Description    string          `json:"spisok_opisanie"`
	CreatorUID     json.RawMessage `json:"spisok_creator_uid"`
	CreateTime     json.RawMessage `json:"spisok_create_time"`
	EditUID        json.RawMessage `json:"spisok_edit_uid"`
	EditTime       json.RawMessage `json:"spisok_edit_time"`
	IsPro          json.RawMessage `json:"spisok_is_pro"`
	BusinessID     json.RawMessage `json:"business_id"`
	Ball           json.RawMessage `json:"spisok_ball"`
	IsVisible      json.RawMessage `json:"is_visible"`
	IsPayroll      json.RawMessage `json:"spisok_is_payroll"`
	CustomersCount json.RawMessage `json:"customers_count"`
}

// groupResource is a group after filtering, and the form of a single one.
type groupResource struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Author      int64  `json:"author"`
	CreatedAt   int64  `json:"created_at"`
	Valuation   int64  `json:"valuation"`
	Customers   int64  `json:"customers"`
}

// count returns the number of prospects in a state.
func (group *Group) count(state string) int64 {
	if state == prospectsComplete {
		return group.CompleteCount
	}
	return group.ActiveCount
}

func (group *Group) raw(countState string) []byte {
	s := spelling{row: group.ID, plain: group.sample}
	return encode(groupRaw{
		ID:             s.number("spisok_id", group.ID),
		Name:           group.Name,
		Description:    group.Description,
		CreatorUID:     s.number("spisok_creator_uid", group.AuthorID),
		CreateTime:     s.moment("spisok_create_time", &group.CreatedAt),
		EditUID:        s.optional("spisok_edit_uid", group.EditorID),
		EditTime:       s.moment("spisok_edit_time", group.EditedAt),
		IsPro:          s.flag("spisok_is_pro", group.IsPro),
		BusinessID:     s.number("business_id", group.BusinessID),
		Ball:           s.number("spisok_ball", group.Valuation),
		IsVisible:      s.flag("is_visible", group.IsVisible),
		IsPayroll:      s.flag("spisok_is_payroll", group.IsPayroll),
		CustomersCount: s.number("customers_count", group.count(countState)),
	})
}

func (group *Group) resource(countState string) []byte {
	return encode(groupResource{
		ID:          group.ID,
		Name:        group.Name,
		Description: group.Description,
		Author:      group.AuthorID,
		CreatedAt:   group.CreatedAt.Unix(),
		Valuation:   group.Valuation,
		Customers:   group.count(countState),
	})
}

// groups answers with the groups that have prospects in the state of "status", and counts
// those in the state of "count". Without any parameter the reference prints the full form.
func (p *proPortal) groups(r proPortalRequest) answer {
	status, refused := oneOf(r.query, "status", prospectsActive, prospectsActive, prospectsComplete)
	if refused != nil {
		return *refused
	}
	count, refused := oneOf(r.query, "count", prospectsActive, prospectsActive, prospectsComplete)
	if refused != nil {
		return *refused
	}
	full := p.options.Dialect == DialectReference && !r.query.Has("status") && !r.query.Has("count")
	var items [][]byte
	for _, group := range r.manager.Groups {
		switch {
		case group.count(status) == 0:
		case full:
			items = append(items, group.raw(count))
		default:
			items = append(items, group.resource(count))
		}
	}
	if full {
		return jsonBody(join([][]byte{join(items)}))
	}
	return p.list(items)
}

func (p *proPortal) group(r proPortalRequest) answer {
	group := r.manager.groupByID[r.id]
	if group == nil {
		return htmlStatus(http.StatusNotFound)
	}
	return p.object(group.resource(prospectsActive))
}
