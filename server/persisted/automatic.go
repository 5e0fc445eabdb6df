package persisted

import (
	"context"
	"strings"
	"sync/atomic"
)

// maxShared is the size in bytes of the largest document that is given to other replicas.
// Few are a tenth of it.
const maxShared = 64 << 10

// automatic is the documents that clients sent with their hashes.
type automatic struct {
	memory   *memory
	shared   Store // nil: this replica is alone
	mayShare func(context.Context) bool

	hits, misses, learnt, poisoned atomic.Int64
}

// find returns the document with a hash.
func (a *automatic) find(ctx context.Context, hash Hash) (string, bool) {
	document, ok := a.memory.get(hash)
	if !ok {
		document, ok = a.fetch(ctx, hash)
	}
	if ok {
		a.hits.Add(1)
	} else {
		a.misses.Add(1)
	}
	return document, ok
}

// fetch returns a document that another replica has learnt. One that has another hash, since
// somebody has changed it, is removed.
func (a *automatic) fetch(ctx context.Context, hash Hash) (string, bool) {
	if a.shared == nil {
		return "", false
	}
	document, ok := a.shared.Get(ctx, hash)
	if !ok {
		return "", false
	}
	if hashOf(document) != hash {
		a.poisoned.Add(1)
		a.shared.Drop(ctx, hash)
		return "", false
	}
	a.memory.set(hash, document)
	return document, true
}

// learn keeps a document that a client sent with its hash.
func (a *automatic) learn(ctx context.Context, hash Hash, document string) {
	if _, known := a.memory.get(hash); known || hashOf(document) != hash {
		return
	}
	a.learnt.Add(1)
	// A copy, as the text may be part of a whole request.
	a.memory.set(hash, strings.Clone(document))
	if a.shared != nil && len(document) <= maxShared && a.mayShare != nil && a.mayShare(ctx) {
		a.shared.Put(ctx, hash, document)
	}
}
