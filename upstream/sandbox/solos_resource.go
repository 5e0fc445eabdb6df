package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// This file has solOS's objects in the resource dialect: other names for the same fields,
// numbers as text, dynamic fields as a list, and the project's id everywhere.

func dateTimeOf(t *time.Time) *string {
	if t == nil {
		return nil
	}
	return new(sqlDateTime(*t))
}

// joined writes ids into one text, as a column of solOS holds them.
func joined(ids []uint64) string {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, strconv.FormatUint(id, 10))
	}
	return strings.Join(texts, ";")
}

type projectResource struct {
	ID                  uint64          `json:"id,string"`
	Title               string          `json:"title"`
	CreatedAt           string          `json:"created_at"`
	Budget              *string         `json:"budget"`
	CurrencyID          uint64          `json:"currency_id,string"`
	IsDeleted           int64           `json:"is_deleted,string"`
	SalesFunnelID       uint64          `json:"sales_funnel_id,string"`
	StepID              uint64          `json:"step_id,string"`
	UserID              *uint64         `json:"user_id,string"`
	GroupID             *uint64         `json:"group_id,string"`
	ParticipantsUserID  string          `json:"participants_user_id"`
	ParticipantsGroupID string          `json:"participants_group_id"`
	CustomFields        []fieldResource `json:"custom_fields"`
	ExternalCode        string          `json:"external_code"`
	TasksCount          int             `json:"tasks_count"`
}

type fieldResource struct {
	Name  string  `json:"name"`
	Value *string `json:"value"`
}

func (p *Project) resource() projectResource {
	fields := make([]fieldResource, 0, len(p.Fields))
	for _, f := range p.Fields {
		field := fieldResource{Name: f.Name}
		if f.Value != nil {
			field.Value = new(fmt.Sprint(f.Value))
		}
		fields = append(fields, field)
	}
	return projectResource{
		ID:                  p.ID,
		Title:               p.Name,
		CreatedAt:           sqlDateTime(p.CreatedAt),
		Budget:              p.Price,
		CurrencyID:          p.CurrencyID,
		IsDeleted:           zeroOrOne(p.Deleted),
		SalesFunnelID:       p.SalesFunnelID,
		StepID:              p.StepID,
		UserID:              p.UserID,
		GroupID:             p.GroupID,
		ParticipantsUserID:  joined(p.ParticipantUserIDs),
		ParticipantsGroupID: joined(p.ParticipantGroupIDs),
		CustomFields:        fields,
		ExternalCode:        p.ExternalCode,
		TasksCount:          p.TaskCount,
	}
}

type stepResource struct {
	ID           uint64  `json:"id,string"`
	ProjectID    uint64  `json:"project_id,string"`
	StepID       uint64  `json:"step_id,string"`
	Title        string  `json:"title"`
	Datetime     string  `json:"datetime"`
	CreatorID    *uint64 `json:"creator_id,string"`
	Text         *string `json:"text"`
	ExternalCode string  `json:"external_code"`
}

func (s Step) resource(projectID uint64) stepResource {
	return stepResource{
		ID:           s.ID,
		ProjectID:    projectID,
		StepID:       s.StepID,
		Title:        s.Name,
		Datetime:     sqlDateTime(s.Date),
		CreatorID:    s.UserID,
		Text:         s.Comment,
		ExternalCode: externalCode("STEP", s.ID),
	}
}

type actionResource struct {
	ID            uint64  `json:"id,string"`
	ProjectID     uint64  `json:"project_id,string"`
	ActionsTypeID uint64  `json:"actions_type_id,string"`
	TypeName      string  `json:"type_name"`
	Created       string  `json:"created"`
	UserID        *uint64 `json:"user_id,string"`
	Description   *string `json:"description"`
	ExternalCode  string  `json:"external_code"`
}

func (a Action) resource(projectID uint64) actionResource {
	return actionResource{
		ID:            a.ID,
		ProjectID:     projectID,
		ActionsTypeID: a.TypeID,
		TypeName:      a.TypeName,
		Created:       sqlDateTime(a.Date),
		UserID:        a.UserID,
		Description:   a.Text,
		ExternalCode:  externalCode("ACTION", a.ID),
	}
}

type checklistResource struct {
	ID           uint64                  `json:"id,string"`
	ProjectID    uint64                  `json:"project_id,string"`
	Name         string                  `json:"name"`
	IsExpired    int64                   `json:"is_expired,string"`
	Points       []checklistItemResource `json:"points"`
	ExternalCode string                  `json:"external_code"`
}

type checklistItemResource struct {
	ID      uint64  `json:"id,string"`
	Name    string  `json:"name"`
	Checked int64   `json:"checked,string"`
	DateEnd *string `json:"date_end"`
}

func (l Checklist) resource(projectID uint64) checklistResource {
	points := make([]checklistItemResource, 0, len(l.Items))
	for _, i := range l.Items {
		points = append(points, checklistItemResource{ID: i.ID, Name: i.Name, Checked: zeroOrOne(i.Done), DateEnd: dateTimeOf(i.Deadline)})
	}
	return checklistResource{
		ID:           l.ID,
		ProjectID:    projectID,
		Name:         l.Name,
		IsExpired:    zeroOrOne(l.Expired),
		Points:       points,
		ExternalCode: externalCode("LIST", l.ID),
	}
}

type goodResource struct {
	ID           uint64 `json:"id,string"`
	ProjectID    uint64 `json:"project_id,string"`
	ProductID    uint64 `json:"product_id,string"`
	Name         string `json:"name"`
	Count        string `json:"count"`
	Price        string `json:"price"`
	CurrencyID   uint64 `json:"currency_id,string"`
	Total        string `json:"total"`
	ExternalCode string `json:"external_code"`
}

func (g Good) resource(projectID uint64) goodResource {
	return goodResource{
		ID:           g.ID,
		ProjectID:    projectID,
		ProductID:    g.GoodID,
		Name:         g.Name,
		Count:        g.Quantity,
		Price:        g.Price,
		CurrencyID:   g.CurrencyID,
		Total:        g.Sum,
		ExternalCode: externalCode("GOOD", g.ID),
	}
}

type paymentResource struct {
	ID           uint64  `json:"id,string"`
	ProjectID    uint64  `json:"project_id,string"`
	Type         int     `json:"type,string"`
	Datetime     string  `json:"datetime"`
	Amount       string  `json:"amount"`
	CurrencyID   uint64  `json:"currency_id,string"`
	Comment      *string `json:"comment"`
	ExternalCode string  `json:"external_code"`
}

func (p Payment) resource(projectID uint64) paymentResource {
	return paymentResource{
		ID:           p.ID,
		ProjectID:    projectID,
		Type:         p.Type,
		Datetime:     sqlDateTime(p.Date),
		Amount:       p.Sum,
		CurrencyID:   p.CurrencyID,
		Comment:      p.Comment,
		ExternalCode: externalCode("PAYMENT", p.ID),
	}
}
