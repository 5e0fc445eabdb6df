package graphqlhttp

import (
	"bytes"
	"context"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-faster/jx"

	"crmgraph/graph"
)

// entry is one operation of a list: what it asks for, or why that cannot be told.
type entry struct {
	params  *Params
	refused *Refusal
}

// isList reports whether JSON begins as an array does.
func isList(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("["))
}

// parseBatch reads a list of requests. What is wrong with one of them is its own business.
func parseBatch(body []byte, limit int) ([]entry, *Refusal) {
	if limit == 0 {
		return nil, &Refusal{Status: http.StatusUnprocessableEntity, Code: CodeBatchRefused, Message: "Send one operation, not a list."}
	}
	start := graphql.Now()
	var entries []entry
	count := 0
	err := decode(body, func(d *jx.Decoder) error {
		elements, err := d.ArrIter()
		if err != nil {
			return err
		}
		for ; elements.Next(); count++ {
			if count >= limit { // it is only counted
				if err := d.Skip(); err != nil {
					return err
				}
				continue
			}
			params, refused, err := readParams(d, 1)
			if err != nil {
				return err
			}
			entries = append(entries, entry{params, refused})
		}
		return elements.Err()
	})
	switch {
	case err != nil:
		return nil, badJSON("The request body", err)
	case count == 0:
		return nil, malformed("The list has no operation.")
	case count > limit:
		return nil, &Refusal{
			Status: http.StatusUnprocessableEntity, Code: CodeBatchTooLarge,
			Message: "The list has too many operations.", Limit: limit, Value: count,
		}
	}
	read := graphql.TraceTiming{Start: start, End: graphql.Now()}
	for _, e := range entries {
		if e.refused == nil {
			e.params.read = read
		}
	}
	return entries, nil
}

// batch answers a list of operations, which run side by side, with the list of their
// responses. It is no GraphQL response itself, so that its type is plain JSON; how each
// operation fared is told by its response alone.
//
// They share one budget, as if they were one operation, in the order of the list, and the
// loaders of their viewer, so that no two of them ask for the same.
func (t *Transport) batch(ctx context.Context, exec graphql.GraphExecutor, header http.Header, entries []entry) answer {
	answers := make([]answer, len(entries))
	panics := make([]any, len(entries))
	shared := graph.NewBatch(len(entries))
	var running sync.WaitGroup
	for i, e := range entries {
		running.Go(func() {
			defer shared.End(i)
			defer func() { panics[i] = recover() }()
			if e.refused != nil {
				answers[i] = t.encodeRefusal(e.refused, JSON)
				return
			}
			answers[i] = t.answer(shared.With(ctx, i), exec, request{params: e.params, header: header, mediaType: JSON})
		})
	}
	running.Wait()
	for _, value := range panics {
		if value != nil {
			panic(value) // where the server catches it
		}
	}
	return t.join(answers)
}

// join puts the answers to the operations of a list together.
func (t *Transport) join(answers []answer) answer {
	out := t.output()
	for i, a := range answers {
		separator := byte(',')
		if i == 0 {
			separator = '['
		}
		out.Buf = append(append(out.Buf, separator), a.out.Buf...)
		t.release(a.out)
	}
	out.Buf = append(out.Buf, ']')
	return answer{out: out, status: http.StatusOK, mediaType: JSON}
}
