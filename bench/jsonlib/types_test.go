package jsonlib

import (
	"encoding/json"

	"crmgraph/upstream/sandbox"
)

// plain returns what an answer of a dialect is decoded into without a client.
func plain(dialect sandbox.Dialect, name string) any {
	if dialect == sandbox.DialectReference {
		switch name {
		case "portfolio":
			return new(portfolioReference)
		case "tasks":
			return new([]task)
		case "filter", "projects":
			return new([]projectReference)
		case "project":
			return new(projectReference)
		case "steps":
			return new([]stepReference)
		case "payments":
			return new([]paymentReference)
		}
	}
	switch name {
	case "portfolio":
		return new(portfolioResource)
	case "tasks":
		return new(tasksResource)
	case "filter", "projects":
		return new(payload[[]projectResource])
	case "project":
		return new(payload[projectResource])
	case "steps":
		return new(payload[[]stepResource])
	case "payments":
		return new(payload[[]paymentResource])
	}
	return nil
}

// The structs below hold what the clients' types hold. A pointer is a field that may be null.

type portfolioReference struct {
	Page     int                 `json:"current_page"`
	LastPage int                 `json:"last_page"`
	PerPage  any                 `json:"per_page"`
	Total    int                 `json:"total"`
	Data     []customerReference `json:"data"`
}

type customerReference struct {
	ID       int64   `json:"client_id"`
	Priority *int    `json:"priority"`
	Name     string  `json:"name"`
	Industry *string `json:"okved_vid_deyatelnosti"`
	Contact  *int64  `json:"data_posledniy_contact_unixtime"`
	Period   *string `json:"vyruchka_period"`
	Amount   *string `json:"vyruchka_za_god"`
	Result   *string `json:"posledniy_resultat_text"`
}

type portfolioResource struct {
	Data []customerResource `json:"data"`
	Meta struct {
		Page     int `json:"current_page"`
		LastPage int `json:"last_page"`
		PerPage  any `json:"per_page"`
		Total    int `json:"total"`
	} `json:"meta"`
}

type customerResource struct {
	ID        int64   `json:"id"`
	Valuation *int    `json:"valuation"`
	Name      string  `json:"name"`
	Industry  *string `json:"industry"`
	Activity  *struct {
		Result *string `json:"result"`
		Date   *int64  `json:"date"`
	} `json:"activity"`
	Money *struct {
		Period *string `json:"period"`
		Amount *string `json:"amount"`
	} `json:"money"`
	LastTask *task `json:"lastTask"`
}

// task is the same in both dialects.
type task struct {
	ID       int64 `json:"id"`
	Customer *struct {
		ID        int64   `json:"id"`
		Name      *string `json:"name"`
		Valuation *int    `json:"valuation"`
	} `json:"customer"`
	Status string `json:"status"`
	Result *struct {
		Status int    `json:"status"`
		ID     *int64 `json:"id"`
	} `json:"result"`
	Created *int64  `json:"created"`
	Type    *string `json:"type"`
	Start   *int64  `json:"start_date"`
	Comment *string `json:"comment"`
}

type tasksResource struct {
	Data []task `json:"data"`
}

type projectReference struct {
	ID            uint64                     `json:"id"`
	Name          *string                    `json:"name"`
	Created       *string                    `json:"created"`
	Price         *json.Number               `json:"price"`
	CurrencyID    *uint64                    `json:"currency_id"`
	Deleted       *int                       `json:"deleted"`
	SalesFunnelID *uint64                    `json:"sales_funnel_id"`
	StepID        *uint64                    `json:"step_id"`
	UserID        *uint64                    `json:"user_id"`
	GroupID       *uint64                    `json:"group_id"`
	Users         []uint64                   `json:"participants_user_id"`
	Groups        []uint64                   `json:"participants_group_id"`
	Fields        map[string]json.RawMessage `json:"data"`
	ExternalCode  string                     `json:"external_code"`
	TasksCount    int                        `json:"tasks_count"`
}

type projectResource struct {
	ID            uint64  `json:"id,string"`
	Name          *string `json:"title"`
	Created       *string `json:"created_at"`
	Price         *string `json:"budget"`
	CurrencyID    *uint64 `json:"currency_id,string"`
	Deleted       *int    `json:"is_deleted,string"`
	SalesFunnelID *uint64 `json:"sales_funnel_id,string"`
	StepID        *uint64 `json:"step_id,string"`
	UserID        *uint64 `json:"user_id,string"`
	GroupID       *uint64 `json:"group_id,string"`
	Users         string  `json:"participants_user_id"`
	Groups        string  `json:"participants_group_id"`
	Fields        []struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	} `json:"custom_fields"`
	ExternalCode string `json:"external_code"`
	TasksCount   int    `json:"tasks_count"`
}

type stepReference struct {
	ID           uint64  `json:"id"`
	StepID       *uint64 `json:"step_id"`
	Name         *string `json:"name"`
	Date         *string `json:"date"`
	UserID       *uint64 `json:"user_id"`
	Comment      *string `json:"comment"`
	ExternalCode string  `json:"external_code"`
}

type stepResource struct {
	ID           uint64  `json:"id,string"`
	ProjectID    uint64  `json:"project_id,string"`
	StepID       *uint64 `json:"step_id,string"`
	Name         *string `json:"title"`
	Date         *string `json:"datetime"`
	UserID       *uint64 `json:"creator_id,string"`
	Comment      *string `json:"text"`
	ExternalCode string  `json:"external_code"`
}

type paymentReference struct {
	ID           uint64       `json:"id"`
	Type         *int         `json:"type"`
	Date         *string      `json:"date"`
	Sum          *json.Number `json:"sum"`
	CurrencyID   *uint64      `json:"currency_id"`
	Comment      *string      `json:"comment"`
	ExternalCode string       `json:"external_code"`
}

type paymentResource struct {
	ID           uint64  `json:"id,string"`
	ProjectID    uint64  `json:"project_id,string"`
	Type         *int    `json:"type,string"`
	Date         *string `json:"datetime"`
	Sum          *string `json:"amount"`
	CurrencyID   *uint64 `json:"currency_id,string"`
	Comment      *string `json:"comment"`
	ExternalCode string  `json:"external_code"`
}

// payload is solOS's envelope.
type payload[T any] struct {
	Payload T `json:"payload"`
}
