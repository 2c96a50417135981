package jobs

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
)

func TestScheduleFiresOncePerCluster(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		options := b.options
		options.Clock = b.clock
		other, err := database.Open(t.Context(), options)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, other.Close()) })
		require.NoError(t, b.SetSchedule(t.Context(), "hourly facts", "@hourly", "UTC", "work", map[string]int{"n": 3}))

		for hour := 1; hour <= 3; hour++ {
			b.clock.forward(time.Hour)
			var group sync.WaitGroup
			for _, q := range []*Queue{b.Queue, New(other), b.Queue, New(other)} {
				group.Go(func() {
					if err := q.fireSchedules(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			all, err := b.List(t.Context(), machine, Filter{})
			require.NoError(t, err)
			require.Len(t, all, hour)
			var args DueArgs
			require.NoError(t, all[0].DecodeArgs(&args))
			require.Equal(t, b.clock.Now().Floor(calendar.Hour), args.Due)
			require.JSONEq(t, `{"n":3}`, string(args.Args))
		}
	})
}

func TestScheduleAfterAnOutageFiresOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		require.NoError(t, b.SetSchedule(t.Context(), "nightly", "@daily", "Asia/Shanghai", "work", nil))
		require.NoError(t, b.fireSchedules(t.Context()))
		b.clock.forward(5*24*time.Hour + time.Minute)
		require.NoError(t, b.fireSchedules(t.Context()))
		require.NoError(t, b.fireSchedules(t.Context()))
		all, err := b.List(t.Context(), machine, Filter{})
		require.NoError(t, err)
		require.Len(t, all, 1)
	})
}

func TestSchedulesAreSetTwiceWithoutHarm(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		set := func(line string) { require.NoError(t, b.SetSchedule(t.Context(), "s", line, "UTC", "work", nil)) }
		set("@daily")
		before, err := b.Schedules(t.Context())
		require.NoError(t, err)
		b.clock.forward(time.Hour)
		set("@daily")
		same, err := b.Schedules(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, same)
		set("@hourly")
		changed, err := b.Schedules(t.Context())
		require.NoError(t, err)
		require.Equal(t, "@hourly", changed[0].Cron)
		require.Greater(t, changed[0].LastDueAt, same[0].LastDueAt, "a changed timetable counts from now")

		require.NoError(t, b.EnableSchedule(t.Context(), "s", false))
		b.clock.forward(3 * time.Hour)
		require.NoError(t, b.fireSchedules(t.Context()))
		require.NoError(t, b.EnableSchedule(t.Context(), "s", true))
		require.NoError(t, b.fireSchedules(t.Context()))
		all, err := b.List(t.Context(), machine, Filter{})
		require.NoError(t, err)
		require.Empty(t, all, "what fell due while it was off is not made up")
		require.Equal(t, "jobs.schedule_not_found", fault.CodeOf(b.EnableSchedule(t.Context(), "x", true)))
		require.Equal(t, "jobs.schedule_name", fault.CodeOf(b.SetSchedule(t.Context(), "", "@daily", "UTC", "work", nil)))
		require.Equal(t, "jobs.cron", fault.CodeOf(b.SetSchedule(t.Context(), "s", "soon", "UTC", "work", nil)))
	})
}
