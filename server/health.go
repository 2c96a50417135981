package server

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/events"
)

// metrics are the figures of one node.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(deps Deps, running func() float64) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "muster_http_request_seconds", Help: "Time to answer requests by route, method and status.", Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route", "method", "status"})}
	m.registry.MustRegister(m.requests, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "muster_http_running", Help: "Requests of the API at work."}, running), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if deps.Live != nil {
		m.registry.MustRegister(deps.Live.Collectors()...)
	}
	if deps.Events != nil {
		m.registry.MustRegister(outboxLag{deps.Events})
	}
	if pool, err := deps.DB.Pool(); err == nil {
		m.registry.MustRegister(collectors.NewDBStatsCollector(pool, "muster"))
	}
	return m
}

// outboxLag tells, when it is asked, how far the consumers of events are behind.
type outboxLag struct{ stream *events.Stream }

var lagOf = prometheus.NewDesc("muster_outbox_lag_seconds", "Age of the oldest event that a consumer has yet to take.", []string{"consumer"}, nil)

// Describe implements prometheus.Collector.
func (outboxLag) Describe(out chan<- *prometheus.Desc) { out <- lagOf }

// Collect implements prometheus.Collector; a database that does not answer has no figure.
func (l outboxLag) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	lags, err := l.stream.Lags(ctx)
	if err != nil {
		return
	}
	for name, lag := range lags {
		out <- prometheus.MustNewConstMetric(lagOf, prometheus.GaugeValue, float64(lag)/float64(calendar.Second), name)
	}
}

// observe measures a request under the pattern of its route, never its address.
func (m *metrics) observe(c *fiber.Ctx) error {
	start := time.Now()
	err := c.Next()
	if err != nil { // let the error handler set the status before it is read
		if err = c.App().ErrorHandler(c, err); err != nil {
			return err
		}
	}
	m.requests.WithLabelValues(c.Route().Path, c.Method(), strconv.Itoa(c.Response().StatusCode())).Observe(time.Since(start).Seconds())
	return nil
}

// mountHealth serves liveness, readiness and metrics.
func (s *Server) mountHealth() {
	s.app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	s.app.Get("/readyz", func(c *fiber.Ctx) error {
		if s.closing.Err() != nil {
			return c.Status(http.StatusServiceUnavailable).SendString("shutting down\n")
		}
		applied, known, err := s.deps.DB.SchemaVersion(c.UserContext())
		switch {
		case err != nil:
			s.log.Warn("not ready", "error", err)
			return c.Status(http.StatusServiceUnavailable).SendString("database unavailable\n")
		case applied < known:
			return c.Status(http.StatusServiceUnavailable).SendString("schema is older than this binary; run muster migrate\n")
		}
		return c.SendString("ready\n")
	})
	expose := adaptor.HTTPHandler(promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	s.app.Get("/metrics", func(c *fiber.Ctx) error {
		// Figures tell about the business: others than this machine need a token.
		if ip := net.ParseIP(c.IP()); ip == nil || !ip.IsLoopback() {
			call := callFrom(c.UserContext())
			if err := s.identify(c, call); err != nil {
				return err
			}
			if _, err := call.Identity.Scope("settings", access.View); err != nil {
				return err
			}
		}
		return expose(c)
	})
}

// sameSecret compares in constant time; an empty expectation matches nothing.
func sameSecret(given, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
}

// stack gives the stack of the running goroutine.
func stack() string { return string(debug.Stack()) }

// indentJSON renders a value with two blanks and without escaping of HTML.
func indentJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
