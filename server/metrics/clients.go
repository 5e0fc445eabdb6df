package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"crmgraph/graph"
	"crmgraph/graph/watch"
	"crmgraph/server/graphqlstream"
	"crmgraph/server/graphqlws"
	"crmgraph/server/persisted"
	"crmgraph/server/ratelimit"
)

// Clients is where the figures of what clients bring and hold are read. All but Memory are required.
type Clients struct {
	Memory    *graph.Memory // nil for no limit
	Documents *persisted.Documents
	Limiter   *ratelimit.Limiter
	Pollers   *watch.Pollers
	Sockets   *graphqlws.Transport
	Streams   *graphqlstream.Transport
}

// ObserveClients adds the figures of clients. They are read when they are asked for.
func (m *Metrics) ObserveClients(clients Clients) { m.registry.MustRegister(&clientCollector{clients}) }

// clientCollector turns figures that others count into metrics.
type clientCollector struct{ clients Clients }

var (
	memoryDesc  = prometheus.NewDesc("crmgraph_operations_memory_bytes", "Memory that there is for operations under way; 0 for no limit.", nil, nil)
	takenDesc   = prometheus.NewDesc("crmgraph_operations_memory_taken_bytes", "What of it operations under way may need, by their plans.", nil, nil)
	waitingDesc = prometheus.NewDesc("crmgraph_operations_waiting", "Operations that wait for memory.", nil, nil)
	inVainDesc  = prometheus.NewDesc("crmgraph_operations_refused_total", "Operations that have waited for memory in vain.", nil, nil)

	lookupsDesc = prometheus.NewDesc("crmgraph_documents_lookups_total",
		"Registered documents looked for by hash, by result: hit, miss.", []string{"result"}, nil)
	registeredDesc = prometheus.NewDesc("crmgraph_documents_registered_total", "Documents that clients registered by hash.", nil, nil)
	docBytesDesc   = prometheus.NewDesc("crmgraph_documents_bytes", "Memory that registered documents take, about.", nil, nil)
	poisonedDesc   = prometheus.NewDesc("crmgraph_documents_poisoned_total",
		"Documents in Redis that were not those of their hash, and were removed.", nil, nil)
	untrustedDesc = prometheus.NewDesc("crmgraph_documents_untrusted_total",
		"Documents that are in no manifest, by what became of them: run, with the mode log; refused, with required.", []string{"result"}, nil)
	trustedDesc   = prometheus.NewDesc("crmgraph_documents_trusted", "Documents of the manifests in force.", nil, nil)
	manifestsDesc = prometheus.NewDesc("crmgraph_documents_manifest_reads_total",
		"Manifests read again after a change, by result: ok, failed.", []string{"result"}, nil)

	limitedDesc = prometheus.NewDesc("crmgraph_rate_refused_total",
		"Requests and operations refused by a rate limit, by limit: client-requests, client-calls, viewer-requests, viewer-calls.", []string{"limit"}, nil)

	pollersDesc   = prometheus.NewDesc("crmgraph_watch_pollers", "Viewers for whom ProPortal is polled.", nil, nil)
	listenersDesc = prometheus.NewDesc("crmgraph_watch_listeners", "Subscriptions that get what the polls find.", nil, nil)
	pollsDesc     = prometheus.NewDesc("crmgraph_watch_polls_total",
		"Polls that have ended, by result: ok, refused (the token is not good, or no more), failed.", []string{"result"}, nil)

	socketsDesc    = prometheus.NewDesc("crmgraph_websocket_connections", "WebSockets that are open.", nil, nil)
	operatingDesc  = prometheus.NewDesc("crmgraph_websocket_operations", "Operations of WebSockets under way.", nil, nil)
	operatedDesc   = prometheus.NewDesc("crmgraph_websocket_operations_total", "Operations that WebSockets have begun.", nil, nil)
	streamsDesc    = prometheus.NewDesc("crmgraph_streams", "Responses in parts under way: server-sent events and multipart.", nil, nil)
	streamsSumDesc = prometheus.NewDesc("crmgraph_streams_total", "Responses in parts that have begun.", nil, nil)
)

// Describe is part of prometheus.Collector.
func (c *clientCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		memoryDesc, takenDesc, waitingDesc, inVainDesc,
		lookupsDesc, registeredDesc, docBytesDesc, poisonedDesc, untrustedDesc, trustedDesc, manifestsDesc,
		limitedDesc, pollersDesc, listenersDesc, pollsDesc,
		socketsDesc, operatingDesc, operatedDesc, streamsDesc, streamsSumDesc,
	} {
		out <- desc
	}
}

// Collect is part of prometheus.Collector.
func (c *clientCollector) Collect(out chan<- prometheus.Metric) {
	e := emitter{out}
	e.memory(c.clients.Memory.Stats())
	e.documents(c.clients.Documents.Stats())
	e.limits(c.clients.Limiter.Stats())
	e.watching(c.clients.Pollers.Stats(), c.clients.Pollers.Polls())
	sockets, streams := c.clients.Sockets.Stats(), c.clients.Streams.Stats()
	e.gauge(socketsDesc, float64(sockets.Open))
	e.gauge(operatingDesc, float64(sockets.Running))
	e.count(operatedDesc, float64(sockets.Operated))
	e.gauge(streamsDesc, float64(streams.Open))
	e.count(streamsSumDesc, float64(streams.Opened))
}

func (e emitter) memory(stats graph.MemoryStats) {
	e.gauge(memoryDesc, float64(stats.Size))
	e.gauge(takenDesc, float64(stats.Taken))
	e.gauge(waitingDesc, float64(stats.Waiting))
	e.count(inVainDesc, float64(stats.Refused))
}

func (e emitter) documents(stats persisted.Stats) {
	e.count(lookupsDesc, float64(stats.Hits), "hit")
	e.count(lookupsDesc, float64(stats.Misses), "miss")
	e.count(registeredDesc, float64(stats.Learnt))
	e.gauge(docBytesDesc, float64(stats.Bytes))
	e.count(poisonedDesc, float64(stats.Poisoned))
	e.count(untrustedDesc, float64(stats.Untrusted), "run")
	e.count(untrustedDesc, float64(stats.Refused), "refused")
	e.gauge(trustedDesc, float64(stats.Trusted))
	e.count(manifestsDesc, float64(stats.Reloads), "ok")
	e.count(manifestsDesc, float64(stats.Failures), "failed")
}

func (e emitter) limits(stats ratelimit.Stats) {
	e.count(limitedDesc, float64(stats.ClientRequests), "client-requests")
	e.count(limitedDesc, float64(stats.ClientCalls), "client-calls")
	e.count(limitedDesc, float64(stats.ViewerRequests), "viewer-requests")
	e.count(limitedDesc, float64(stats.ViewerCalls), "viewer-calls")
}

func (e emitter) watching(now watch.Stats, polls watch.Polls) {
	e.gauge(pollersDesc, float64(now.Polling))
	e.gauge(listenersDesc, float64(now.Listening))
	e.count(pollsDesc, float64(polls.Found), "ok")
	e.count(pollsDesc, float64(polls.Refused), "refused")
	e.count(pollsDesc, float64(polls.Failed), "failed")
}
