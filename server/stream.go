package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"muster/tenants/scope"
)

// How often a silent stream says that it lives, and how often the caller's right
// is checked again while events flow.
const (
	heartbeat    = 10 * time.Second
	recheckRight = 3 * time.Second
	// readerTimeout bounds how long a reader may take nothing of what it is sent.
	readerTimeout = 10 * time.Second
)

// message is one server-sent event.
type message struct {
	id   string // resume point, sent back by the browser as Last-Event-ID
	name string
	data any
}

// source feeds a stream: it calls send for each message until its context ends or
// send reports that the reader has gone.
type source func(ctx context.Context, call *Call, last string, send func(message) error) error

// stream serves server-sent events on Fiber itself (huma's would not flush). The
// right is checked when the stream begins and again every few seconds: revoking it
// ends the stream.
func (s *Server) stream(path string, need right, feed source) {
	s.app.Get("/api/v1"+path, func(c *fiber.Ctx) error {
		call := *callFrom(c.UserContext()) // the request's own is gone when the body is written
		if err := admit(&call, need); err != nil {
			return err
		}
		token, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		if !ok {
			token = c.Cookies(sessionCookie)
		}
		last := c.Get("Last-Event-ID", c.Query("last_event_id"))
		c.Set(fiber.HeaderContentType, "text/event-stream")
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set("X-Accel-Buffering", "no")
		conn := c.Context().Conn()
		c.Context().SetConnectionClose() // its deadlines are the stream's
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			s.pump(w, func() { _ = conn.SetWriteDeadline(time.Now().Add(readerTimeout)) }, &call, need, token, last, feed)
		})
		return nil
	})
}

// pump runs the source and writes what it sends until reader, right or server end.
// Before each write it gives the reader new time by extend.
func (s *Server) pump(w *bufio.Writer, extend func(), call *Call, need right, token, last string, feed source) {
	ctx, cancel := context.WithCancel(context.WithValue(s.closing, callKey{}, call))
	defer cancel()
	queue := make(chan message, 64)
	failed := make(chan error, 1)
	go func() {
		failed <- feed(ctx, call, last, func(m message) error {
			select {
			case queue <- m:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	write := func(text string) bool {
		extend()
		_, err := w.WriteString(text)
		return err == nil && w.Flush() == nil
	}
	if !write("retry: 2000\n\n") {
		return
	}
	beat, check := time.NewTicker(heartbeat), time.NewTicker(recheckRight)
	defer beat.Stop()
	defer check.Stop()
	for {
		select {
		case m := <-queue:
			text, err := render(m)
			if err != nil {
				s.log.Error("event cannot be written", "event", m.name, "error", err)
				return
			}
			if !write(text) {
				return
			}
		case err := <-failed:
			if ctx.Err() != nil { // the source may end before this loop sees why
				write("event: closing\ndata: {}\n\n")
			} else if err != nil {
				s.log.Error("stream failed", "request", call.RequestID, "error", err)
			}
			return
		case <-beat.C:
			if !write(": alive\n\n") {
				return
			}
		case <-check.C:
			if !s.stillAllowed(ctx, call, need, token) {
				write("event: revoked\ndata: {}\n\n")
				return
			}
		case <-ctx.Done():
			write("event: closing\ndata: {}\n\n")
			return
		}
	}
}

// stillAllowed checks session, right and scope again.
func (s *Server) stillAllowed(ctx context.Context, call *Call, need right, token string) bool {
	authenticate := s.deps.Access.Authenticate
	if call.Identity.Method == "token" {
		authenticate = s.deps.Access.AuthenticateToken
	}
	identity, err := authenticate(ctx, token)
	if err != nil {
		return ctx.Err() != nil // a stopping server ends the stream by itself
	}
	fresh := Call{Identity: identity}
	return admit(&fresh, need) == nil && sameScope(fresh.Scope, call.Scope)
}

func sameScope(a, b scope.Scope) bool { return a.String() == b.String() }

// render writes a message in the format of server-sent events.
func render(m message) (string, error) {
	data, err := json.Marshal(m.data)
	if err != nil {
		return "", err
	}
	if m.id != "" {
		return fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", m.id, m.name, data), nil
	}
	return fmt.Sprintf("event: %s\ndata: %s\n\n", m.name, data), nil
}
