package main

import (
	"context"
	"fmt"

	"muster/tenants/calendar"
	"muster/tenants/jobs"
)

// How long finished work and delivered events are kept for people to look up.
const (
	keepJobs   = 30 * calendar.Day
	keepEvents = 30 * calendar.Day // and the deliveries of them to webhooks
)

// tidyKind names the job that removes what is no longer kept.
const tidyKind = "house.tidy"

// tidied counts what one run removed.
type tidied struct {
	Jobs       int64 `json:"jobs"`
	Events     int64 `json:"events"`
	Deliveries int64 `json:"deliveries"`
	FeedEvents int64 `json:"feed_events"`
	Files      int   `json:"files"`
	Inputs     int64 `json:"inputs"`
}

// tidyHourly lets the nodes remove, once an hour between them, final jobs, events and
// applied inputs of old and files that have expired.
func (h *house) tidyHourly(ctx context.Context) error {
	h.pool.Handle(tidyKind, 1, func(ctx context.Context, _ *jobs.Running) (any, error) {
		var done tidied
		var err error
		now := h.db.Now()
		if done.Jobs, err = h.jobs.Prune(ctx, now-keepJobs); err != nil {
			return nil, fmt.Errorf("tidy: %w", err)
		}
		if done.Events, err = h.events.Prune(ctx, now-keepEvents); err != nil {
			return nil, fmt.Errorf("tidy: %w", err)
		}
		if done.Deliveries, err = h.webhooks.Prune(ctx, now-keepEvents); err != nil {
			return nil, fmt.Errorf("tidy: %w", err)
		}
		if done.FeedEvents, err = h.feeds.Prune(ctx); err != nil {
			return nil, fmt.Errorf("tidy: %w", err)
		}
		if done.Files, err = h.files.Prune(ctx); err != nil {
			return nil, fmt.Errorf("tidy: %w", err)
		}
		if done.Inputs, err = h.live.Prune(ctx, now-calendar.Instant(h.settings.Routing.InboxRetention.Microseconds())); err != nil {
			return nil, fmt.Errorf("tidy: %w", err)
		}
		return done, nil
	})
	return h.jobs.SetSchedule(ctx, tidyKind, "17 * * * *", "UTC", tidyKind, nil)
}
