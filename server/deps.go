package server

import (
	"io/fs"

	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/people"
)

// Deps are the services behind the door.
type Deps struct {
	DB        *database.DB
	Access    *access.Service
	Contracts *contract.Service
	People    *people.Service
	Jobs      *jobs.Queue
	// Screens are the built screens, index.html at the root.
	Screens fs.FS
	// Record writes the audit entry of a change in the change's transaction.
	Record func(tx *database.Tx, c Change) error
}

// Change is what the door knows about a change, for its audit entry.
type Change struct {
	Client    ids.Client
	Actor     ids.User
	Method    string // how the actor was known: "session" or "token"
	Action    string
	Object    string
	ObjectID  ids.Any
	RequestID string
	Detail    map[string]any
}

// registerAll registers every operation of the API.
func (s *Server) registerAll() {
	s.registerSession()
	s.registerClients()
	s.registerPeople()
	s.registerAdmin()
	s.registerJobs()
}

// mountStreams registers the event streams.
func (s *Server) mountStreams() {}

// mountUploads registers the routes that read files as they come.
func (s *Server) mountUploads() {}
