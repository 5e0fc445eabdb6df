package main

import (
	"context"
	"fmt"
	"net/http"

	"crmgraph/bench/rawhttp"
)

// calls are requests to one CRM that do not wait for each other: all are sent, each on a
// connection of its own, and then their answers are taken in the same order. That needs no
// goroutine: while one answer is awaited, the others arrive.
type calls struct {
	crm      *crm
	count    int
	request  func(dst []byte, i int) []byte // appends request i
	scratch  []byte
	lanes    []*rawhttp.Conn // of the requests sent, in order
	received int
}

// start sends count requests, or as many as there are connections for; the others follow as
// answers are taken.
func (k *calls) start(ctx context.Context, crm *crm, count int, request func(dst []byte, i int) []byte) error {
	k.crm, k.count, k.request = crm, count, request
	k.lanes, k.received = k.lanes[:0], 0
	return k.send(ctx)
}

// send waits for a connection only where no answer is due, whose connection could be taken.
func (k *calls) send(ctx context.Context) error {
	for i := len(k.lanes); i < k.count; i++ {
		conn, err := k.crm.take(ctx, i == k.received)
		if err != nil || conn == nil {
			return err
		}
		k.scratch = k.request(k.scratch[:0], i)
		if err := conn.Send(k.scratch); err != nil {
			return err
		}
		k.lanes = append(k.lanes, conn)
	}
	return nil
}

// next takes the next answer.
func (k *calls) next(ctx context.Context, r *rawhttp.Response) error {
	conn := k.lanes[k.received]
	if err := conn.Receive(r); err != nil {
		return err
	}
	if r.Status != http.StatusOK {
		return fmt.Errorf("a CRM has answered %d: %s", r.Status, r.Body)
	}
	k.received++
	k.crm.put(conn)
	return k.send(ctx)
}

// take takes the next answer and decodes it into rows, which point into r.
func take[T any](ctx context.Context, k *calls, r *rawhttp.Response, rows *[]T) error {
	if err := k.next(ctx, r); err != nil {
		return err
	}
	return decode(r.Body, rows)
}
