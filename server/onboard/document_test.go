package onboard

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

func TestExampleIsAUsableDocument(t *testing.T) {
	t.Parallel()
	d, err := Parse([]byte(Example))
	require.NoError(t, err)
	require.Equal(t, calendar.NewDate(2026, 1, 1), d.ValidFrom.Date)
	require.Len(t, d.terms.Rules, 2)
	c, err := d.calendar()
	require.NoError(t, err)
	require.Len(t, c.Hours, 5*2+2)
	require.Len(t, c.Special, 3)
	require.Empty(t, c.OpenOn(calendar.NewDate(2026, 2, 17)))
	require.Len(t, c.OpenOn(calendar.NewDate(2026, 2, 14)), 1, "a Saturday with hours of its own")
}

// TestErrorsNameLineAndCure breaks one place of the example after the other.
func TestErrorsNameLineAndCure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, code, says string }{
		{"service_level: 0.80 # share", "service_lvl: 0.80 #", "client.document", "the field service_lvl is unknown here"},
		{"service_level: 0.80 # share", "service_level: 1.80 #", "terms.out_of_range", "want a share between 0 and 1"},
		{"service_level: 0.80 # share", "service_level: .nan #", "terms.out_of_range", "want a share between 0 and 1"},
		{"answer_within_seconds: 20", "answer_within_seconds: -20", "terms.out_of_range", "must be positive"},
		{"concurrency: 1 #", "concurrency: -1 #", "terms.out_of_range", "at least 1"},
		{"channel: voice", "channel: fax", "client.document", "use one of app, chat, mail, social, voice"},
		{"  currency: CNY # of its", "  currency: XYZ # of its", "contract.unknown_currency", "is unknown: want one of"},
		{"  zone: Asia/Shanghai # decides", "  zone: Asia/Peking # decides", "contract.unknown_zone", "Asia/Peking"},
		{"valid_from: 2026-01-01", "valid_from: 2026-13-01", "client.document", "2026-13-01"},
		{"valid_from: 2026-01-01", "", "client.document", "valid_from is missing"},
		{"08:00-12:00, 13:00", "8-12, 13:00", "client.document", "write spans such as 09:00-18:00"},
		{"08:00-12:00, 13:00", "08:00-14:00, 13:00", "client.document", "overlap"},
		{"mon-fri", "mon-fry", "client.document", "a range such as mon-fri"},
		{"kind: closed", "kind: shut", "client.document", "use closed, open, tagged or holiday"},
		{"slug: linan", "slug: Lin an", "contract.bad_slug", "lower-case letters"},
		{"slug: chat", "slug: cards", "client.document", "stands twice"},
		{"period_start_day: 1", "period_start_day: 31", "client.document", "from 1 to 28"},
		{"better: higher", "better: more", "client.document", "use higher or lower"},
		{"formula: f3", "formula: f77", "report.unknown_formula", "use one of"},
		{"measure: agent_time", "measure: agent_tme", "billing.invalid_card", "agent_tme"},
		{"price: \"92.00\"", "prize: \"92.00\"", "client.document", "prize"},
	} {
		t.Run(c.new, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, 1, strings.Count(Example, c.old), "%q must stand once", c.old)
			_, err := Parse([]byte(strings.Replace(Example, c.old, c.new, 1)))
			require.Error(t, err)
			require.Equal(t, c.code, fault.CodeOf(err), "%v", err)
			require.ErrorContains(t, err, c.says)
			require.Regexp(t, `(?i)line \d+`, err.Error())
		})
	}
	_, err := Parse(nil)
	require.ErrorContains(t, err, "is empty")
	_, err = Parse([]byte("client: [1"))
	require.ErrorContains(t, err, "line 1")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(Example))
	f.Add([]byte("client: {slug: a}\nhours: {mon: 1}"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = Parse(content) // it must not panic
	})
}
