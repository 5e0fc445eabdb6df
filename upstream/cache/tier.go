package cache

import (
	"context"
	"time"

	"crmgraph/upstream"
)

// Stored is an answer as it lies in the shared tier.
type Stored struct {
	Body     []byte    // of the CRM's answer; nil for one that there is no such object
	At       time.Time // when the CRM gave it
	NotFound bool
}

// Tier is a store of answers that several replicas of the gateway share. It is safe for
// concurrent use. Trouble of its own is never an error of a question: nothing is found then.
type Tier interface {
	// Get returns what is stored for key. It waits briefly at most; trouble is nothing found.
	// The body is only read.
	Get(ctx context.Context, key upstream.Key) (Stored, bool)
	// Put stores an answer for keep. It copies what it needs before it returns and does not
	// wait for the network.
	Put(key upstream.Key, stored Stored, keep time.Duration)
	// Lock reports whether this replica is the one to refresh key now; true in trouble.
	Lock(ctx context.Context, key upstream.Key, hold time.Duration) bool
	// Drop removes one answer.
	Drop(key upstream.Key)
	// Purge removes answers and tells the other replicas, which pass it to Cache.Apply.
	Purge(ctx context.Context, purge Purge) error
}
