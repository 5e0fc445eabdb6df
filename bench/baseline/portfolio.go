package main

import (
	"context"
	"strconv"
)

// answerPortfolio answers Q1.
func (x *exchange) answerPortfolio(ctx context.Context, first int) error {
	customers, err := x.customers(ctx, first)
	if err != nil {
		return err
	}
	out := &x.out
	out.raw(`{"data":{"portfolio":{"totalCount":`)
	*out = strconv.AppendInt(*out, int64(x.rows.portfolio.Total), 10)
	out.raw(`,"nodes":[`)
	for i := range customers {
		c := &customers[i]
		out.comma(i)
		out.raw(`{"id":`)
		out.nodeID("Customer", c.ID.int())
		out.raw(`,"name":`)
		out.text(c.Name)
		out.raw(`,"industry":`)
		out.text(c.Industry)
		out.raw(`,"valuation":`)
		out.int(c.Valuation)
		out.raw(`,"lastActivity":`)
		if c.Result.isNull() && c.Contact.isNull() {
			out.raw("null")
		} else {
			out.raw(`{"result":`)
			out.text(c.Result)
			out.raw(`,"at":`)
			out.instant(c.Contact)
			out.raw("}")
		}
		out.raw(`,"revenue":`)
		if c.Amount.isNull() && c.Period.isNull() {
			out.raw("null}")
		} else {
			out.raw(`{"amount":`)
			out.number(c.Amount)
			out.raw(`,"period":`)
			out.number(c.Period)
			out.raw("}}")
		}
	}
	out.raw("]}}}")
	return nil
}

// customers asks for the first customers of the portfolio.
func (x *exchange) customers(ctx context.Context, first int) ([]customer, error) {
	err := x.calls[0].start(ctx, &x.crms.proPortal, 1, func(dst []byte, _ int) []byte { return x.listPortfolio(dst, first) })
	if err != nil {
		return nil, err
	}
	if err := x.calls[0].next(ctx, &x.bodies.portfolio); err != nil {
		return nil, err
	}
	rows := &x.rows.portfolio
	clear(rows.Data)
	rows.Data = rows.Data[:0]
	if err := decodeOne(x.bodies.portfolio.Body, rows); err != nil {
		return nil, err
	}
	return rows.Data[:min(first, len(rows.Data))], nil
}
