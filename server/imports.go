package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"muster/routing/intake"
	"muster/tenants/access"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

var (
	viewImports = right{"imports", access.View}
	runImports  = right{"imports", access.Run}
)

func (s *Server) registerImports() {
	type filter struct {
		Client string `query:"client" doc:"Only this client's"`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	read(s, route{method: http.MethodGet, path: "/imports", id: "list-imports", summary: "Imports, latest first", tag: "imports", need: viewImports},
		func(ctx context.Context, call *Call, in *filter) (*list[intake.Import], error) {
			var client ids.Client
			if in.Client != "" {
				var err error
				if client, err = s.visibleClient(ctx, call, in.Client); err != nil {
					return nil, err
				}
			}
			all, err := s.deps.Intake.Imports(ctx, call.Scope, client, in.Limit)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/imports/{id}", id: "get-import", summary: "One import with its counts", tag: "imports", need: viewImports},
		func(ctx context.Context, call *Call, in *IDPath) (*one[intake.Import], error) {
			id, err := parseID[ids.Import](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Intake.Import(ctx, call.Scope, id)
			return &one[intake.Import]{Body: v}, err
		})
	type issues struct {
		IDPath
		After int64 `query:"after" minimum:"0" doc:"Sequence number of the last issue read"`
		Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	read(s, route{method: http.MethodGet, path: "/imports/{id}/issues", id: "list-import-issues", summary: "Rows that did not go in, with line and reason", tag: "imports", need: viewImports},
		func(ctx context.Context, call *Call, in *issues) (*list[intake.StoredIssue], error) {
			id, err := parseID[ids.Import](in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Intake.Issues(ctx, call.Scope, id, in.After, in.Limit)
			return listOf(all), err
		})
	// Reverting works in short transactions of its own and goes on when called again.
	read(s, route{method: http.MethodPost, path: "/imports/{id}/revert", id: "revert-import", summary: "Take an import's rows back", tag: "imports", need: runImports},
		func(ctx context.Context, call *Call, in *IDPath) (*one[intake.Import], error) {
			id, err := parseID[ids.Import](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Intake.Revert(ctx, call.Scope, id, nil)
			if err != nil {
				return nil, err
			}
			call.Touch(id, v.ClientID)
			err = s.deps.DB.Write(ctx, call.Scope, func(tx *database.Tx) error {
				return s.record(tx, call, route{id: "revert-import", tag: "imports"})
			})
			return &one[intake.Import]{Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/mappings", id: "list-mappings", summary: "Saved mappings of a client", tag: "imports", need: viewImports},
		func(ctx context.Context, call *Call, in *IDPath) (*list[intake.SavedMapping], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Intake.Mappings(ctx, call.Scope, id)
			return listOf(all), err
		})
	type mapping struct {
		IDPath
		Body tabular.Mapping
	}
	change(s, route{method: http.MethodPut, path: "/clients/{id}/mappings", id: "save-mapping", summary: "Save how a source is read, as its next version", tag: "imports", need: runImports},
		func(ctx context.Context, call *Call, in *mapping) (*one[intake.SavedMapping], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Intake.SaveMapping(ctx, call.Scope, id, in.Body, call.Identity.User.ID)
			call.Touch(v.ID, id)
			return &one[intake.SavedMapping]{Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/state-codes", id: "list-state-codes", summary: "What a source's state codes mean", tag: "imports", need: viewImports},
		func(ctx context.Context, call *Call, in *struct {
			IDPath
			Source string `query:"source"`
		}) (*list[intake.StateMap], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Intake.StateMaps(ctx, call.Scope, id, in.Source)
			return listOf(all), err
		})
}

// upload is a multipart request read as it comes: the fields, then the file.
type upload struct {
	client  contract.Client
	kind    intake.Kind
	source  string
	preset  string
	mapping *tabular.Mapping
	dryRun  bool
	create  bool
	file    *multipart.Part
}

// content reads the file; a file that breaks off is the sender's fault.
func (u *upload) content() io.Reader { return wholeFile{u.file} }

// wholeFile gives an upload that breaks off its code.
type wholeFile struct{ part io.Reader }

// Read implements io.Reader.
func (w wholeFile) Read(p []byte) (int, error) {
	n, err := w.part.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fault.New(fault.Invalid, "http.malformed", "The upload is damaged; send it again.").Wrap(err)
	}
	return n, err
}

// maxField bounds the fields beside the file.
const maxField = 1 << 20

// readUpload reads the fields up to the file; the client must lie in the scope.
func (s *Server) readUpload(c *fiber.Ctx, call *Call) (*upload, error) {
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != "multipart/form-data" {
		return nil, fault.New(fault.Unsupported, "http.content_type", "Send the file as multipart/form-data.")
	}
	if err := admit(call, runImports); err != nil {
		return nil, err
	}
	u := &upload{}
	parts := multipart.NewReader(io.LimitReader(c.Request().BodyStream(), s.settings.HTTP.UploadLimit+maxField), params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, intake.ErrNoFile
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "http.malformed", "The upload is damaged; send it again.").Wrap(err)
		}
		if part.FormName() == "file" {
			u.file = part
			break
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return nil, fault.New(fault.Invalid, "http.malformed", "The upload is damaged; send it again.").Wrap(err)
		}
		if err := s.field(c.UserContext(), call, u, part.FormName(), string(value)); err != nil {
			return nil, err
		}
	}
	if u.client.ID.IsZero() || u.kind == "" {
		return nil, fault.New(fault.Invalid, "import.fields_missing", "The fields client and kind must come before the file.")
	}
	return u, nil
}

// field takes one field of an upload.
func (s *Server) field(ctx context.Context, call *Call, u *upload, name, value string) (err error) {
	switch name {
	case "client":
		u.client, err = s.deps.Contracts.ClientBySlug(ctx, call.Scope, value)
	case "kind":
		u.kind, err = intake.ParseKind(value)
	case "source":
		u.source = value
	case "preset":
		u.preset = value
	case "dry_run":
		u.dryRun = value == "true"
	case "create":
		u.create = value == "true"
	case "mapping":
		var m tabular.Mapping
		m, err = tabular.ParseMapping([]byte(value))
		u.mapping = &m
	default:
		err = fault.Newf(fault.Invalid, "http.unknown_field", "The field %q is unknown: use client, kind, source, preset, mapping, dry_run, create and file.", name).With("field", name)
	}
	return err
}

// uploadDays is how long an uploaded file is kept after its import.
const uploadDays = 30 * calendar.Day

// mountUploads registers the routes that read files as they come; huma would hold
// them in memory. They are described by hand in the OpenAPI document.
func (s *Server) mountUploads() {
	s.describeUploads()
	s.app.Post("/api/v1/imports", func(c *fiber.Ctx) error {
		call := callFrom(c.UserContext())
		// An upload may take longer than an ordinary request; the server's end stops it.
		ctx := context.WithValue(s.closing, callKey{}, call)
		u, err := s.readUpload(c, call)
		if err != nil {
			return err
		}
		sc := call.Scope.Within(u.client.ID)
		file, err := s.deps.Files.Create(ctx, sc, files.Spec{Client: u.client.ID, Name: u.file.FileName(), MediaType: "application/octet-stream", By: call.Identity.User.ID, ExpiresAt: s.deps.DB.Now() + uploadDays, MaxBytes: s.settings.HTTP.UploadLimit}, u.content())
		if err != nil {
			return err
		}
		var job jobs.Job
		err = s.deps.DB.Write(ctx, sc, func(tx *database.Tx) (err error) {
			job, err = intake.Enqueue(tx, s.deps.Jobs, u.client.ID, intake.JobArgs{File: file.ID, Kind: u.kind, Client: u.client.Slug, Source: u.source, Preset: u.preset, Mapping: u.mapping, DryRun: u.dryRun, Create: u.create, Actor: call.Identity.User.ID})
			if err != nil {
				return err
			}
			return s.deps.Audit.Append(tx, audit.Record{Client: u.client.ID, Actor: call.Identity.User.ID, ActorKind: audit.User, Action: "start-import", Object: "imports", ObjectID: ids.Any(job.ID), RequestID: call.RequestID,
				Detail: map[string]any{"file": file.ID, "kind": u.kind, "dry_run": u.dryRun}})
		})
		if err != nil {
			return err
		}
		return c.Status(http.StatusAccepted).JSON(viewJob(job))
	})
	s.app.Post("/api/v1/imports/preview", func(c *fiber.Ctx) error {
		call := callFrom(c.UserContext())
		u, err := s.readUpload(c, call)
		if err != nil {
			return err
		}
		proposed, err := s.propose(c.UserContext(), call.Scope.Within(u.client.ID), u)
		if err != nil {
			return err
		}
		return c.JSON(proposed)
	})
}

// previewBytes is how much of a file a preview looks at.
const previewBytes = 8 << 20

// propose reads the beginning of an uploaded file and proposes a mapping.
func (s *Server) propose(ctx context.Context, sc scope.Scope, u *upload) (tabular.Proposed, error) {
	head, err := io.ReadAll(io.LimitReader(u.content(), previewBytes))
	if err != nil {
		return tabular.Proposed{}, err
	}
	return s.deps.Intake.Propose(ctx, sc, intake.Request{Kind: u.kind, Client: u.client.Slug, Source: u.source, FileName: u.file.FileName(), Preset: u.preset,
		Open: func() (io.ReadCloser, error) { return reopen(head), nil }})
}
