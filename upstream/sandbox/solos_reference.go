package sandbox

import (
	"encoding/json"
	"fmt"
	"time"
)

// This file has solOS's objects in the reference dialect: names as the request parameters
// have them, numbers as numbers, dynamic fields as an object. Lists below a project do not
// repeat its id, actions excepted.

// externalCode is in every object and in no reference, for clients to pass on.
func externalCode(kind string, id uint64) string { return fmt.Sprintf("%s-%d", kind, id) }

// decimal writes a decimal as a JSON number.
func decimal(text *string) *json.Number {
	if text == nil {
		return nil
	}
	return new(json.Number(*text))
}

func dateOf(t *time.Time) *string {
	if t == nil {
		return nil
	}
	return new(sqlDate(*t))
}

func orNone(ids []uint64) []uint64 {
	if ids == nil {
		return []uint64{}
	}
	return ids
}

type projectReference struct {
	ID                  uint64         `json:"id"`
	Name                string         `json:"name"`
	Created             string         `json:"created"`
	Price               *json.Number   `json:"price"`
	CurrencyID          uint64         `json:"currency_id"`
	Deleted             int64          `json:"deleted"`
	SalesFunnelID       uint64         `json:"sales_funnel_id"`
	StepID              uint64         `json:"step_id"`
	UserID              *uint64        `json:"user_id"`
	GroupID             *uint64        `json:"group_id"`
	ParticipantsUserID  []uint64       `json:"participants_user_id"`
	ParticipantsGroupID []uint64       `json:"participants_group_id"`
	Data                map[string]any `json:"data"`
	ExternalCode        string         `json:"external_code"`
	TasksCount          int            `json:"tasks_count"`
}

func (p *Project) reference() projectReference {
	fields := make(map[string]any, len(p.Fields))
	for _, f := range p.Fields {
		fields[f.Name] = f.Value
	}
	return projectReference{
		ID:                  p.ID,
		Name:                p.Name,
		Created:             sqlDateTime(p.CreatedAt),
		Price:               decimal(p.Price),
		CurrencyID:          p.CurrencyID,
		Deleted:             zeroOrOne(p.Deleted),
		SalesFunnelID:       p.SalesFunnelID,
		StepID:              p.StepID,
		UserID:              p.UserID,
		GroupID:             p.GroupID,
		ParticipantsUserID:  orNone(p.ParticipantUserIDs),
		ParticipantsGroupID: orNone(p.ParticipantGroupIDs),
		Data:                fields,
		ExternalCode:        p.ExternalCode,
		TasksCount:          p.TaskCount,
	}
}

type stepReference struct {
	ID           uint64  `json:"id"`
	StepID       uint64  `json:"step_id"`
	Name         string  `json:"name"`
	Date         string  `json:"date"`
	UserID       *uint64 `json:"user_id"`
	Comment      *string `json:"comment"`
	ExternalCode string  `json:"external_code"`
}

func (s Step) reference() stepReference {
	return stepReference{
		ID:           s.ID,
		StepID:       s.StepID,
		Name:         s.Name,
		Date:         sqlDateTime(s.Date),
		UserID:       s.UserID,
		Comment:      s.Comment,
		ExternalCode: externalCode("STEP", s.ID),
	}
}

type actionReference struct {
	ID           uint64  `json:"id"`
	ProjectID    uint64  `json:"project_id"`
	TypeID       uint64  `json:"type_id"`
	Type         string  `json:"type"`
	Date         string  `json:"date"`
	UserID       *uint64 `json:"user_id"`
	Text         *string `json:"text"`
	ExternalCode string  `json:"external_code"`
}

func (a Action) reference(projectID uint64) actionReference {
	return actionReference{
		ID:           a.ID,
		ProjectID:    projectID,
		TypeID:       a.TypeID,
		Type:         a.TypeName,
		Date:         sqlDateTime(a.Date),
		UserID:       a.UserID,
		Text:         a.Text,
		ExternalCode: externalCode("ACTION", a.ID),
	}
}

type checklistReference struct {
	ID           uint64                   `json:"id"`
	Name         string                   `json:"name"`
	Expired      int64                    `json:"expired"`
	Items        []checklistItemReference `json:"items"`
	ExternalCode string                   `json:"external_code"`
}

type checklistItemReference struct {
	ID       uint64  `json:"id"`
	Name     string  `json:"name"`
	Done     int64   `json:"done"`
	Deadline *string `json:"deadline"`
}

func (l Checklist) reference() checklistReference {
	items := make([]checklistItemReference, 0, len(l.Items))
	for _, i := range l.Items {
		items = append(items, checklistItemReference{ID: i.ID, Name: i.Name, Done: zeroOrOne(i.Done), Deadline: dateOf(i.Deadline)})
	}
	return checklistReference{
		ID:           l.ID,
		Name:         l.Name,
		Expired:      zeroOrOne(l.Expired),
		Items:        items,
		ExternalCode: externalCode("LIST", l.ID),
	}
}

type goodReference struct {
	ID           uint64      `json:"id"`
	GoodID       uint64      `json:"good_id"`
	Name         string      `json:"name"`
	Quantity     json.Number `json:"quantity"`
	Price        json.Number `json:"price"`
	CurrencyID   uint64      `json:"currency_id"`
	Sum          json.Number `json:"sum"`
	ExternalCode string      `json:"external_code"`
}

func (g Good) reference() goodReference {
	return goodReference{
		ID:           g.ID,
		GoodID:       g.GoodID,
		Name:         g.Name,
		Quantity:     json.Number(g.Quantity),
		Price:        json.Number(g.Price),
		CurrencyID:   g.CurrencyID,
		Sum:          json.Number(g.Sum),
		ExternalCode: externalCode("GOOD", g.ID),
	}
}

type paymentReference struct {
	ID           uint64      `json:"id"`
	Type         int         `json:"type"`
	Date         string      `json:"date"`
	Sum          json.Number `json:"sum"`
	CurrencyID   uint64      `json:"currency_id"`
	Comment      *string     `json:"comment"`
	ExternalCode string      `json:"external_code"`
}

func (p Payment) reference() paymentReference {
	return paymentReference{
		ID:           p.ID,
		Type:         p.Type,
		Date:         sqlDate(p.Date),
		Sum:          json.Number(p.Sum),
		CurrencyID:   p.CurrencyID,
		Comment:      p.Comment,
		ExternalCode: externalCode("PAYMENT", p.ID),
	}
}
