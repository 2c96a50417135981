package server

import (
	"context"
	"encoding/json"
	"net/http"

	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/jobs"
)

// jobView is a job as the screens show it.
type jobView struct {
	ID         ids.Job           `json:"id"`
	Kind       string            `json:"kind"`
	Status     jobs.Status       `json:"status"`
	Progress   float64           `json:"progress" doc:"0 to 1"`
	Note       string            `json:"note"`
	Result     json.RawMessage   `json:"result,omitempty"`
	Error      *jobs.Failure     `json:"error,omitempty"`
	CreatedAt  calendar.Instant  `json:"created_at"`
	StartedAt  *calendar.Instant `json:"started_at,omitempty"`
	FinishedAt *calendar.Instant `json:"finished_at,omitempty"`
}

func viewJob(j jobs.Job) jobView {
	v := jobView{ID: j.ID, Kind: j.Kind, Status: j.Status, Progress: j.Progress, Note: j.ProgressNote, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, FinishedAt: j.FinishedAt}
	if j.Result != "" {
		v.Result = json.RawMessage(j.Result)
	}
	if !j.Error.IsZero() {
		v.Error = &j.Error
	}
	return v
}

func (s *Server) registerJobs() {
	view, edit := right{"jobs", access.View}, right{"jobs", access.Edit}
	read(s, route{method: http.MethodGet, path: "/jobs", id: "list-jobs", summary: "Background work, the newest first", tag: "jobs", need: view},
		func(ctx context.Context, call *Call, in *paging) (*list[jobView], error) {
			f := jobs.Filter{Limit: in.Limit}
			last, err := openCursor(call, "jobs", in.Cursor)
			if err != nil {
				return nil, err
			}
			if last != "" {
				if f.Before, err = parseID[ids.Job](last); err != nil {
					return nil, err
				}
			}
			found, err := s.deps.Jobs.List(ctx, call.Scope, f)
			if err != nil {
				return nil, err
			}
			views := make([]jobView, len(found))
			for i, j := range found {
				views[i] = viewJob(j)
			}
			page := listOf(views)
			if len(found) == in.Limit && in.Limit > 0 {
				page.Body.NextCursor = sealCursor(call, "jobs", found[len(found)-1].ID.String())
			}
			return page, nil
		})
	read(s, route{method: http.MethodGet, path: "/jobs/{id}", id: "get-job", summary: "Progress and result of one job", tag: "jobs", need: view},
		func(ctx context.Context, call *Call, in *IDPath) (*one[jobView], error) {
			id, err := parseID[ids.Job](in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Jobs.Get(ctx, call.Scope, id)
			return &one[jobView]{Body: viewJob(j)}, err
		})
	change(s, route{method: http.MethodPost, path: "/jobs/{id}/cancel", id: "cancel-job", summary: "Ask a job to stop", tag: "jobs", need: edit},
		func(ctx context.Context, call *Call, in *IDPath) (*one[jobView], error) {
			id, err := parseID[ids.Job](in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Jobs.Cancel(ctx, call.Scope, id)
			call.Touch(id, j.Client)
			return &one[jobView]{Body: viewJob(j)}, err
		})
}
