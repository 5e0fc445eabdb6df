package sandbox

import (
	"sync"
	"sync/atomic"
)

// maxKnown bounds how many answers are remembered, whatever clients ask for.
const maxKnown = 10_000

// knownAnswers remembers answers that only depend on what is asked for: the data never
// changes. The gateway in front of a sandbox shares its machine, and what an answer costs
// here would be taken for the gateway's. It is safe for concurrent use.
type knownAnswers struct {
	byRequest sync.Map // answer by request
	count     atomic.Int64
}

// get returns the answer to a request, made by answerNow at first. Nobody may change its body.
func (k *knownAnswers) get(request string, answerNow func() answer) answer {
	if known, ok := k.byRequest.Load(request); ok {
		return known.(answer)
	}
	made := answerNow()
	if k.count.Add(1) <= maxKnown {
		k.byRequest.Store(request, made)
	}
	return made
}
