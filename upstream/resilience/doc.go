// Package resilience decides when, how often and for how long a call is sent. A Policy
// is for one upstream and stands between its client and the wire.
//
// # How a call is made
//
// The parts, outermost first, each in a file of its own:
//
//  1. Deadline (deadline.go): the context has it. Nobody sleeps, and nothing is sent a
//     second time, where the usual duration of the call does not fit before it; the call
//     then fails at once, with the error it has.
//  2. Retry (retry.go): a read that failed in a way that may pass is sent again, after a
//     random backoff or after what Retry-After says. What changes something is sent once.
//  3. Budget (budget.go): retries and hedges together are at most a tenth of the calls
//     sent, beyond a few that are free at the start. An upstream that fails is not asked
//     much more than one that works.
//  4. Pause (pause.go): after a Retry-After nothing is sent for the same viewer or company
//     until then.
//  5. Hedge (hedge.go, latency.go): a read that takes longer than 95 of 100 like it is sent
//     once more, if a slot is free. The first answer wins, and the other attempt is
//     canceled.
//  6. Circuit breaker (breaker.go, window.go): when half of the attempts fail, none is made
//     for a while, then a few, and all again when these succeed. It is asked before an
//     attempt queues and again when it has its slot.
//  7. Concurrency limit (limit.go): attempts wait for a slot in order of arrival. When
//     too many wait already, a call fails at once.
//
// A call that is sent once and answered allocates nothing here, or, where hedging is on,
// what it takes to cancel it.
package resilience
