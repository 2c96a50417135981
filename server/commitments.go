package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// registerCommitments registers what is agreed with clients about forecasts.
func (s *Server) registerCommitments() {
	read(s, route{method: http.MethodGet, path: "/clients/{id}/commitment-terms", id: "list-commitment-terms", summary: "Fiscal month, stages and tolerances agreed with a client, the newest version first", tag: "commitments", need: viewForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*list[scheduling.CommitmentTerms], error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.CommitmentTermsOf(ctx, call.Scope, client)
			return listOf(all), err
		})
	type newTerms struct {
		IDPath
		Keyed
		Body struct {
			From  string                        `json:"valid_from" format:"date" doc:"For fiscal months that begin on or after this date"`
			Terms scheduling.CommitmentDocument `json:"terms"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/clients/{id}/commitment-terms", id: "add-commitment-terms", summary: "Put the next version of the agreement in force; needs If-Match with the number of the newest version as ETag, \"v0\" before the first", tag: "commitments", need: editClients, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newTerms) (*one[scheduling.CommitmentTerms], error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			from, _, err := parseDates(in.Body.From, "")
			if err != nil {
				return nil, err
			}
			known, err := s.deps.Scheduling.CommitmentTermsOf(ctx, call.Scope, client)
			if err != nil {
				return nil, err
			}
			latest := 0
			if len(known) > 0 {
				latest = known[0].Version
			}
			if err := call.Version(etag(latest)); err != nil {
				return nil, err
			}
			t, err := s.deps.Scheduling.PutCommitmentTerms(ctx, call.Scope, client, from, in.Body.Terms, call.Identity.User.ID)
			call.Touch(t.ID, client)
			return &one[scheduling.CommitmentTerms]{Body: t}, err
		})
	type termsPreview struct {
		IDPath
		Body struct {
			From  string                        `json:"valid_from" format:"date"`
			Terms scheduling.CommitmentDocument `json:"terms"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/clients/{id}/commitment-terms/preview", id: "preview-commitment-terms", summary: "Which fiscal months terms would lock, beside what holds now; stores nothing", tag: "commitments", need: editClients},
		func(ctx context.Context, call *Call, in *termsPreview) (*one[scheduling.TermsPreview], error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			from, _, err := parseDates(in.Body.From, "")
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.PreviewCommitmentTerms(ctx, call.Scope, client, from, in.Body.Terms)
			return &one[scheduling.TermsPreview]{Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/commitment-stages", id: "list-typical-stages", summary: "The stages a contract usually begins with: 12 months, 90 and 60 days", tag: "commitments", need: viewForecasts},
		func(_ context.Context, _ *Call, _ *struct{}) (*list[scheduling.LockStage], error) {
			return listOf(scheduling.TypicalStages()), nil
		})
	read(s, route{method: http.MethodGet, path: "/commitments", id: "list-commitments", summary: "What was committed: version, fiscal month, stage, who, when, why a lock was opened; the newest first", tag: "commitments", need: viewForecasts},
		func(ctx context.Context, call *Call, in *ClientFilter) (*list[scheduling.ForecastCommitment], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Commitments(ctx, call.Scope, client)
			return listOf(all), err
		})
	type reportQuery struct {
		IDPath
		From string `query:"from" format:"date" doc:"Fiscal months that begin on or after this date; default a year ago"`
		To   string `query:"to" format:"date" doc:"and before this date"`
	}
	read(s, route{method: http.MethodGet, path: "/clients/{id}/commitment-report", id: "get-commitment-report", summary: "Forecast, committed and actual contacts per fiscal month, stage and queue against the tolerance", tag: "commitments", need: viewForecasts},
		func(ctx context.Context, call *Call, in *reportQuery) (*list[scheduling.CommitmentRow], error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			from, to, err := parseDates(in.From, in.To)
			if err != nil {
				return nil, err
			}
			if from == 0 {
				from = calendar.Date(s.deps.DB.Now()/calendar.Day) - 366
			}
			all, err := s.deps.Scheduling.CommitmentReport(ctx, call.Scope, client, from, to)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}/locks", id: "get-forecast-locks", summary: "Which locks hold for the months of a version and which of its totals they do not allow", tag: "commitments", need: viewForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.LockCheck], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			if _, err := s.deps.Scheduling.VisibleForecast(ctx, call.Scope, id, call.Identity.May("forecasts", access.Edit)); err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.ForecastLocks(ctx, call.Scope, id)
			return &one[scheduling.LockCheck]{Body: v}, err
		})
	type forecastCommit struct {
		IDPath
		Body *struct {
			Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Why locks are opened; needed only when some are in the way, with the right forecasts:unlock"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/forecasts/{id}/commit", id: "commit-forecast", summary: "Commit a published version to the client, a commitment per fiscal month", tag: "commitments", need: publishForecasts},
		func(ctx context.Context, call *Call, in *forecastCommit) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			r := scheduling.CommitRequest{MayUnlock: call.Identity.May("forecasts", access.Unlock), Actor: call.Identity.User.ID}
			if in.Body != nil {
				r.Reason = in.Body.Reason
			}
			f, err := s.deps.Scheduling.CommitForecast(ctx, call.Scope, id, r)
			call.Touch(id, f.ClientID)
			call.Note("reason", r.Reason)
			return &one[scheduling.Forecast]{Body: f}, err
		})
}
