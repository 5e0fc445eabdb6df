// Package admission decides whether a document may run, in time that grows with its length.
//
// A document passes four steps, the cheapest first: its bytes and tokens are counted before
// anything is built of them; what it asks for is measured in one walk, each fragment once;
// it is validated; and the verdict is kept, so that the next one who sends it gets it at once.
package admission

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"golang.org/x/sync/singleflight"

	"crmgraph/graph/executor"
)

// Gate admits documents. It is safe for concurrent use.
type Gate struct {
	limits    Limits
	variables VariableLimits
	validator *validator
	verdicts  *verdicts
	pending   singleflight.Group // by document; of *verdict
}

// New returns a gate to schema. It fails where an option is negative or cannot be.
func New(schema *ast.Schema, opts Options) (*Gate, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	kept, err := newVerdicts(opts.CacheBytes)
	if err != nil {
		return nil, err
	}
	return &Gate{
		limits:    opts.Limits,
		variables: opts.Variables,
		validator: newValidator(schema, opts.Suggestions, opts.Limits.MaxErrors),
		verdicts:  kept,
	}, nil
}

// Close ends what the gate runs in the background.
func (g *Gate) Close() { g.verdicts.close() }

// Admit returns the parsed and validated document that query is, or why it may not run. Equal
// documents share one, which nobody may change; the errors are the caller's own.
func (g *Gate) Admit(ctx context.Context, query string) (*ast.QueryDocument, gqlerror.List) {
	v := g.verdict(ctx, query)
	return v.doc, v.errors()
}

// codeOfEnd is the code of a request whose context has ended with err.
func codeOfEnd(err error) Code {
	if errors.Is(err, context.DeadlineExceeded) {
		return CodeDeadlineExceeded
	}
	return CodeCanceled
}

func (g *Gate) verdict(ctx context.Context, query string) *verdict {
	if err := ctx.Err(); err != nil {
		return refused(0, refuse(codeOfEnd(err)))
	}
	// What is too long is not worth a place in memory, nor a look for one.
	if len(query) > g.limits.MaxBytes {
		return refused(0, exceeded(CodeTooLong, len(query), g.limits.MaxBytes))
	}
	if known, ok := g.verdicts.get(query); ok {
		return known
	}
	decided, err, _ := g.pending.Do(query, func() (any, error) {
		if known, ok := g.verdicts.get(query); ok { // since it was looked for above
			return known, nil
		}
		// The caller's string may be a part of a longer one, which would be kept with it.
		query := strings.Clone(query)
		decided := g.decide(query)
		g.verdicts.add(query, decided)
		return decided, nil
	})
	if err != nil {
		panic(fmt.Sprintf("deciding on a document returns no error, but: %v", err))
	}
	return decided.(*verdict)
}

// decide examines a document that is not too long.
func (g *Gate) decide(query string) *verdict {
	if !utf8.ValidString(query) {
		return refused(0, refuse(CodeNotUTF8))
	}
	source := &ast.Source{Input: query}
	tokens, err := g.limits.scan(source)
	if err != nil {
		return refused(tokens, err)
	}
	doc, cause := parser.ParseQuery(source)
	if cause != nil {
		return refused(tokens, unparsable(cause))
	}
	if len(doc.Operations) == 0 {
		return refused(tokens, refuse(CodeNoOperation))
	}
	steps, err := g.limits.measure(doc)
	if err != nil {
		return refused(tokens, err)
	}
	if errs := g.validator.validate(doc); len(errs) > 0 {
		return refused(tokens, errs...)
	}
	return &verdict{doc: doc, tokens: tokens, steps: steps, plans: executor.NewPlans(steps)}
}
