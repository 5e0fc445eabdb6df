package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal/keeper"
	"crmgraph/upstream/resilience"
	"crmgraph/upstream/shared"
)

// Calls is where the figures of calls to the CRMs are read. What is nil is not there.
type Calls struct {
	Cache    *cache.Cache
	Policies map[upstream.Service]*resilience.Policy
	Shared   *shared.Shared
	Keeper   *keeper.Keeper
	Shed     func() int64 // requests that were shed
}

// ObserveCalls adds the figures of calls. They are read when they are asked for.
func (m *Metrics) ObserveCalls(calls Calls) { m.registry.MustRegister(&callCollector{calls}) }

// callCollector turns figures that others count into metrics.
type callCollector struct{ calls Calls }

var (
	servedDesc = prometheus.NewDesc("crmgraph_cache_answers_total",
		"Answers out of memory, by upstream operation and state: fresh, stale, stale-on-error.", []string{"operation", "state"}, nil)
	missesDesc = prometheus.NewDesc("crmgraph_cache_misses_total",
		"Questions for which a CRM or the shared tier was asked.", []string{"operation"}, nil)
	joinedDesc = prometheus.NewDesc("crmgraph_cache_joined_total",
		"Questions that were answered by the call of another.", []string{"operation"}, nil)
	refreshesDesc = prometheus.NewDesc("crmgraph_cache_refreshes_total",
		"Refreshes in the background, by result: all, failed.", []string{"operation", "result"}, nil)
	unchangedDesc = prometheus.NewDesc("crmgraph_cache_unchanged_total",
		"Answers that came again as they were kept, and were not read again.", []string{"operation"}, nil)
	tierDesc = prometheus.NewDesc("crmgraph_cache_tier_total",
		"Answers looked for in the shared tier, by result: hit, miss.", []string{"operation", "result"}, nil)
	entriesDesc = prometheus.NewDesc("crmgraph_cache_entries", "Answers in memory.", nil, nil)
	bytesDesc   = prometheus.NewDesc("crmgraph_cache_bytes", "Memory that answers take, estimated.", nil, nil)
	evictedDesc = prometheus.NewDesc("crmgraph_cache_evicted_total", "Answers given up for want of room.", nil, nil)

	attemptsDesc = prometheus.NewDesc("crmgraph_upstream_attempts_total",
		"Requests sent to a CRM, by kind: first, retry, hedge.", []string{"service", "kind"}, nil)
	refusedDesc = prometheus.NewDesc("crmgraph_upstream_refused_total",
		"Requests that were not sent, by reason: budget, queue.", []string{"service", "reason"}, nil)
	inFlightDesc = prometheus.NewDesc("crmgraph_upstream_in_flight", "Requests to a CRM under way.", []string{"service"}, nil)
	queuedDesc   = prometheus.NewDesc("crmgraph_upstream_queued", "Requests that wait for one of these to end.", []string{"service"}, nil)
	breakerDesc  = prometheus.NewDesc("crmgraph_upstream_breaker_state",
		"1 for the state that the circuit breaker is in.", []string{"service", "state"}, nil)
	openedDesc = prometheus.NewDesc("crmgraph_upstream_breaker_opened_total", "How often the circuit breaker has opened.", []string{"service"}, nil)

	redisDesc     = prometheus.NewDesc("crmgraph_redis_up", "Whether Redis is asked.", nil, nil)
	redisSumDesc  = prometheus.NewDesc("crmgraph_redis_operations_total", "What became of work for Redis, by result.", []string{"result"}, nil)
	loginsDesc    = prometheus.NewDesc("crmgraph_proportal_logins_total", "Logins of the gateway itself, by result: ok, failed.", []string{"result"}, nil)
	shedDesc      = prometheus.NewDesc("crmgraph_requests_shed_total", "Requests answered with 503 as the processors could not keep up.", nil, nil)
	breakerStates = []resilience.State{resilience.Closed, resilience.HalfOpen, resilience.Open}
)

// Describe is part of prometheus.Collector.
func (c *callCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		servedDesc, missesDesc, joinedDesc, refreshesDesc, unchangedDesc, tierDesc, entriesDesc, bytesDesc, evictedDesc,
		attemptsDesc, refusedDesc, inFlightDesc, queuedDesc, breakerDesc, openedDesc,
		redisDesc, redisSumDesc, loginsDesc, shedDesc,
	} {
		out <- desc
	}
}

// Collect is part of prometheus.Collector.
func (c *callCollector) Collect(out chan<- prometheus.Metric) {
	e := emitter{out}
	if c.calls.Cache != nil {
		e.cache(c.calls.Cache.Stats())
	}
	for service, policy := range c.calls.Policies {
		e.policy(string(service), policy.Stats())
	}
	if c.calls.Shared != nil {
		e.shared(c.calls.Shared.Health(), c.calls.Shared.Stats())
	}
	if c.calls.Keeper != nil {
		stats := c.calls.Keeper.Stats()
		e.count(loginsDesc, float64(stats.Logins), "ok")
		e.count(loginsDesc, float64(stats.Failures), "failed")
	}
	if c.calls.Shed != nil {
		e.count(shedDesc, float64(c.calls.Shed()))
	}
}

// emitter sends figures to Prometheus.
type emitter struct{ out chan<- prometheus.Metric }

func (e emitter) count(desc *prometheus.Desc, value float64, labels ...string) {
	e.out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, labels...)
}

func (e emitter) gauge(desc *prometheus.Desc, value float64, labels ...string) {
	e.out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func (e emitter) cache(stats cache.Stats) {
	e.gauge(entriesDesc, float64(stats.Entries))
	e.gauge(bytesDesc, float64(stats.Bytes))
	e.count(evictedDesc, float64(stats.Evicted))
	for operation, counts := range stats.Operations {
		e.count(servedDesc, float64(counts.Fresh), operation, string(upstream.Fresh))
		e.count(servedDesc, float64(counts.Stale), operation, string(upstream.Stale))
		e.count(servedDesc, float64(counts.StaleOnError), operation, string(upstream.StaleOnError))
		e.count(missesDesc, float64(counts.Misses), operation)
		e.count(joinedDesc, float64(counts.Joined), operation)
		e.count(refreshesDesc, float64(counts.Refreshes), operation, "all")
		e.count(refreshesDesc, float64(counts.RefreshFailures), operation, "failed")
		e.count(unchangedDesc, float64(counts.Unchanged), operation)
		e.count(tierDesc, float64(counts.TierHits), operation, "hit")
		e.count(tierDesc, float64(counts.TierMisses), operation, "miss")
	}
}

func (e emitter) policy(service string, stats resilience.Stats) {
	e.count(attemptsDesc, float64(stats.Attempts-stats.Retries-stats.Hedges), service, "first")
	e.count(attemptsDesc, float64(stats.Retries), service, "retry")
	e.count(attemptsDesc, float64(stats.Hedges), service, "hedge")
	e.count(refusedDesc, float64(stats.BudgetRefusals), service, "budget")
	e.count(refusedDesc, float64(stats.QueueFull), service, "queue")
	e.gauge(inFlightDesc, float64(stats.InFlight), service)
	e.gauge(queuedDesc, float64(stats.Queued), service)
	e.count(openedDesc, float64(stats.Opened), service)
	for _, state := range breakerStates {
		e.gauge(breakerDesc, one(stats.State == state), service, string(state))
	}
}

func (e emitter) shared(health shared.Health, stats shared.Stats) {
	e.gauge(redisDesc, one(health.State == shared.Up))
	for result, count := range map[string]int64{
		"hit":        stats.Hits,
		"miss":       stats.Misses,
		"unreadable": stats.Unreadable,
		"not-asked":  stats.NotAsked,
		"failed":     stats.Failed,
		"stored":     stats.Stored,
		"too-large":  stats.TooLarge,
		"overflowed": stats.Overflowed,
		"removed":    stats.Removed,
		"purges":     stats.Purges,
		"gaps":       stats.Gaps,
	} {
		e.count(redisSumDesc, float64(count), result)
	}
}

// one is 1 for true.
func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
