package server

import (
	_ "embed"
	"errors"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed docs.html
var docsPage []byte

//go:embed docs.js
var docsScript []byte

// mountScreens serves the page that shows the API and the built screens: hashed
// assets for ever, the entry page always fresh, and the entry page for every
// address of the screens' own router.
func (s *Server) mountScreens() {
	asset := func(kind string, body []byte) fiber.Handler {
		return func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderContentType, kind)
			return c.Send(body)
		}
	}
	s.app.Get("/docs", asset("text/html; charset=utf-8", docsPage))
	s.app.Get("/docs.js", asset("text/javascript; charset=utf-8", docsScript))
	s.app.Use(func(c *fiber.Ctx) error {
		p := c.Path()
		if strings.HasPrefix(p, "/api/") || (c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead) {
			return fiber.ErrNotFound
		}
		name := strings.TrimPrefix(path.Clean(p), "/")
		if name == "" {
			name = "index.html"
		}
		body, err := fs.ReadFile(s.deps.Screens, name)
		if errors.Is(err, fs.ErrNotExist) && strings.Contains(c.Get(fiber.HeaderAccept), "text/html") {
			name = "index.html"
			body, err = fs.ReadFile(s.deps.Screens, name)
		}
		if err != nil {
			return fiber.ErrNotFound
		}
		c.Set(fiber.HeaderContentType, mime.TypeByExtension(path.Ext(name)))
		if strings.HasPrefix(name, "assets/") {
			c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		} else {
			c.Set(fiber.HeaderCacheControl, "no-cache")
		}
		return c.Send(body)
	})
}
