// Package model holds the Go types behind the schema. The generator makes those that the
// schema alone describes; these know the numbers with which further calls are made.
package model

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// Customer is a customer of the portfolio.
type Customer struct {
	Number       int64
	Name         string
	Industry     *string
	Valuation    *int32
	LastActivity *Activity
	Revenue      *Revenue
}

// ID returns the opaque node id.
func (c *Customer) ID() string { return NodeID("Customer", c.Number) }

// Project is a sales project.
type Project struct {
	Number     int64
	CustomerID int64
	Name       *string
	Price      *string
	CreatedAt  *time.Time
	Fields     []*ProjectField
}

// ID returns the opaque node id.
func (p *Project) ID() string { return NodeID("Project", p.Number) }

// Field returns the value of a dynamic field, nil when there is none.
func (p *Project) Field(name string) json.RawMessage {
	for _, field := range p.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return nil
}

// NodeID returns the opaque id of an object.
func NodeID(kind string, number int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", kind, number))
}

// MarshalRawJSON writes a value as it is.
func MarshalRawJSON(value json.RawMessage) graphql.Marshaler {
	if value == nil {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(value) })
}

// UnmarshalRawJSON takes any value.
func UnmarshalRawJSON(value any) (json.RawMessage, error) { return json.Marshal(value) }
