package routing

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of this node's part in routing.
type metrics struct {
	leads    prometheus.Gauge
	epoch    prometheus.Gauge
	changes  *prometheus.CounterVec
	inputs   prometheus.Histogram
	seconds  prometheus.Histogram
	answers  prometheus.Histogram
	failures prometheus.Counter
	asides   prometheus.Counter
	contacts *prometheus.GaugeVec
}

func newMetrics() metrics {
	fast := []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}
	return metrics{
		leads:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "muster_routing_leads", Help: "1 while this node leads routing."}),
		epoch:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "muster_routing_epoch", Help: "Epoch of the last lead of this node."}),
		changes:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_routing_role_changes_total", Help: "How often this node began to lead or stopped."}, []string{"to"}),
		inputs:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "muster_routing_commit_inputs", Help: "Inputs committed together.", Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}}),
		seconds:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "muster_routing_commit_seconds", Help: "Time to apply and commit a group of inputs.", Buckets: fast}),
		answers:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "muster_routing_input_seconds", Help: "Time from a caller's input to its answer, where this node led.", Buckets: fast}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "muster_routing_commit_failures_total", Help: "Groups that were not committed; the engine was rebuilt."}),
		asides:   prometheus.NewCounter(prometheus.CounterOpts{Name: "muster_routing_inputs_set_aside_total", Help: "Inputs that the floor could not take and went on without."}),
		contacts: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "muster_routing_contacts", Help: "Open contacts by status, while this node leads."}, []string{"status"}),
	}
}

// Collectors gives the figures for an exposition of metrics.
func (l *Live) Collectors() []prometheus.Collector {
	m := &l.metrics
	return []prometheus.Collector{m.leads, m.epoch, m.changes, m.inputs, m.seconds, m.answers, m.failures, m.asides, m.contacts}
}

// begin tells that this node leads now.
func (m *metrics) begin(epoch int64) {
	m.leads.Set(1)
	m.epoch.Set(float64(epoch))
	m.changes.WithLabelValues("leader").Inc()
}

// end tells that it does not lead any more.
func (m *metrics) end() {
	m.leads.Set(0)
	m.changes.WithLabelValues("follower").Inc()
	m.contacts.Reset()
}

// committed tells of a group.
func (m *metrics) committed(inputs, asides int, began time.Time, answered []answered) {
	if inputs == 0 {
		return
	}
	m.asides.Add(float64(asides))
	m.inputs.Observe(float64(inputs))
	m.seconds.Observe(time.Since(began).Seconds())
	for _, a := range answered {
		m.answers.Observe(time.Since(a.ask.since).Seconds())
	}
}

// count tells how many contacts are open by status.
func (m *metrics) count(open map[string]int) {
	for status, n := range open {
		m.contacts.WithLabelValues(status).Set(float64(n))
	}
}
