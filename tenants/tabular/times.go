package tabular

import (
	"math"
	"strconv"
	"strings"
	"time"

	"muster/tenants/calendar"
)

// Order says how a date in digits, or a number, is read.
type Order string

// The orders a mapping may state as a field's format.
const (
	OrderAuto       Order = ""          // only what has one reading
	OrderYMD        Order = "ymd"       // 2024-01-31, 24/01/31, 20240131
	OrderDMY        Order = "dmy"       // 31/01/2024
	OrderMDY        Order = "mdy"       // 01/31/2024
	OrderExcel      Order = "excel"     // serial days since 1899-12-30
	OrderExcel1904  Order = "excel1904" // serial days since 1904-01-01
	OrderEpoch      Order = "epoch_s"   // seconds since 1970 UTC
	OrderEpochMilli Order = "epoch_ms"
	OrderEpochMicro Order = "epoch_us"
)

var (
	notADate      = &problem{"not_a_date", "The cell is not a date; write 2024-01-31, 2024/1/31, 31.01.2024 or an Excel date."}
	ambiguousDate = &problem{"ambiguous_date", "The date may be read day first or month first; state format: dmy or format: mdy in the mapping."}
	shortYear     = &problem{"short_year", "The year has two digits; state format: ymd, dmy or mdy in the mapping."}
	notATime      = &problem{"not_a_time", "The cell is not a time of day; write 14:05, 14:05:30 or 2:05 PM."}
	noTime        = &problem{"time_missing", "The date has no time of day; add the time column to the mapping."}
	dateRange     = &problem{"date_out_of_range", "The date lies outside 1970 to 2100; check the column and its format."}
)

const (
	dayMicros   = int64(calendar.Day)
	excelEpoch  = -25569 // 1899-12-30 in days since 1970
	excel1904   = -24107 // 1904-01-01
	firstDay    = 0
	lastDay     = 47847                        // 2101-01-01
	maxTimeOfDa = 48 * int64(calendar.Hour)    // 25:30 lies on the next date
	minSerial   = 25569                        // 1970-01-01 as an Excel serial
	maxSerial   = minSerial + float64(lastDay) // 2101-01-01
	halfDay     = 12 * int64(calendar.Hour)    // a time this far before its anchor belongs to the next date
	noOffset    = int64(math.MinInt64)         // the text states no UTC offset
	serialRound = int64(calendar.Millisecond)  // what an Excel serial's 15 digits can carry
)

// stamp is a parsed local date and time before its zone is known.
type stamp struct {
	days   int64 // since 1970
	micros int64 // since local midnight, may exceed a day
	timed  bool  // a time of day was given
	offset int64 // stated UTC offset in microseconds, noOffset if none
	epoch  bool  // days and micros are UTC already
}

// parseStamp reads a date with or without time of day.
func parseStamp(s string, order Order) (stamp, *problem) {
	if st, ok := fastStamp(s); ok && (order == OrderAuto || order == OrderYMD) {
		return st, inRange(st)
	}
	switch order {
	case OrderEpoch, OrderEpochMilli, OrderEpochMicro:
		return epochStamp(s, order)
	case OrderExcel, OrderExcel1904:
		return serialStamp(s, order)
	case OrderAuto, OrderYMD, OrderDMY, OrderMDY:
	}
	if isPlainNumber(s) && !(len(s) == 8 && allDigits(s)) && strings.Count(s, ".") <= 1 {
		if f, err := strconv.ParseFloat(s, 64); err == nil && f >= minSerial && f < maxSerial {
			return serialStamp(s, OrderExcel)
		}
		return stamp{}, notADate
	}
	datePart, timePart := splitStamp(s)
	days, p := parseDay(datePart, order)
	if p != nil {
		return stamp{}, p
	}
	st := stamp{days: days, offset: noOffset}
	if timePart != "" {
		clock, offset := cutOffset(timePart)
		micros, p := parseTimeOfDay(clock)
		if p != nil {
			return stamp{}, p
		}
		st.micros, st.timed, st.offset = micros, true, offset
	}
	return st, inRange(st)
}

// fastStamp reads "2006-01-02" and "2006-01-02 15:04:05" (or T) without allocating.
func fastStamp(s string) (stamp, bool) {
	if len(s) != 10 && len(s) != 19 || s[4] != '-' || s[7] != '-' || !allDigits(s[0:4]) || !allDigits(s[5:7]) || !allDigits(s[8:10]) {
		return stamp{}, false
	}
	y, m, d := atoi(s[0:4]), atoi(s[5:7]), atoi(s[8:10])
	if !realDate(y, m, d) {
		return stamp{}, false
	}
	st := stamp{days: dayNumber(y, m, d), offset: noOffset}
	if len(s) == 10 {
		return st, true
	}
	if s[10] != ' ' && s[10] != 'T' {
		return stamp{}, false
	}
	micros, ok := fastClock(s[11:])
	st.micros, st.timed = micros, true
	return st, ok
}

// fastClock reads "15:04:05".
func fastClock(s string) (int64, bool) {
	if len(s) != 8 || s[2] != ':' || s[5] != ':' || !allDigits(s[0:2]) || !allDigits(s[3:5]) || !allDigits(s[6:8]) {
		return 0, false
	}
	h, m, sec := atoi(s[0:2]), atoi(s[3:5]), atoi(s[6:8])
	if h > 23 || m > 59 || sec > 59 {
		return 0, false
	}
	return (int64(h)*3600 + int64(m)*60 + int64(sec)) * int64(calendar.Second), true
}

// atoi reads few digits that are known to be digits.
func atoi(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// dayNumber gives days since 1970-01-01 of a proleptic Gregorian date (Howard
// Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
func dayNumber(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era)*146097 + int64(doe) - 719468
}

func realDate(y, m, d int) bool {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 {
		return false
	}
	return d <= time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func inRange(st stamp) *problem {
	if st.days < firstDay || st.days >= lastDay {
		return dateRange
	}
	return nil
}

// epochStamp reads a count since 1970 UTC.
func epochStamp(s string, order Order) (stamp, *problem) {
	if !isPlainNumber(s) || len(s) > 24 {
		return stamp{}, notADate
	}
	scale := int64(calendar.Second)
	switch order {
	case OrderEpochMilli:
		scale = int64(calendar.Millisecond)
	case OrderEpochMicro:
		scale = 1
	default:
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || n > int64(lastDay)*dayMicros/scale {
		return stamp{}, dateRange
	}
	micros := n * scale
	if fraction != "" {
		f, _ := strconv.ParseFloat("0."+fraction, 64) // digits, checked above
		micros += int64(f * float64(scale))
	}
	return stamp{days: micros / dayMicros, micros: micros % dayMicros, timed: true, offset: 0, epoch: true}, nil
}

// serialStamp reads an Excel serial day.
func serialStamp(s string, order Order) (stamp, *problem) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !isPlainNumber(s) && !isExponent(s) {
		return stamp{}, notADate
	}
	epoch := int64(excelEpoch)
	if order == OrderExcel1904 {
		epoch = excel1904
	}
	if f < 0 || f > 1e5 {
		return stamp{}, dateRange
	}
	whole := math.Floor(f)
	micros := int64(math.Round((f-whole)*float64(dayMicros)/float64(serialRound))) * serialRound
	st := stamp{days: int64(whole) + epoch, micros: micros, timed: f != whole, offset: noOffset}
	return st, inRange(st)
}

// splitStamp separates the date's text from the time's.
func splitStamp(s string) (string, string) {
	if i := strings.IndexAny(s, "日号"); i > 0 {
		return s[:i], strings.TrimSpace(s[i+len("日"):])
	}
	if len(s) > 10 && s[10] == 'T' {
		return s[:10], s[11:]
	}
	colon := strings.IndexAny(s, ":时点")
	if colon < 0 {
		return s, ""
	}
	// The time begins after the last space before its first colon, AM/PM words included.
	cut := strings.LastIndexByte(s[:colon], ' ')
	if cut < 0 {
		return s, ""
	}
	date, clock := s[:cut], s[cut+1:]
	if head, word := cutLastWord(date); halfOfDay(word) >= 0 {
		return head, word + " " + clock
	}
	return strings.TrimRight(date, ", "), clock
}

func cutLastWord(s string) (string, string) {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, ' '); i >= 0 {
		return strings.TrimSpace(s[:i]), s[i+1:]
	}
	return s, ""
}

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// parseDay reads a date in days since 1970.
func parseDay(s string, order Order) (int64, *problem) {
	s = strings.TrimSpace(strings.TrimRight(strings.NewReplacer("年", "-", "月", "-", "日", "").Replace(s), "- "))
	if len(s) == 8 && allDigits(s) {
		return checkedDay(atoi(s[0:4]), atoi(s[4:6]), atoi(s[6:8]))
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' || r == ' ' || r == ',' })
	if len(parts) == 4 && !allDigits(parts[0]) && monthOf(parts[0]) == 0 {
		parts = parts[1:] // a weekday's name
	}
	if len(parts) != 3 {
		return 0, notADate
	}
	if named, days, p := namedMonth(parts); named {
		return days, p
	}
	var n [3]int
	for i, part := range parts {
		if !allDigits(part) || len(part) > 4 {
			return 0, notADate
		}
		n[i] = atoi(part)
	}
	switch {
	case len(parts[0]) == 4:
		return checkedDay(n[0], n[1], n[2])
	case order == OrderYMD:
		return checkedDay(fullYear(n[0], parts[0]), n[1], n[2])
	case order == OrderDMY:
		return checkedDay(fullYear(n[2], parts[2]), n[1], n[0])
	case order == OrderMDY:
		return checkedDay(fullYear(n[2], parts[2]), n[0], n[1])
	case len(parts[2]) != 4:
		return 0, shortYear
	case strings.Count(s, ".") == 2, n[0] > 12:
		return checkedDay(n[2], n[1], n[0]) // dotted dates are day first wherever they are used
	case n[1] > 12, n[0] == n[1]:
		return checkedDay(n[2], n[0], n[1])
	}
	return 0, ambiguousDate
}

// namedMonth reads 31-Jan-2024 and Jan 31 2024.
func namedMonth(parts []string) (bool, int64, *problem) {
	d, y := parts[1], parts[2]
	m := monthOf(parts[0])
	if m == 0 {
		d, m = parts[0], monthOf(parts[1])
	}
	if m == 0 {
		return false, 0, nil
	}
	if !allDigits(d) || !allDigits(y) || len(d) > 2 || len(y) != 2 && len(y) != 4 {
		return true, 0, notADate
	}
	days, p := checkedDay(fullYear(atoi(y), y), m, atoi(d))
	return true, days, p
}

func monthOf(s string) int {
	s = strings.ToLower(s)
	if len(s) < 3 {
		return 0
	}
	for i, name := range monthNames {
		if strings.HasPrefix(s, name) {
			return i + 1
		}
	}
	return 0
}

// fullYear completes a two-digit year: 70-99 lie in 19xx, 00-69 in 20xx (POSIX strptime %y, one year later).
func fullYear(n int, text string) int {
	switch {
	case len(text) > 2:
		return n
	case n >= 70:
		return 1900 + n
	}
	return 2000 + n
}

func checkedDay(y, m, d int) (int64, *problem) {
	if !realDate(y, m, d) {
		return 0, notADate
	}
	return dayNumber(y, m, d), nil
}

// halfOfDay gives 0 for words of the morning, 1 of the afternoon, -1 for other text.
func halfOfDay(s string) int {
	switch strings.ToLower(strings.ReplaceAll(s, ".", "")) {
	case "am", "上午", "凌晨", "早上":
		return 0
	case "pm", "下午", "晚上", "中午", "傍晚":
		return 1
	}
	return -1
}

// parseTimeOfDay reads microseconds since local midnight; 24:00 and later hours up
// to 48:00 lie on the next date. A fraction below 1 is Excel's time of day.
func parseTimeOfDay(s string) (int64, *problem) {
	if micros, ok := fastClock(s); ok {
		return micros, nil
	}
	if isPlainNumber(s) && strings.Contains(s, ".") || s == "0" || s == "1" {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 0 || f > 1 {
			return 0, notATime
		}
		return int64(math.Round(f*float64(dayMicros)/float64(serialRound))) * serialRound, nil
	}
	if len(s) == 4 && allDigits(s) {
		s = s[:2] + ":" + s[2:] // 0930
	}
	clock, half := cutHalf(strings.TrimSpace(s))
	clock = strings.TrimSuffix(strings.TrimSuffix(strings.NewReplacer("时", ":", "点", ":", "分", ":", "秒", "").Replace(clock), ":"), ":")
	parts := strings.Split(strings.Replace(clock, ",", ".", 1), ":")
	if len(parts) == 1 && half >= 0 {
		parts = append(parts, "0")
	}
	if len(parts) < 2 || len(parts) > 3 {
		return 0, notATime
	}
	if len(parts) == 2 {
		parts = append(parts, "0")
	}
	if !allDigits(parts[0]) || !allDigits(parts[1]) || len(parts[0]) > 2 || len(parts[1]) > 2 || !isPlainNumber(parts[2]) {
		return 0, notATime
	}
	h, m := int64(atoi(parts[0])), int64(atoi(parts[1]))
	sec, err := strconv.ParseFloat(parts[2], 64)
	if err != nil || sec < 0 || sec >= 60 || m > 59 || half >= 0 && (h > 12 && half == 0 || h > 23) {
		return 0, notATime
	}
	if half >= 0 && h <= 12 {
		h = h%12 + int64(half)*12
	}
	micros := (h*3600+m*60)*int64(calendar.Second) + int64(math.Round(sec*float64(calendar.Second)))
	if micros > maxTimeOfDa {
		return 0, notATime
	}
	return micros, nil
}

// cutHalf takes AM/PM words off either end.
func cutHalf(s string) (string, int) {
	lower := strings.ToLower(s)
	for _, word := range []string{"a.m.", "p.m.", "am", "pm", "上午", "下午", "凌晨", "早上", "晚上", "中午", "傍晚"} {
		if strings.HasSuffix(lower, word) {
			return strings.TrimSpace(s[:len(s)-len(word)]), halfOfDay(word)
		}
		if strings.HasPrefix(lower, word) {
			return strings.TrimSpace(s[len(word):]), halfOfDay(word)
		}
	}
	return s, -1
}

// cutOffset takes Z or +08:00 off the end of a time.
func cutOffset(s string) (string, int64) {
	if strings.HasSuffix(s, "Z") || strings.HasSuffix(s, "z") {
		return s[:len(s)-1], 0
	}
	i := strings.LastIndexAny(s, "+-")
	if i < 4 {
		return s, noOffset
	}
	digits := strings.ReplaceAll(s[i+1:], ":", "")
	if !allDigits(digits) || len(digits) != 4 && len(digits) != 2 {
		return s, noOffset
	}
	minutes := atoi(digits[:2]) * 60
	if len(digits) == 4 {
		minutes += atoi(digits[2:])
	}
	if minutes > 14*60 {
		return s, noOffset
	}
	if s[i] == '-' {
		minutes = -minutes
	}
	return strings.TrimSpace(s[:i]), int64(minutes) * int64(calendar.Minute)
}
