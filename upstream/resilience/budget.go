package resilience

import "sync/atomic"

// budget is a token bucket without a clock: each first attempt puts in a share of a
// token, each retry or hedge takes a whole one. So however an upstream fails, of n
// calls at most share × n + maxTokens are sent again.
type budget struct {
	earned  int64        // for each first attempt
	balance atomic.Int64 // both in parts of a token
	refused atomic.Int64
}

const (
	token     = 1000 // parts
	maxTokens = 10 * token
	// startTokens lets the first failures after the start be retried.
	startTokens = 3 * token
)

func newBudget(share float64) *budget {
	b := &budget{earned: max(1, int64(share*token))}
	b.balance.Store(startTokens)
	return b
}

// earn is for a first attempt that is sent.
func (b *budget) earn() {
	for {
		balance := b.balance.Load()
		if balance == maxTokens || b.balance.CompareAndSwap(balance, min(balance+b.earned, maxTokens)) {
			return
		}
	}
}

// withdraw reports whether there is a token for one retry or hedge, and takes it.
func (b *budget) withdraw() bool {
	for {
		balance := b.balance.Load()
		if balance < token {
			b.refused.Add(1)
			return false
		}
		if b.balance.CompareAndSwap(balance, balance-token) {
			return true
		}
	}
}
