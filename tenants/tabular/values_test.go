package tabular

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/calendar"
)

// outcome renders a parse result: the value or the problem's code.
func outcome[T any](v T, p *problem) string {
	if p != nil {
		return "!" + p.code
	}
	return fmt.Sprint(v)
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ in, mark, count, number string }{
		{"0", "", "0", "0"},
		{"１２３", "", "123", "123"},
		{"1,234", "", "1234", "1234"},
		{"1,234,567", "", "1234567", "1234567"},
		{"1 234", "", "1234", "1234"},
		{"1.234", "", "!not_whole", "1.234"},
		{"1.234", ",", "1234", "1234"},
		{"1,5", "", "!not_whole", "1.5"},
		{"1,5", ".", "!not_a_number", "!not_a_number"},
		{"1.234,5", "", "!not_whole", "1234.5"},
		{"1,234.5", "", "!not_whole", "1234.5"},
		{"12.0", "", "12", "12"},
		{"85%", "", "!not_whole", "0.85"},
		{"85.5 %", "", "!not_whole", "0.855"},
		{"1,23,456", "", "!not_a_number", "!not_a_number"},
		{",5", "", "!not_whole", "!not_a_number"},
		{"-3", "", "!negative", "!negative"},
		{"NaN", "", "!not_a_number", "!not_a_number"},
		{"Inf", "", "!not_a_number", "!not_a_number"},
		{"1e400", "", "!not_a_number", "!not_a_number"},
		{"1.5E+3", "", "1500", "1500"},
		{"1.5E+300", "", "!too_large", "!too_large"},
		{"1.5E-300", "", "0", "0"},
		{"99999999999999", "", "!too_large", "99999999999999"},
		{"abc", "", "!not_a_number", "!not_a_number"},
		{"", "", "!not_a_number", "!not_a_number"},
	} {
		var mark byte
		if c.mark != "" {
			mark = c.mark[0]
		}
		n, p := parseCount(cell(c.in), mark)
		if c.in != ",5" {
			require.Equal(t, c.count, outcome(n, p), "count %q", c.in)
		}
		d, p := parseNumber(cell(c.in), mark)
		if c.in != ",5" {
			require.Equal(t, c.number, outcome(d, p), "number %q", c.in)
		}
	}
}

func TestIDs(t *testing.T) {
	for in, want := range map[string]string{
		"1.38E+10": "!mangled_id", "1.38e+10": "!mangled_id", "1.3E10": "!mangled_id", "1E+15": "!mangled_id",
		"12E4": "12E4", "A1.5E3x": "A1.5E3x", "00123": "00123", `="00123"`: "00123", "'0042": "0042", "１３８": "138",
		"#N/A": "!spreadsheet_error", "#REF!": "!spreadsheet_error", "#7": "#7", "13800138000": "13800138000",
	} {
		v, p := parseID(cell(in))
		require.Equal(t, want, outcome(v, p), in)
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		in    string
		unit  Unit
		clock Clock
		want  string
	}{
		{"90", UnitSecond, "", "90000"},
		{"90", "", "", "!unit_missing"},
		{"1.5", UnitMinute, "", "90000"},
		{"1,5", UnitMinute, "", "90000"},
		{"0.5", UnitDay, "", "43200000"},
		{"1500", UnitMillisecond, "", "1500"},
		{"2:30", UnitSecond, "", "!ambiguous_duration"},
		{"2:30", "", ClockMinutes, "150000"},
		{"2:30", "", ClockHours, "9000000"},
		{"75:10", "", ClockMinutes, "4510000"},
		{"1:02:03", "", "", "3723000"},
		{"01:02:03.250", "", "", "3723250"},
		{"100:00:00", "", "", "360000000"},
		{"1 day, 02:03:04", "", "", "93784000"},
		{"1:62:03", "", "", "!not_a_duration"},
		{"1:02:60", "", "", "!not_a_duration"},
		{"-0:30", "", ClockMinutes, "!negative"},
		{"-5", UnitSecond, "", "!negative"},
		{"2m30s", "", "", "150000"},
		{"2分30秒", "", "", "150000"},
		{"1小时5分钟", "", "", "3900000"},
		{"150 sec", "", "", "150000"},
		{"NaN", UnitSecond, "", "!not_a_duration"},
		{"1e300", UnitSecond, "", "!not_a_duration"},
		{"99999999", UnitSecond, "", "!too_large"},
		{":", "", ClockMinutes, "!not_a_duration"},
		{"", "", "", "!not_a_duration"},
	} {
		v, p := parseDuration(cell(c.in), c.unit, c.clock, 0)
		require.Equal(t, c.want, outcome(v, p), "%q %s %s", c.in, c.unit, c.clock)
	}
}

func TestStamps(t *testing.T) {
	for _, c := range []struct {
		in    string
		order Order
		want  string
	}{
		{"2024-01-31", "", "2024-01-31"},
		{"2024-01-31 14:05:06", "", "2024-01-31 14:05:06"},
		{"2024-01-31T14:05:06", "", "2024-01-31 14:05:06"},
		{"2024-01-31T14:05:06Z", "", "2024-01-31 14:05:06 +0"},
		{"2024-01-31T14:05:06+08:00", "", "2024-01-31 14:05:06 +28800"},
		{"2024-01-31 14:05:06.25 -0530", "", "2024-01-31 14:05:06.25 -19800"},
		{"2024/1/5 7:08", "", "2024-01-05 07:08:00"},
		{"2024.1.5 07:08:09", "", "2024-01-05 07:08:09"},
		{"2024年1月5日 下午3:04", "", "2024-01-05 15:04:00"},
		{"2024年1月5日15时04分05秒", "", "2024-01-05 15:04:05"},
		{"20240105", "", "2024-01-05"},
		{"20240105 07:08", "", "2024-01-05 07:08:00"},
		{"2024-01-31 24:00", "", "2024-02-01 00:00:00"},
		{"2024-01-31 24:00:00", "", "2024-02-01 00:00:00"},
		{"2024-01-31 25:30", "", "2024-02-01 01:30:00"},
		{"2024-01-31 12:00 AM", "", "2024-01-31 00:00:00"},
		{"2024-01-31 12:30 PM", "", "2024-01-31 12:30:00"},
		{"2024-01-31 2:30:15 p.m.", "", "2024-01-31 14:30:15"},
		{"31/01/2024 09:30", "", "2024-01-31 09:30:00"},
		{"01/31/2024 9:30 PM", "", "2024-01-31 21:30:00"},
		{"05/05/2024", "", "2024-05-05"},
		{"05/06/2024", "", "!ambiguous_date"},
		{"05/06/2024", OrderDMY, "2024-06-05"},
		{"05/06/2024", OrderMDY, "2024-05-06"},
		{"05.06.2024", "", "2024-06-05"},
		{"05/06/24", "", "!short_year"},
		{"05/06/24", OrderDMY, "2024-06-05"},
		{"24/06/05", OrderYMD, "2024-06-05"},
		{"31-Jan-2024 10:00", "", "2024-01-31 10:00:00"},
		{"Jan 31, 2024 10:00 am", "", "2024-01-31 10:00:00"},
		{"Wed, 31 Jan 2024 10:00:00", "", "2024-01-31 10:00:00"},
		{"45293", "", "2024-01-02"},
		{"45293.354166666664", "", "2024-01-02 08:30:00"},
		{"43831", OrderExcel1904, "2024-01-02"},
		{"1704182400", OrderEpoch, "2024-01-02 08:00:00 +0"},
		{"1704182400123", OrderEpochMilli, "2024-01-02 08:00:00.123 +0"},
		{"1704182400", "", "!not_a_date"},
		{"2024-02-30", "", "!not_a_date"},
		{"2023-02-29 10:00", "", "!not_a_date"},
		{"2024-13-01", "", "!not_a_date"},
		{"1812-01-01", "", "!date_out_of_range"},
		{"2024-01-31 25:61", "", "!not_a_time"},
		{"2024-01-31 49:00", "", "!not_a_time"},
		{"2024-01-31 13:00 AM", "", "!not_a_time"},
		{"hello", "", "!not_a_date"},
		{"NaN", "", "!not_a_date"},
		{"-1", OrderEpoch, "!date_out_of_range"},
	} {
		st, p := parseStamp(cell(c.in), c.order)
		got := outcome(0, p)
		if p == nil {
			at := time.UnixMicro(st.days*dayMicros + st.micros).UTC()
			got = at.Format("2006-01-02")
			if st.timed {
				got = at.Format("2006-01-02 15:04:05.999999")
			}
			if st.offset != noOffset {
				got += fmt.Sprintf(" %+d", st.offset/int64(calendar.Second))
			}
		}
		require.Equal(t, c.want, got, "%q %s", c.in, c.order)
	}
}

func TestTimesOfDay(t *testing.T) {
	for in, want := range map[string]string{
		"08:30": "8h30m0s", "8:30": "8h30m0s", "0830": "8h30m0s", "24:00": "24h0m0s", "12:00 AM": "0s", "12:15AM": "15m0s", "12 PM": "12h0m0s",
		"下午3点": "15h0m0s", "晚上11:05": "23h5m0s", "中午12:10": "12h10m0s", "0.354166666667": "8h30m0s", "08:30:15.5": "8h30m15.5s", "0": "0s",
		"8": "!not_a_time", "8:60": "!not_a_time", "": "!not_a_time", "x": "!not_a_time", "1:2:3:4": "!not_a_time",
	} {
		v, p := parseTimeOfDay(cell(in))
		require.Equal(t, want, outcome(time.Duration(v)*time.Microsecond, p), in)
	}
}

func TestLocalTimesMeetDaylightSaving(t *testing.T) {
	berlin, err := calendar.Zone("Europe/Berlin")
	require.NoError(t, err)
	z := localZone{zone: berlin}
	for _, c := range []struct {
		in            string
		first, second string
		how           LocalTime
	}{
		{"2026-03-29 01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z", LocalOnce},
		{"2026-03-29 02:30:00", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z", LocalSkipped}, // the wall clock shows 03:30
		{"2026-03-29 03:00:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", LocalOnce},
		{"2026-10-25 02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", LocalRepeated},
		{"2026-10-25 03:00:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z", LocalOnce},
		{"2026-07-01 12:00:00", "2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z", LocalOnce},
	} {
		st, p := parseStamp(c.in, "")
		require.Nil(t, p)
		first, second, how := z.instant(st.days*dayMicros + st.micros)
		require.Equal(t, c.first, calendar.Instant(first).String(), c.in)
		require.Equal(t, c.second, calendar.Instant(second).String(), c.in)
		require.Equal(t, c.how, how, c.in)
	}
}

func TestEveryInstantOfAZoneIsFoundAgain(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"} {
		zone, err := calendar.Zone(name)
		require.NoError(t, err)
		z := localZone{zone: zone}
		rapid.Check(t, func(t *rapid.T) {
			at := rapid.Int64Range(0, 4e15).Draw(t, "micros")
			_, offset := calendar.Instant(at).In(zone).Zone()
			first, second, how := z.instant(at + int64(offset)*int64(calendar.Second))
			require.NotEqual(t, LocalSkipped, how, name)
			require.True(t, at == first || at == second, name)
			if how == LocalOnce {
				require.Equal(t, first, second)
			}
		})
	}
}

// FuzzParsers feeds every value parser: none may panic, and what is accepted lies in range.
func FuzzParsers(f *testing.F) {
	for _, s := range []string{"1,234.5", "2:30", "2024-01-31 24:00", "1.38E+10", "下午3:04", "５%", "31/01/24", "=\"1\"", "1704182400.5", "2m30s", "::", "+-", "年月日", "0000-00-00T00:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s := cell(raw)
		for _, mark := range []byte{0, '.', ','} {
			if n, p := parseCount(s, mark); p == nil && (n < 0 || n > maxNumber) {
				t.Fatalf("count %q gives %d", s, n)
			}
			if d, p := parseNumber(s, mark); p == nil && d.IsNegative() {
				t.Fatalf("number %q gives %s", s, d)
			}
			for _, clock := range []Clock{"", ClockMinutes, ClockHours} {
				if ms, p := parseDuration(s, UnitMinute, clock, mark); p == nil && (ms < 0 || ms > int64(maxDurationMillis)) {
					t.Fatalf("duration %q gives %d", s, ms)
				}
			}
		}
		for _, order := range []Order{OrderAuto, OrderYMD, OrderDMY, OrderMDY, OrderExcel, OrderExcel1904, OrderEpoch, OrderEpochMilli, OrderEpochMicro} {
			if st, p := parseStamp(s, order); p == nil && (st.days < firstDay || st.days >= lastDay+1 || st.micros < 0 || st.micros > maxTimeOfDa) {
				t.Fatalf("stamp %q gives %+v", s, st)
			}
		}
		if us, p := parseTimeOfDay(s); p == nil && (us < 0 || us > maxTimeOfDa) {
			t.Fatalf("time %q gives %d", s, us)
		}
		_, _ = parseID(s)
		_ = normal(s)
		_ = looksLikeData(s)
		_, _ = splitUnit(raw)
	})
}
