package executor

import (
	"runtime"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxVariants bounds how many choices of @skip and @include one operation keeps plans for.
const maxVariants = 16

// cache keeps the plans of parsed operations exactly as long as somebody keeps the
// operation, which is gqlgen's query cache. It is safe for concurrent use.
type cache struct {
	operations sync.Map // *compiled by weak.Pointer[ast.OperationDefinition]
}

// compiled is what is known of one operation.
type compiled struct {
	inspection
	mu       sync.Mutex
	variants map[string]variant
}

// variant is a plan, or why there is none.
type variant struct {
	plan   *plan
	reason Reason
}

// of returns what is known of op's operation.
func (c *cache) of(op *graphql.OperationContext) *compiled {
	key := weak.Make(op.Operation)
	if known, ok := c.operations.Load(key); ok {
		return known.(*compiled)
	}
	known, loaded := c.operations.LoadOrStore(key, &compiled{
		inspection: inspect(op.Doc, op.Operation),
		variants:   map[string]variant{},
	})
	if !loaded {
		runtime.AddCleanup(op.Operation, func(key weak.Pointer[ast.OperationDefinition]) { c.operations.Delete(key) }, key)
	}
	return known.(*compiled)
}

// variant returns the plan for the choices that variables make, compiled by compile at
// first sight.
func (c *compiled) variant(variables map[string]any, compile func() variant) variant {
	choices := make([]byte, len(c.conditions))
	for i, condition := range c.conditions {
		choices[i] = '?'
		if value, err := condition.Value(variables); err == nil {
			switch value {
			case true:
				choices[i] = '1'
			case false:
				choices[i] = '0'
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.variants[string(choices)]; ok {
		return known
	}
	made := compile()
	if len(c.variants) < maxVariants {
		c.variants[string(choices)] = made
	}
	return made
}
