package intake

import (
	"context"
	"io"

	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// JobKind is the kind of the job that imports an uploaded file.
const JobKind = "import.run"

// JobArgs are the arguments of an import as a job. The file lies in tenants/files.
type JobArgs struct {
	File    ids.File         `json:"file"`
	Kind    Kind             `json:"kind"`
	Client  string           `json:"client"` // slug
	Source  string           `json:"source,omitempty"`
	Mapping *tabular.Mapping `json:"mapping,omitempty"`
	// Chosen maps columns to fields as a person chose, instead of a mapping.
	Chosen map[string]string `json:"chosen,omitempty"`
	Preset string            `json:"preset,omitempty"`
	DryRun bool              `json:"dry_run,omitempty"`
	Create bool              `json:"create,omitempty"`
	Actor  ids.User          `json:"actor"`
}

// jobIssues bounds the issues a job's result carries; a stored import has them all.
const jobIssues = 500

// JobResult is the result of the job: the summary and the first issues, which after
// a dry run are stored nowhere else.
type JobResult struct {
	Summary
	Issues []JobIssue `json:"issues"`
}

// JobIssue is one issue in a job's result.
type JobIssue struct {
	tabular.Issue
	Grade Grade `json:"grade"`
}

// Enqueue makes the job in the caller's transaction. The same file is imported by
// one job at a time.
func Enqueue(tx *database.Tx, q *jobs.Queue, client ids.Client, a JobArgs) (jobs.Job, error) {
	if _, err := ParseKind(string(a.Kind)); err != nil {
		return jobs.Job{}, err
	}
	job, _, err := q.Enqueue(tx, jobs.Spec{Kind: JobKind, Version: 1, Client: client, Args: a, Actor: a.Actor, UniqueKey: "import/" + a.File.String()})
	return job, err
}

// HandleJobs registers the handler of imports on the pool. A JobResult is the job's result.
func (s *Service) HandleJobs(p *jobs.Pool, store *files.Store, done func(context.Context)) {
	p.Handle(JobKind, 1, func(ctx context.Context, job *jobs.Running) (any, error) {
		var a JobArgs
		if err := job.DecodeArgs(&a); err != nil {
			return nil, err
		}
		all := scope.Provider()
		file, err := store.Get(ctx, all, a.File)
		if err != nil {
			return nil, err
		}
		result := JobResult{Issues: []JobIssue{}}
		result.Summary, err = s.Run(ctx, all, Request{Kind: a.Kind, Client: a.Client, Source: a.Source, File: a.File, FileName: file.Name, Mapping: a.Mapping, Chosen: a.Chosen, Preset: a.Preset,
			DryRun: a.DryRun, Create: a.Create, Actor: a.Actor,
			Issue: func(i tabular.Issue, g Grade) {
				if len(result.Issues) < jobIssues {
					result.Issues = append(result.Issues, JobIssue{i, g})
				}
			},
			Open: func() (io.ReadCloser, error) {
				_, r, err := store.Open(ctx, all, a.File)
				return r, err
			},
			Progress: func(rows, total int64) {
				if total > 0 {
					job.Progress(float64(rows)/float64(total), "rows")
				} else {
					job.Progress(0, "reading")
				}
			}})
		if err != nil {
			return nil, err
		}
		if !a.DryRun && done != nil {
			done(ctx)
		}
		return result, nil
	})
}

// ErrNoFile is the fault of an upload without a file.
var ErrNoFile = fault.New(fault.Invalid, "import.no_file", "The request carries no file; send it as the multipart field file, after the other fields.")
