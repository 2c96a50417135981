package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"muster/scheduling"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// cellInput is one cell of an edit as it is sent.
type cellInput struct {
	Agent    string `json:"agent_id" format:"uuid"`
	Day      string `json:"day,omitempty" format:"date" doc:"Business date in the agent's site; with start_at it follows from that"`
	Template string `json:"template,omitempty" doc:"Shift type; without it and text: a day off"`
	Start    string `json:"start_at,omitempty" doc:"RFC 3339, of template"`
	Minutes  int    `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"From start to end; default the shift type's"`
	Text     string `json:"text,omitempty" maxLength:"100" doc:"Instead of template and start_at, as planners write: 08:00-17:00, 08:00, late, off"`
}

// editInput is an edit of a draft as it is sent.
type editInput struct {
	Kind  string      `json:"kind" enum:"edit,clear,move,paste,fill,import" doc:"What the planner did; names the operation in the history"`
	Cells []cellInput `json:"cells" minItems:"1" maxItems:"1000"`
	Force bool        `json:"force,omitempty" doc:"Store although a hard rule is broken"`
}

// edit reads an edit.
func (in editInput) edit(call *Call) (scheduling.Edit, error) {
	e := scheduling.Edit{Kind: scheduling.OperationKind(in.Kind), Force: in.Force, Actor: call.Identity.User.ID}
	for _, v := range in.Cells {
		c := scheduling.Cell{Template: v.Template, Minutes: v.Minutes, Text: v.Text}
		var err error
		if c.AgentID, err = parseID[ids.Agent](v.Agent); err != nil {
			return e, err
		}
		if c.Day, _, err = parseDates(v.Day, ""); err != nil {
			return e, err
		}
		span, err := SpanQuery{From: v.Start}.span()
		if err != nil {
			return e, err
		}
		if c.StartAt = span.Start; c.Template != "" && c.StartAt == 0 {
			return e, fault.New(fault.Invalid, "roster.cell_start", "A shift needs start_at.")
		}
		e.Cells = append(e.Cells, c)
	}
	return e, nil
}

// edition reads the edition that If-Match names.
func (c *Call) edition() (int, error) {
	if c.ifMatch == "" {
		return 0, c.Version("")
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(c.ifMatch, `"v`), `"`))
	if err != nil || n < 1 {
		return 0, fault.New(fault.Stale, "http.stale", "Somebody changed this in the meantime; read it again and repeat the change.")
	}
	return n, nil
}

// registerRosterEdits registers the edits of a draft by hand.
func (s *Server) registerRosterEdits() {
	type body struct {
		IDPath
		Body editInput
	}
	type changing struct {
		IDPath
		Keyed
		Body editInput
	}
	read(s, route{method: http.MethodPost, path: "/rosters/{id}/operations/check", id: "check-roster-operation", summary: "What an edit of a draft would break, heal and cover; nothing is stored", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *body) (*one[scheduling.RosterChange], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			e, err := in.Body.edit(call)
			if err != nil {
				return nil, err
			}
			e.DryRun = true
			out, err := s.deps.Scheduling.EditRoster(ctx, call.Scope, id, e)
			return &one[scheduling.RosterChange]{ETag: etag(out.Edition), Body: out}, err
		})
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/operations", id: "edit-roster", summary: "Edit cells of a draft together; one operation that can be undone. Needs If-Match", tag: "rosters", need: editRosters},
		func(ctx context.Context, call *Call, in *changing) (*one[scheduling.RosterChange], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			e, err := in.Body.edit(call)
			if err != nil {
				return nil, err
			}
			if e.Edition, err = call.edition(); err != nil {
				return nil, err
			}
			out, err := s.deps.Scheduling.EditRoster(ctx, call.Scope, id, e)
			call.Touch(id, ids.Client{})
			call.Note("kind", in.Body.Kind)
			call.Note("cells", len(in.Body.Cells))
			return &one[scheduling.RosterChange]{ETag: etag(out.Edition), Body: out}, err
		})
	s.replayRoster("undo", "Take the last operation of a draft back. Needs If-Match", s.deps.Scheduling.UndoRoster)
	s.replayRoster("redo", "Make the operation undone last again. Needs If-Match", s.deps.Scheduling.RedoRoster)
	s.registerRosterFiles()
}

// replayRoster registers undo or redo.
func (s *Server) replayRoster(verb, summary string, replay func(context.Context, scope.Scope, ids.Roster, int, ids.User) (scheduling.RosterChange, error)) {
	type input struct {
		IDPath
		Keyed
	}
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/" + verb, id: verb + "-roster", summary: summary, tag: "rosters", need: editRosters},
		func(ctx context.Context, call *Call, in *input) (*one[scheduling.RosterChange], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			edition, err := call.edition()
			if err != nil {
				return nil, err
			}
			out, err := replay(ctx, call.Scope, id, edition, call.Identity.User.ID)
			call.Touch(id, ids.Client{})
			return &one[scheduling.RosterChange]{ETag: etag(out.Edition), Body: out}, err
		})
}

// registerRosterFiles registers what goes to and comes from spreadsheets.
func (s *Server) registerRosterFiles() {
	type sheet struct {
		IDPath
		Body scheduling.Sheet
	}
	read(s, route{method: http.MethodPost, path: "/rosters/{id}/import/preview", id: "preview-roster-import", summary: "What a sheet of agents by days would change; nothing is stored", tag: "rosters", need: editRosters, maxBody: maxSheet},
		func(ctx context.Context, call *Call, in *sheet) (*one[scheduling.ImportPreview], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			out, err := s.deps.Scheduling.PreviewImport(ctx, call.Scope, id, in.Body)
			return &one[scheduling.ImportPreview]{Body: out}, err
		})
	type importing struct {
		IDPath
		Keyed
		Body struct {
			scheduling.Sheet
			Force bool `json:"force,omitempty" doc:"Store although a hard rule is broken"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/import", id: "import-roster", summary: "Make the cells of a sheet that differ one operation of a draft. Needs If-Match", tag: "rosters", need: editRosters, maxBody: maxSheet},
		func(ctx context.Context, call *Call, in *importing) (*one[scheduling.RosterChange], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			e := scheduling.Edit{Force: in.Body.Force, Actor: call.Identity.User.ID}
			if e.Edition, err = call.edition(); err != nil {
				return nil, err
			}
			out, err := s.deps.Scheduling.ImportSheet(ctx, call.Scope, id, in.Body.Sheet, e)
			call.Touch(id, ids.Client{})
			call.Note("cells", len(out.Cells))
			return &one[scheduling.RosterChange]{ETag: etag(out.Edition), Body: out}, err
		})
	s.download("/rosters/:id/workbook", "export-roster", "A roster as an Excel workbook: agents by days, coverage, broken rules", "rosters", viewRosters,
		func(c *fiber.Ctx, call *Call) (string, []byte, error) {
			id, err := parseID[ids.Roster](c.Params("id"))
			if err != nil {
				return "", nil, err
			}
			return s.deps.Scheduling.RosterWorkbook(c.UserContext(), call.Scope, id, c.Query("locale", string(call.Locale)))
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/exchange", id: "export-roster-exchange", summary: "Agents at work per site, skill combination and time, as CSV", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*csvFile, error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			text, err := s.deps.Scheduling.ExchangeCSV(ctx, call.Scope, id)
			return newCSVFile("staffing-exchange.csv", text), err
		})
	type exchange struct {
		IDPath
		Body struct {
			Text string `json:"text" maxLength:"8000000" doc:"The CSV file"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/rosters/{id}/exchange/comparison", id: "compare-roster-exchange", summary: "How a partner's staffing file differs from the roster", tag: "rosters", need: viewRosters, maxBody: maxSheet},
		func(ctx context.Context, call *Call, in *exchange) (*one[scheduling.ExchangeComparison], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			out, err := s.deps.Scheduling.CompareExchange(ctx, call.Scope, id, in.Body.Text)
			return &one[scheduling.ExchangeComparison]{Body: out}, err
		})
}

// maxSheet bounds the files that planners send.
const maxSheet = 16 << 20
