package law

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/scheduling/roster"
)

func shift(t *testing.T, zone, from, to, mealFrom, mealTo string) (*time.Location, []Stretch) {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		require.NoError(t, err)
		return v
	}
	if mealFrom == "" {
		return loc, []Stretch{{at(from), at(to)}}
	}
	return loc, []Stretch{{at(from), at(mealFrom)}, {at(mealTo), at(to)}}
}

func kinds(m map[string]DayKind) func(string) DayKind {
	return func(date string) DayKind {
		if k, ok := m[date]; ok {
			return k
		}
		return Ordinary
	}
}

func TestManilaIntoAndOutOfHoliday(t *testing.T) {
	p, err := Find("ph")
	require.NoError(t, err)
	newYear := kinds(map[string]DayKind{"2027-01-01": Holiday})

	loc, work := shift(t, "Asia/Manila", "2026-12-31 22:00", "2027-01-01 07:00", "2027-01-01 02:00", "2027-01-01 03:00")
	lines, err := p.Pay(loc, work, newYear)
	require.NoError(t, err)
	require.Equal(t, []Line{
		{"2026-12-31", Ordinary, true, false, 120, 11000},
		{"2027-01-01", Holiday, true, false, 300, 22000}, // 00:00-02:00 and 03:00-06:00
		{"2027-01-01", Holiday, false, false, 60, 20000},
	}, lines)

	loc, work = shift(t, "Asia/Manila", "2027-01-01 22:00", "2027-01-02 07:00", "2027-01-02 02:00", "2027-01-02 03:00")
	lines, err = p.Pay(loc, work, newYear)
	require.NoError(t, err)
	require.Equal(t, []Line{
		{"2027-01-01", Holiday, true, false, 120, 22000},
		{"2027-01-02", Ordinary, true, false, 300, 11000},
		{"2027-01-02", Ordinary, false, false, 60, 10000},
	}, lines)

	// Without the meal the ninth hour is overtime: 125 % by day.
	loc, work = shift(t, "Asia/Manila", "2027-01-01 22:00", "2027-01-02 07:00", "", "")
	lines, err = p.Pay(loc, work, newYear)
	require.NoError(t, err)
	require.Equal(t, Line{"2027-01-02", Ordinary, false, true, 60, 12500}, lines[len(lines)-1])
}

func TestSpringFestivalNight(t *testing.T) {
	p, err := Find("cn-standard")
	require.NoError(t, err)
	// 2026: the statutory days are New Year's Eve (16 February) to the third day (19 February).
	festival := kinds(map[string]DayKind{"2026-02-16": Holiday, "2026-02-17": Holiday, "2026-02-18": Holiday, "2026-02-19": Holiday, "2026-02-20": RestDay})
	loc, work := shift(t, "Asia/Shanghai", "2026-02-19 22:00", "2026-02-20 07:00", "", "")
	lines, err := p.Pay(loc, work, festival)
	require.NoError(t, err)
	require.Equal(t, []Line{
		{"2026-02-19", Holiday, false, false, 120, 30000},
		{"2026-02-20", RestDay, false, false, 360, 20000},
		{"2026-02-20", RestDay, false, true, 60, 20000},
	}, lines)
	require.Equal(t, int64(120*300+420*200), BaseMinutes(lines), "hundredths of a base minute")
	c, err := Find("cn-comprehensive")
	require.NoError(t, err)
	lines, err = c.Pay(loc, work, festival)
	require.NoError(t, err)
	require.Equal(t, 10000, lines[1].Rate, "with averaged hours a rest day is an ordinary day, a holiday is not")
	require.Equal(t, 30000, lines[0].Rate)
}

func TestDaysOf25And23Hours(t *testing.T) {
	p, err := Find("ph")
	require.NoError(t, err)
	for _, c := range []struct {
		name, from, to string
		minutes        int
	}{
		{"23-hour day", "2026-03-28 22:00", "2026-03-29 07:00", 8 * 60},
		{"25-hour day", "2026-10-24 22:00", "2026-10-25 07:00", 10 * 60},
		{"24-hour day", "2026-10-25 22:00", "2026-10-26 07:00", 9 * 60},
	} {
		loc, work := shift(t, "Europe/Berlin", c.from, c.to, "", "")
		lines, err := p.Pay(loc, work, kinds(nil))
		require.NoError(t, err)
		total, over := 0, 0
		for _, l := range lines {
			total += l.Minutes
			if l.Overtime {
				over += l.Minutes
			}
		}
		require.Equal(t, c.minutes, total, c.name)
		require.Equal(t, max(0, c.minutes-480), over, c.name)
	}
}

func TestPresetsAreComplete(t *testing.T) {
	for _, p := range Presets() {
		require.NotEmpty(t, p.Source)
		_, err := time.Parse("2006-01-02", p.ValidFrom)
		require.NoError(t, err)
		for _, k := range DayKinds() {
			_, err := p.minute(time.Unix(0, 0), 0, func(string) DayKind { return k })
			require.NoError(t, err, "%s has a rate for %s", p.ID, k)
		}
		problem := &roster.Problem{Format: roster.Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 28, SlotMinutes: 15, Rules: p.Rules(28, []int{0}),
			Agents: []roster.Agent{{ID: "a", Contract: &roster.Contract{}}}}
		require.NoError(t, problem.Validate(), p.ID)
	}
	_, err := Find("mars")
	require.ErrorContains(t, err, "cn-comprehensive, cn-standard, ph")
	p, err := Find("ph")
	require.NoError(t, err)
	_, err = p.Pay(time.UTC, []Stretch{{time.Unix(0, 0), time.Unix(60, 0)}}, func(string) DayKind { return "bank holiday" })
	require.ErrorContains(t, err, "bank holiday")
}

func TestPayWindows(t *testing.T) {
	p, err := Find("ph")
	require.NoError(t, err)
	manila, err := time.LoadLocation("Asia/Manila")
	require.NoError(t, err)
	windows, err := p.PayWindows(manila, "2026-12-31", 1, kinds(map[string]DayKind{"2027-01-01": Holiday}))
	require.NoError(t, err)
	require.Equal(t, []roster.PayWindow{{From: 0, To: 360, Percent: 10}, {From: 1320, To: 1440, Percent: 10}, {From: 1440, To: 1800, Percent: 120},
		{From: 1800, To: 2760, Percent: 100}, {From: 2760, To: 2880, Percent: 120}}, windows)

	// Days of 23 and 25 hours: the night of the changed clock is an hour shorter or longer.
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for day, night := range map[string]int{"2026-03-29": 300, "2026-10-25": 420, "2026-06-01": 360} {
		windows, err = p.PayWindows(berlin, day, 1, kinds(nil))
		require.NoError(t, err)
		require.Equal(t, roster.PayWindow{From: 0, To: night, Percent: 10}, windows[0], day)
	}
	problem := &roster.Problem{Format: roster.Format, Zone: "Europe/Berlin", FirstDay: "2026-06-01", Days: 1, SlotMinutes: 15, Pay: windows}
	require.NoError(t, problem.Validate())

	_, err = p.PayWindows(berlin, "tomorrow", 1, kinds(nil))
	require.ErrorContains(t, err, "tomorrow")
	_, err = p.PayWindows(berlin, "2026-06-01", 0, kinds(nil))
	require.ErrorContains(t, err, "0 days")
	_, err = p.PayWindows(berlin, "2026-06-01", 1, func(string) DayKind { return "feast" })
	require.ErrorContains(t, err, "feast")
}

// Steps to the next edge give what every minute on its own gives.
func TestPayByStepsIsPayByMinutes(t *testing.T) {
	for _, id := range []string{"ph", "cn-standard"} {
		p, err := Find(id)
		require.NoError(t, err)
		p.NightFrom, p.NightTo = 22*60+20, 5*60+50
		for _, zone := range []string{"Asia/Manila", "Europe/Berlin", "Asia/Kolkata"} {
			loc, err := time.LoadLocation(zone)
			require.NoError(t, err)
			for _, from := range []time.Time{time.Date(2026, 3, 28, 21, 7, 0, 0, loc), time.Date(2026, 10, 24, 19, 50, 30, 0, loc)} {
				work := []Stretch{{from, from.Add(3*time.Hour + 10*time.Second)}, {from.Add(4 * time.Hour), from.Add(13*time.Hour + 25*time.Minute)}}
				got, err := p.Pay(loc, work, kinds(map[string]DayKind{"2026-03-29": Holiday}))
				require.NoError(t, err)
				var want []Line
				worked := 0
				for _, s := range work {
					for at := s.From; at.Before(s.To); at = at.Add(time.Minute) {
						l, err := p.minute(at.In(loc), worked, kinds(map[string]DayKind{"2026-03-29": Holiday}))
						require.NoError(t, err)
						worked++
						if n := len(want); n > 0 && want[n-1].same(l) {
							want[n-1].Minutes++
							continue
						}
						want = append(want, l)
					}
				}
				require.Equal(t, want, got, "%s %s %s", id, zone, from)
			}
		}
	}
}
