package server

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"muster/scheduling"
	"muster/tenants/ids"
)

// registerReceived registers staffing files that others hand in.
func (s *Server) registerReceived() {
	read(s, route{method: http.MethodGet, path: "/received-plans", id: "list-received-plans", summary: "Staffing that others handed in, the newest first", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.ReceivedPlan], error) {
			all, err := s.deps.Scheduling.ReceivedPlans(ctx, call.Scope)
			return listOf(all), err
		})
	type receiving struct {
		Keyed
		Body struct {
			Name     string `json:"name" maxLength:"200" doc:"Versions of one name follow each other"`
			Text     string `json:"text" maxLength:"8000000" doc:"CSV: source, skillcombination, startdatetime, enddatetime, agents"`
			FileName string `json:"file_name,omitempty" maxLength:"255"`
			Zone     string `json:"zone,omitempty" doc:"Of times without an offset; default the provider's"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/received-plans", id: "receive-plan", summary: "Keep a staffing file as the next version of its name; the same file again changes nothing", tag: "rosters", need: editRosters, status: http.StatusCreated, maxBody: maxSheet},
		func(ctx context.Context, call *Call, in *receiving) (*one[scheduling.ReceivedPlan], error) {
			if err := needsProvider(call); err != nil {
				return nil, err
			}
			b := in.Body
			p, err := s.deps.Scheduling.Receive(ctx, call.Scope, scheduling.NewReceived{Name: b.Name, Text: b.Text, FileName: b.FileName, Zone: b.Zone, Actor: call.Identity.User.ID})
			call.Touch(p.ID, ids.Client{})
			call.Note("sha256", p.SHA256)
			return &one[scheduling.ReceivedPlan]{Body: p}, err
		})
	s.download("/received-plans/:id/file", "get-received-file", "The staffing file as it came", "rosters", viewRosters,
		func(c *fiber.Ctx, call *Call) (string, []byte, error) {
			id, err := parseID[ids.Any](c.Params("id"))
			if err != nil {
				return "", nil, err
			}
			return s.deps.Scheduling.ReceivedFile(c.UserContext(), call.Scope, id)
		})
	read(s, route{method: http.MethodGet, path: "/received-plans/{id}/exchange", id: "export-received-plan", summary: "The rows of a received plan in the exchange form", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*csvFile, error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			text, err := s.deps.Scheduling.ReceivedCSV(ctx, call.Scope, id)
			return newCSVFile("received-plan.csv", text), err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/absence", id: "get-roster-absence", summary: "How often the roster's people did not come in the weeks before", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.AbsenceRate], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			a, err := s.deps.Scheduling.AbsenceOf(ctx, call.Scope, id)
			return &one[scheduling.AbsenceRate]{Body: a}, err
		})
}
