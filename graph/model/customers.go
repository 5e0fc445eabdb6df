package model

import (
	"encoding/json"
	"errors"

	"crmgraph/upstream/proportal"
)

// Customer is a customer as far as an operation needs it: what is known depends on
// where it was met. Row is of the portfolio or a group, Card is the company card, Stub
// is what a task tells; each is nil until there was a reason to have it.
type Customer struct {
	Number int64
	Row    *proportal.Customer
	Card   *proportal.Card
	Stub   *proportal.TaskCustomer
	Level  *Level
}

// NewCustomers makes the customers of one level from rows of a list.
func NewCustomers(rows []*proportal.Customer) []*Customer {
	level := &Level{Customers: make([]int64, len(rows))}
	out := make([]*Customer, len(rows))
	all := make([]Customer, len(rows))
	for i, row := range rows {
		level.Customers[i] = row.ID
		all[i] = Customer{Number: row.ID, Row: row, Level: level}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Customer as a Node of the schema.
func (*Customer) IsNode() {}

// ID returns the opaque node id.
func (c *Customer) ID() NodeID {
	return NodeID{Type: CustomerNode, Number: uint64(c.Number)}
}

// DatabaseID returns the CRM's number.
func (c *Customer) DatabaseID() int64 { return c.Number }

var errNotLoaded = errors.New("a customer's field was asked for without loading it")

// Name returns the customer's name.
func (c *Customer) Name() (string, error) {
	switch {
	case c.Row != nil:
		return c.Row.Name, nil
	case c.Card != nil:
		return c.Card.Name, nil
	case c.Stub != nil && c.Stub.Name != nil:
		return *c.Stub.Name, nil
	default:
		return "", errNotLoaded
	}
}

// Valuation returns the points the customer is worth.
func (c *Customer) Valuation() (*int, error) {
	switch {
	case c.Row != nil:
		return c.Row.Valuation, nil
	case c.Card != nil:
		return c.Card.Valuation, nil
	case c.Stub != nil:
		return c.Stub.Valuation, nil
	default:
		return nil, errNotLoaded
	}
}

// Industry returns the customer's line of business.
func (c *Customer) Industry() (*string, error) {
	switch {
	case c.Row != nil:
		return c.Row.Industry, nil
	case c.Card != nil:
		return c.Card.Industry, nil
	default:
		return nil, errNotLoaded
	}
}

// Revenue returns what the customer earns.
func (c *Customer) Revenue() (*proportal.Revenue, error) {
	switch {
	case c.Row != nil:
		return c.Row.Revenue, nil
	case c.Card != nil:
		return c.Card.Revenue, nil
	default:
		return nil, errNotLoaded
	}
}

// LastActivity returns the last contact; only rows of a list tell it.
func (c *Customer) LastActivity() *proportal.Activity {
	if c.Row == nil {
		return nil
	}
	return c.Row.LastActivity
}

// Extra returns what else the row of a list told.
func (c *Customer) Extra() json.RawMessage {
	if c.Row == nil {
		return nil
	}
	return c.Row.Extra
}
