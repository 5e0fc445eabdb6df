// Package metrics holds the figures of the server that an operator watches with Prometheus.
package metrics

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"crmgraph/graph/executor"
)

// Metrics are the figures of one server, beside those of its process and of Go's runtime.
// Labels have fixed values: nothing that a client or a CRM sends is in one. It is safe for
// concurrent use.
type Metrics struct {
	registry  *prometheus.Registry
	fallbacks *prometheus.CounterVec
}

// New returns figures that are all 0, each known by name.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		fallbacks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "crmgraph_executor_fallback_total",
			Help: "Operations that the compiled executor left to gqlgen's own, by reason.",
		}, []string{"reason"}),
	}
	for _, reason := range reasons() {
		m.fallbacks.WithLabelValues(string(reason))
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.fallbacks,
	)
	return m
}

// reasons are all there are to leave an operation to gqlgen's executor.
func reasons() []executor.Reason {
	return []executor.Reason{
		executor.ReasonSubscription, executor.ReasonIntrospection, executor.ReasonDirective,
		executor.ReasonMiddleware, executor.ReasonField, executor.ReasonSize,
	}
}

// Fallback counts an operation that the compiled executor left to gqlgen's own.
func (m *Metrics) Fallback(_ context.Context, reason executor.Reason) {
	m.fallbacks.WithLabelValues(string(reason)).Inc()
}

// Handler answers GET /metrics with all figures in the text format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
