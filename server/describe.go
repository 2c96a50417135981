package server

import (
	"context"
	"os"
	"path/filepath"

	"muster/config"
	"muster/frontend"
	"muster/tenants/database"
)

// Describe gives the OpenAPI description without any running service: operations
// are registered on a door to an empty database that is thrown away.
func Describe() ([]byte, error) {
	dir, err := os.MkdirTemp("", "muster-openapi-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := database.Open(context.Background(), database.Options{Path: filepath.Join(dir, "empty.db")})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	s, err := New(config.Defaults(config.Demo), Deps{DB: db, Screens: frontend.Files()}, nil, "1")
	if err != nil {
		return nil, err
	}
	return s.OpenAPI()
}
