package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"muster/config"
	"muster/config/locales"
	"muster/tenants/access"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
)

// Server is the door of one node.
type Server struct {
	settings config.Settings
	deps     Deps
	log      *slog.Logger
	app      *fiber.App
	api      huma.API
	metrics  *metrics
	version  string
	closing  context.Context // ends when the server begins to shut down; streams end with it
	close    context.CancelFunc
	flights  flights
}

// New builds the door. It listens only when Serve is called.
func New(settings config.Settings, deps Deps, log *slog.Logger, version string) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{settings: settings, deps: deps, log: log, version: version}
	s.closing, s.close = context.WithCancel(context.Background())
	s.app = fiber.New(fiber.Config{
		AppName:               "muster",
		DisableStartupMessage: true,
		Immutable:             true, // strings of a request outlive it
		BodyLimit:             int(settings.HTTP.BodyLimit),
		StreamRequestBody:     true, // uploads are read as they come
		// fasthttp would otherwise read multipart forms itself and leave no stream
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               16 << 10,
		ReadTimeout:                  0, // uploads may take long; idle connections end by IdleTimeout
		IdleTimeout:                  90 * time.Second,
		ErrorHandler:                 s.answerError,
		EnableTrustedProxyCheck:      true,
		TrustedProxies:               settings.HTTP.TrustedProxies,
		ProxyHeader:                  fiber.HeaderXForwardedFor,
		EnableIPValidation:           true,
	})
	s.metrics = newMetrics(deps, s.flights.count)
	s.app.Use(s.identifyRequest, s.metrics.observe, s.accept, recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: s.logPanic}), s.secure, s.authenticate)
	s.mountHealth()
	s.mountAPI()
	s.mountStreams()
	s.mountUploads()
	s.mountWorkbooks()
	s.mountCalendar()
	s.mountFeeds()
	s.mountScreens()
	return s, nil
}

// mountAPI registers every operation.
func (s *Server) mountAPI() {
	huma.NewErrorWithContext = malformed
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return malformed(nil, status, msg, errs...)
	}
	c := huma.DefaultConfig("muster", s.version)
	c.DocsPath = ""
	c.CreateHooks = nil // no $schema links in bodies
	c.Info.Description = "Workforce management and multi-client operations for outsourcing contact centres. Ids and decimals are strings, instants RFC 3339 UTC."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Opaque session; writes need the header X-CSRF-Token"},
		"token":   {Type: "http", Scheme: "bearer", Description: "API token, limited to its scopes"},
	}
	s.api = humafiber.New(s.app, c)
	// Amounts write themselves as texts; the schema shall say so.
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(typeOf[money.Amount](), typeOf[amountView]())
	s.registerAll()
}

// OpenAPI gives the description of the API as indented JSON, with stable order.
func (s *Server) OpenAPI() ([]byte, error) {
	return indentJSON(s.api.OpenAPI())
}

// App gives the Fiber app, for tests that call it without a socket.
func (s *Server) App() *fiber.App { return s.app }

// Serve listens until the context ends, then refuses new work, ends streams and
// finishes what was accepted within the shutdown timeout.
func (s *Server) Serve(ctx context.Context, ready func(address string)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.settings.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("server: cannot listen on %s: %w", s.settings.HTTP.Listen, err)
	}
	done := make(chan error, 1)
	go func() { done <- s.app.Listener(listener) }()
	if ready != nil {
		ready(listener.Addr().String())
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	s.close()
	// While accepted requests run, the address still answers: readiness says no and
	// new work is refused with a code instead of a broken connection.
	s.flights.finish(s.settings.HTTP.ShutdownTimeout)
	if err := s.app.ShutdownWithTimeout(s.settings.HTTP.ShutdownTimeout); err != nil {
		return fmt.Errorf("server: requests were still running after %s: %w", s.settings.HTTP.ShutdownTimeout, err)
	}
	return <-done
}

// flights counts the requests at work and lets a stopping server wait for them.
type flights struct {
	mu      sync.Mutex
	running int
	closed  bool
	idle    chan struct{} // closed when the last request of a closing server has ended
}

// begin takes a request in, unless the server is closing.
func (a *flights) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.running++
	return true
}

// end tells that a request is answered.
func (a *flights) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running--
	if a.closed && a.running == 0 {
		close(a.idle)
	}
}

// count gives how many requests are at work.
func (a *flights) count() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return float64(a.running)
}

// finish takes no more requests and waits for those at work, not longer than the timeout.
func (a *flights) finish(timeout time.Duration) {
	a.mu.Lock()
	a.closed, a.idle = true, make(chan struct{})
	if a.running == 0 {
		close(a.idle)
	}
	a.mu.Unlock()
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case <-a.idle:
	case <-t.C:
	}
}

// accept refuses requests of the API while the server closes; those it took count as accepted.
func (s *Server) accept(c *fiber.Ctx) error {
	if !strings.HasPrefix(c.Path(), "/api/") {
		return c.Next()
	}
	if !s.flights.begin() {
		c.Context().SetConnectionClose()
		return fault.New(fault.Unavailable, "http.closing", "This server is shutting down; send the request again.")
	}
	defer s.flights.end()
	return c.Next()
}

// identifyRequest gives the request its id, language, deadline and call.
func (s *Server) identifyRequest(c *fiber.Ctx) error {
	id := c.Get("X-Request-Id")
	if id == "" || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		id = ids.New[ids.Any](s.deps.DB.IDs()).String()
	}
	c.Set("X-Request-Id", id)
	call := &Call{RequestID: id, Locale: locales.Match(c.Get(fiber.HeaderAcceptLanguage), locales.Locale(s.settings.Locale)), address: c.IP(), ifMatch: c.Get(fiber.HeaderIfMatch)}
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), callKey{}, call), s.settings.HTTP.RequestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	if c.Request().BodyStream() == nil { // the adapter reads the stream of every request with a body
		c.Request().SetBodyStream(strings.NewReader(""), 0)
	}
	err := c.Next()
	s.drain(c)
	return err
}

// drain reads what a refused request left unread, so that it is not taken for the
// next request; a body that goes on beyond the limit ends the connection.
func (s *Server) drain(c *fiber.Ctx) {
	body := c.Request().BodyStream()
	if body == nil {
		return
	}
	limit := s.settings.HTTP.BodyLimit
	if call := callFrom(c.UserContext()); strings.HasPrefix(c.Path(), "/api/v1/imports") && call.Identity.Method != "" {
		limit = s.settings.HTTP.UploadLimit // a browser that is still sending a file would not see why it was refused
	}
	n, err := io.CopyN(io.Discard, body, limit)
	if n == limit || (err != nil && !errors.Is(err, io.EOF)) {
		c.Context().SetConnectionClose()
	}
}

// secure sets the headers that every answer carries.
func (s *Server) secure(c *fiber.Ctx) error {
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'")
	if strings.HasPrefix(s.settings.HTTP.PublicURL, "https://") {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	return c.Next()
}

// Names of cookie and header.
const (
	sessionCookie = "muster_session"
	csrfHeader    = "X-CSRF-Token"
)

// authenticate finds the caller of an API request; operations that need nobody
// ignore that nobody is signed in.
func (s *Server) authenticate(c *fiber.Ctx) error {
	if !strings.HasPrefix(c.Path(), "/api/") {
		return c.Next()
	}
	call := callFrom(c.UserContext())
	call.authErr = s.identify(c, call)
	if call.authErr == nil {
		if l := locales.Locale(call.Identity.User.Locale); c.Get(fiber.HeaderAcceptLanguage) == "" && l != "" {
			call.Locale = l
		}
	} else if fault.KindOf(call.authErr) != fault.Unauthorized {
		return call.authErr
	}
	return c.Next()
}

// identify authenticates by bearer token or by cookie; unsafe methods under a
// cookie need the session's CSRF token.
func (s *Server) identify(c *fiber.Ctx, call *Call) (err error) {
	if token, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "); ok {
		call.Identity, err = s.deps.Access.AuthenticateToken(c.UserContext(), token)
		return err
	}
	token := c.Cookies(sessionCookie)
	if token == "" {
		return fault.New(fault.Unauthorized, "access.no_session", "Nobody is signed in; sign in first.")
	}
	if call.Identity, err = s.deps.Access.Authenticate(c.UserContext(), token); err != nil {
		return err
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return nil
	}
	if c.Path() == "/api/v1/session" && c.Method() == fiber.MethodPost {
		return nil // signing in replaces whatever session there was
	}
	if !sameSecret(c.Get(csrfHeader), call.Identity.CSRF) {
		call.Identity = access.Identity{}
		return fault.Newf(fault.Forbidden, "access.csrf", "The request lacks the session's token in the header %s; reload the page.", csrfHeader)
	}
	return nil
}

// answerError answers errors of routes that are not huma's.
func (s *Server) answerError(c *fiber.Ctx, err error) error {
	var f *fiber.Error
	if errors.As(err, &f) {
		kind, code := fault.Invalid, "http.bad_request"
		switch f.Code {
		case http.StatusNotFound:
			kind, code = fault.NotFound, "http.not_found"
		case http.StatusMethodNotAllowed:
			kind, code = fault.NotFound, "http.method"
		case http.StatusRequestEntityTooLarge:
			kind, code = fault.TooLarge, "http.too_large"
		}
		err = fault.New(kind, code, f.Message)
	}
	p := s.problem(c.UserContext(), err)
	for k, v := range p.GetHeaders() {
		c.Set(k, v[0])
	}
	c.Status(p.Status)
	if err := c.JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}

// logPanic keeps the stack of a panic for the log; the caller gets an internal error.
func (s *Server) logPanic(c *fiber.Ctx, e any) {
	s.log.Error("panic in a handler", "request", callFrom(c.UserContext()).RequestID, "panic", fmt.Sprint(e), "stack", stack())
}
