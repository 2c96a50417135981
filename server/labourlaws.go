package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/scheduling/roster/law"
	"muster/tenants/ids"
)

// LawPath names a labour law in a path.
type LawPath struct {
	ID string `path:"id" doc:"Id of the law, such as cn-standard"`
}

// registerLabourLaws registers labour laws as data, what sites follow, and what that makes of a roster.
func (s *Server) registerLabourLaws() {
	read(s, route{method: http.MethodGet, path: "/labour-laws", id: "list-labour-laws", summary: "Labour laws with rules, pay and sources, own ones in the place of those that come with the product", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.LabourLaw], error) {
			all, err := s.deps.Scheduling.LabourLaws(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/labour-laws/{id}", id: "get-labour-law", summary: "One labour law", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *LawPath) (*one[scheduling.LabourLaw], error) {
			l, err := s.deps.Scheduling.LabourLaw(ctx, call.Scope, in.ID)
			return &one[scheduling.LabourLaw]{ETag: etag(l.Edition), Body: l}, err
		})
	type lawText struct {
		Body struct {
			Text string `json:"text" maxLength:"1000000" doc:"JSON or YAML"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/labour-laws/reading", id: "read-labour-law", summary: "Read a labour law as people write it; nothing is stored", tag: "rosters", need: publishRosters},
		func(_ context.Context, _ *Call, in *lawText) (*one[law.Statute], error) {
			d, err := scheduling.ReadLabourLaw([]byte(in.Body.Text))
			return &one[law.Statute]{Body: d}, err
		})
	type lawEdit struct {
		LawPath
		Body law.Statute
	}
	change(s, route{method: http.MethodPut, path: "/labour-laws/{id}", id: "set-labour-law", summary: "Replace a labour law for this installation, or add one; one that exists needs If-Match with the ETag that was read", tag: "rosters", need: publishRosters},
		func(ctx context.Context, call *Call, in *lawEdit) (*one[scheduling.LabourLaw], error) {
			if err := needsProvider(call); err != nil {
				return nil, err
			}
			edition := 0
			if stored, err := s.deps.Scheduling.LabourLaw(ctx, call.Scope, in.ID); err == nil {
				if err := call.Version(etag(stored.Edition)); err != nil {
					return nil, err
				}
				edition = stored.Edition
			}
			in.Body.ID = in.ID
			l, err := s.deps.Scheduling.PutLabourLaw(ctx, call.Scope, in.Body, edition, call.Identity.User.ID)
			call.Note("law", in.ID)
			return &one[scheduling.LabourLaw]{ETag: etag(l.Edition), Body: l}, err
		})
	read(s, route{method: http.MethodGet, path: "/site-laws", id: "list-site-laws", summary: "Which labour law each site follows, from when", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.SiteLaw], error) {
			all, err := s.deps.Scheduling.SiteLaws(ctx, call.Scope)
			return listOf(all), err
		})
	type siteLaw struct {
		Keyed
		Body struct {
			Site     string `json:"site_id" format:"uuid"`
			Law      string `json:"law" maxLength:"40"`
			Holidays string `json:"holidays,omitempty" maxLength:"40" doc:"Preset of holidays and make-up days; empty = those that the law names"`
			RestDays []int  `json:"rest_days,omitempty" maxItems:"7" doc:"Weekdays paid as rest days, 0 Sunday .. 6 Saturday"`
			From     string `json:"valid_from" format:"date"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/site-laws", id: "set-site-law", summary: "Choose the labour law that a site follows from a date on", tag: "rosters", need: publishRosters, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *siteLaw) (*one[scheduling.SiteLaw], error) {
			if err := needsProvider(call); err != nil {
				return nil, err
			}
			l := scheduling.SiteLaw{Law: in.Body.Law, Holidays: in.Body.Holidays, RestDays: in.Body.RestDays, CreatedBy: call.Identity.User.ID}
			var err error
			if l.SiteID, err = parseID[ids.Site](in.Body.Site); err != nil {
				return nil, err
			}
			if l.ValidFrom, _, err = parseDates(in.Body.From, ""); err != nil {
				return nil, err
			}
			l, err = s.deps.Scheduling.SetSiteLaw(ctx, call.Scope, l)
			call.Touch(l.ID, ids.Client{})
			call.Note("law", in.Body.Law)
			return &one[scheduling.SiteLaw]{Body: l}, err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/rules", id: "get-roster-rules", summary: "The rules a roster was made under, whose they are and where they come from", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.RosterRules], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.RulesOf(ctx, call.Scope, id)
			return &one[scheduling.RosterRules]{Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/pay", id: "get-roster-pay", summary: "What a roster's paid minutes cost: nights, rest days, holidays, overtime by the law of each site", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.RosterPay], error) {
			if err := needsProvider(call); err != nil {
				return nil, err
			}
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.RosterPayOf(ctx, call.Scope, id)
			return &one[scheduling.RosterPay]{Body: v}, err
		})
}
