package scheduling

import (
	"context"
	"fmt"

	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// Kinds of jobs.
const (
	JobForecast   = "forecast.create"
	JobLongRange  = "forecast.long_range"
	JobStaffing   = "staffing.create"
	JobRoster     = "roster.create"
	JobTiers      = "staffing.tiers"
	JobSimulation = "simulation.run"
	JobTrial      = "simulation.trial"
	JobRevise     = "roster.revise"
	JobDay        = "roster.day"
	JobRestore    = "roster.restore"
)

// work is the arguments of a job with the scope of whoever asked for it.
type work[T any] struct {
	Provider bool         `json:"provider"`
	Clients  []ids.Client `json:"clients,omitempty"`
	Input    T            `json:"input"`
}

func workOf[T any](sc scope.Scope, input T) work[T] {
	return work[T]{Provider: sc.IsProvider(), Clients: sc.ClientIDs(), Input: input}
}

func (w work[T]) scope() scope.Scope {
	if w.Provider {
		return scope.Provider()
	}
	return scope.Clients(w.Clients...)
}

// Made is the result of a planning job: the id of what it stored.
type Made struct {
	ID string `json:"id"`
}

// Handlers registers the planning jobs with a pool of workers.
func (s *Service) Handlers(pool *jobs.Pool) {
	handle(pool, JobForecast, func(ctx context.Context, sc scope.Scope, in NewForecast, p Progress) (fmt.Stringer, error) {
		f, err := s.CreateForecast(ctx, sc, in, p)
		return f.ID, err
	})
	handle(pool, JobLongRange, func(ctx context.Context, sc scope.Scope, in NewLongForecast, p Progress) (fmt.Stringer, error) {
		l, err := s.CreateLongForecast(ctx, sc, in, p)
		return l.ID, err
	})
	handle(pool, JobStaffing, func(ctx context.Context, sc scope.Scope, in NewPlan, p Progress) (fmt.Stringer, error) {
		v, err := s.CreatePlan(ctx, sc, in, p)
		return v.ID, err
	})
	handle(pool, JobTiers, func(ctx context.Context, sc scope.Scope, in NewTierStudy, p Progress) (fmt.Stringer, error) {
		v, err := s.StudyTiers(ctx, sc, in, p)
		return v.ID, err
	})
	handle(pool, JobRoster, func(ctx context.Context, sc scope.Scope, in NewRoster, p Progress) (fmt.Stringer, error) {
		r, err := s.CreateRoster(ctx, sc, in, p)
		return r.ID, err
	})
	handle(pool, JobSimulation, func(ctx context.Context, sc scope.Scope, in NewSimulation, p Progress) (fmt.Stringer, error) {
		v, err := s.Simulate(ctx, sc, in, p)
		return v.ID, err
	})
	handle(pool, JobTrial, func(ctx context.Context, sc scope.Scope, in trialWork, p Progress) (fmt.Stringer, error) {
		in.Question.Actor = in.Actor
		v, err := s.Try(ctx, sc, in.Question, p)
		return v.ID, err
	})
	handle(pool, JobRetrain, func(ctx context.Context, sc scope.Scope, in retrainArgs, p Progress) (fmt.Stringer, error) {
		r, err := s.Retrain(ctx, sc, in.Client, in.Actor, p)
		return r.ID, err
	})
	handle(pool, JobProposals, func(ctx context.Context, sc scope.Scope, in ids.Client, _ Progress) (fmt.Stringer, error) {
		_, err := s.ProposeDays(ctx, sc, in)
		return in, err
	})
	handle(pool, JobRevise, func(ctx context.Context, sc scope.Scope, in revision, _ Progress) (fmt.Stringer, error) {
		r, err := s.ReviseRoster(ctx, sc, in.Roster, in.Actor)
		return r.ID, err
	})
	handle(pool, JobDay, func(ctx context.Context, sc scope.Scope, in DayDecision, p Progress) (fmt.Stringer, error) {
		r, err := s.ApplyDayPlan(ctx, sc, in, p)
		return r.ID, err
	})
	handle(pool, JobRestore, func(ctx context.Context, sc scope.Scope, in revision, p Progress) (fmt.Stringer, error) {
		r, err := s.RestoreRoster(ctx, sc, in.Roster, in.Actor, p)
		return r.ID, err
	})
}

// revision asks for a new version of a roster.
type revision struct {
	Roster ids.Roster `json:"roster"`
	Actor  ids.User   `json:"actor,omitzero"`
}

// finishKey carries the end of a job to the transaction that stores its result.
type finishKey struct{}

// finish ends the job of the context, if there is one, in the transaction that
// stores what it made: a job that is taken over after a crash cannot store twice.
func finish(tx *database.Tx, id fmt.Stringer) error {
	if end, ok := tx.Context().Value(finishKey{}).(func(*database.Tx, any) error); ok {
		return end(tx, Made{ID: id.String()})
	}
	return nil
}

// handle registers one kind.
func handle[T any](pool *jobs.Pool, kind string, run func(context.Context, scope.Scope, T, Progress) (fmt.Stringer, error)) {
	pool.Handle(kind, 1, func(ctx context.Context, job *jobs.Running) (any, error) {
		var w work[T]
		if err := job.DecodeArgs(&w); err != nil {
			return nil, err
		}
		id, err := run(context.WithValue(ctx, finishKey{}, job.Finish), w.scope(), w.Input, job.Progress)
		if err != nil {
			return nil, err
		}
		return Made{ID: id.String()}, nil
	})
}

// enqueue makes a job in a transaction of its own or of the context's.
func enqueue[T any](ctx context.Context, s *Service, sc scope.Scope, kind string, client ids.Client, actor ids.User, input T) (jobs.Job, error) {
	var job jobs.Job
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		job, _, err = s.Jobs.Enqueue(tx, jobs.Spec{Kind: kind, Version: 1, Args: workOf(sc, input), Client: client, Actor: actor, MaxAttempts: 2})
		return err
	})
	return job, err
}

// EnqueueForecast makes the job that does CreateForecast; what is wrong with the
// request is told at once.
func (s *Service) EnqueueForecast(ctx context.Context, sc scope.Scope, n NewForecast) (jobs.Job, error) {
	client, err := s.Contracts.Client(ctx, sc, n.Client)
	if err != nil {
		return jobs.Job{}, err
	}
	if _, err := s.frame(client, n); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc.Within(n.Client), JobForecast, n.Client, n.Actor, n)
}

// EnqueueLongForecast makes the job that does CreateLongForecast; what is wrong with
// the request is told at once.
func (s *Service) EnqueueLongForecast(ctx context.Context, sc scope.Scope, n NewLongForecast) (jobs.Job, error) {
	client, err := s.Contracts.Client(ctx, sc, n.Client)
	if err != nil {
		return jobs.Job{}, err
	}
	if _, err := s.frameLong(client, n); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc.Within(n.Client), JobLongRange, n.Client, n.Actor, n)
}

// EnqueuePlan makes the job that does CreatePlan.
func (s *Service) EnqueuePlan(ctx context.Context, sc scope.Scope, n NewPlan) (jobs.Job, error) {
	f, err := s.Forecast(ctx, sc, n.Forecast)
	if err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc.Within(f.ClientID), JobStaffing, f.ClientID, n.Actor, n)
}

// EnqueueRevision makes the job that does ReviseRoster.
func (s *Service) EnqueueRevision(ctx context.Context, sc scope.Scope, id ids.Roster, actor ids.User) (jobs.Job, error) {
	if _, err := s.header(ctx, sc, id); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc, JobRevise, ids.Client{}, actor, revision{id, actor})
}

// EnqueueRestore makes the job that does RestoreRoster.
func (s *Service) EnqueueRestore(ctx context.Context, sc scope.Scope, id ids.Roster, actor ids.User) (jobs.Job, error) {
	if err := s.stillInForce(ctx, sc, id); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc, JobRestore, ids.Client{}, actor, revision{id, actor})
}

// EnqueueDayPlan makes the job that does ApplyDayPlan.
func (s *Service) EnqueueDayPlan(ctx context.Context, sc scope.Scope, in DayDecision) (jobs.Job, error) {
	if err := s.stillInForce(ctx, sc, in.Roster); err != nil {
		return jobs.Job{}, err
	}
	if len(in.Absences) == 0 {
		return jobs.Job{}, fault.New(fault.Invalid, "roster.no_absence", "Name at least one absence.")
	}
	return enqueue(ctx, s, sc, JobDay, ids.Client{}, in.Actor, in)
}

// EnqueueRoster makes the job that does CreateRoster; cancelling it stores nothing
// unless KeepOnStop is set.
func (s *Service) EnqueueRoster(ctx context.Context, sc scope.Scope, n NewRoster) (jobs.Job, error) {
	if _, err := s.frameRoster(ctx, n); err != nil {
		return jobs.Job{}, err
	}
	if _, err := s.plansByID(ctx, sc, n.Plans); err != nil {
		return jobs.Job{}, err
	}
	if err := checkReceived(n.Received); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc, JobRoster, ids.Client{}, n.Actor, n)
}

// StopSearch asks a running search for a roster to stop; with KeepOnStop the best
// roster so far is stored. Other jobs are NotFound.
func (s *Service) StopSearch(ctx context.Context, sc scope.Scope, id ids.Job) (jobs.Job, error) {
	job, err := s.Jobs.Get(ctx, sc, id)
	if err != nil {
		return job, err
	}
	if job.Kind != JobRoster {
		return job, fault.New(fault.NotFound, "roster.no_search", "There is no such search for a roster.")
	}
	return s.Jobs.Cancel(ctx, sc, id)
}

// EnqueueSimulation makes the job that does Simulate.
func (s *Service) EnqueueSimulation(ctx context.Context, sc scope.Scope, n NewSimulation) (jobs.Job, error) {
	if _, err := s.Roster(ctx, sc, n.Roster); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc, JobSimulation, ids.Client{}, n.Actor, n)
}
