package law

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDocumentsOfPresetsReadBack(t *testing.T) {
	for _, p := range Presets() {
		text, err := json.Marshal(p.Statute())
		require.NoError(t, err)
		d, err := ReadStatute(text)
		require.NoError(t, err, p.ID)
		again, err := d.Preset()
		require.NoError(t, err)
		require.Equal(t, p.Rates, again.Rates)
		require.Equal(t, p.Days, again.Days)
		require.Equal(t, p.NightPremium, again.NightPremium)
		want, got := p.Rules(28, nil), again.Rules(28, nil)
		require.Len(t, got, len(want))
		for i := range want {
			require.InDelta(t, want[i].Minutes, got[i].Minutes, 1, want[i].ID)
			got[i].Minutes = want[i].Minutes
		}
		require.Equal(t, want, got)
		at := time.Date(2026, 2, 16, 22, 0, 0, 0, time.UTC)
		work := []Stretch{{at, at.Add(9 * time.Hour)}}
		a, err := p.Pay(time.UTC, work, kinds(nil))
		require.NoError(t, err)
		b, err := again.Pay(time.UTC, work, kinds(nil))
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
}

func TestDocumentsAreRefusedByName(t *testing.T) {
	ph, err := Find("ph")
	require.NoError(t, err)
	for name, change := range map[string]func(*Statute){
		"id":        func(d *Statute) { d.ID = "Mars!" },
		"source":    func(d *Statute) { d.Source = "" },
		"rate":      func(d *Statute) { d.Rates[0].Overtime = 90 },
		"rates":     func(d *Statute) { d.Rates = d.Rates[1:] },
		"night":     func(d *Statute) { d.NightTo = "6 am" },
		"kind":      func(d *Statute) { d.Rules[0].Kind = "magic" },
		"templates": func(d *Statute) { d.Rules[0].Kind = "forbidden_succession" },
		"twice":     func(d *Statute) { d.Rules[1].ID = d.Rules[0].ID },
		"month":     func(d *Statute) { d.Rules[0].PerMonth = 5 },
		"weight":    func(d *Statute) { d.Rules[1].Weight = -1 },
		"day kind":  func(d *Statute) { d.Days = []NamedDay{{"2026-01-01", "", "feast", "New Year"}} },
		"day order": func(d *Statute) {
			d.Days = []NamedDay{{"2026-01-02", "", Holiday, "b"}, {"2026-01-01", "", Holiday, "a"}}
		},
		"day to":     func(d *Statute) { d.Days = []NamedDay{{"2026-01-02", "2026-01-01", Holiday, "b"}} },
		"valid from": func(d *Statute) { d.ValidFrom = "1974" },
	} {
		d := ph.Statute()
		change(&d)
		_, err := d.Preset()
		require.Error(t, err, name)
	}
	_, err = ReadStatute([]byte(`{"id": "x", "surprise": 1}`))
	require.ErrorContains(t, err, "described form")
}

func TestStatutoryDays(t *testing.T) {
	p, err := Find("cn-standard")
	require.NoError(t, err)
	for date, want := range map[string]DayKind{"2026-02-15": "", "2026-02-16": Holiday, "2026-02-19": Holiday, "2026-02-20": "", "2026-05-02": Holiday} {
		d, found := p.DayOn(date)
		require.Equal(t, want != "", found, date)
		require.Equal(t, want, d.Kind, date)
	}
	require.True(t, p.Names("2026-07-01"))
	require.False(t, p.Names("2031-07-01"))
}

// FuzzStatute: whatever is uploaded is refused by name or makes a preset that pays every minute.
func FuzzStatute(f *testing.F) {
	for _, p := range Presets() {
		text, err := json.Marshal(p.Statute())
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"id":"a","rates":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ReadStatute(text)
		if err != nil {
			return
		}
		p, err := d.Preset()
		require.NoError(t, err)
		_, err = p.PayWindows(time.UTC, "2026-03-02", 1, kinds(nil))
		require.NoError(t, err)
	})
}
