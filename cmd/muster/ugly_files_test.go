package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// uglyCall is one call of the invented history that the ugly files tell.
type uglyCall struct {
	id         string
	at         time.Time // local
	wait, talk int       // seconds
	answered   bool
	agent      string
}

// uglyHistory invents four weeks of calls, Monday to Saturday from 9 to 18.
func uglyHistory(seed uint64, perHour float64) [4][]uglyCall {
	var weeks [4][]uglyCall
	r := rand.New(rand.NewPCG(seed, 11))
	first := time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
	for day := range 28 {
		date := first.AddDate(0, 0, day)
		if date.Weekday() == time.Sunday {
			continue
		}
		for at := 9 * 3600.0; ; {
			at += r.ExpFloat64() * 3600 / perHour
			if at >= 18*3600 {
				break
			}
			c := uglyCall{id: fmt.Sprintf("%d%02d%04d", seed, day, len(weeks[day/7])), at: date.Add(time.Duration(at) * time.Second), wait: r.IntN(40), talk: 60 + r.IntN(300), answered: r.IntN(12) > 0, agent: fmt.Sprintf("%05d", r.IntN(12)+1)}
			if !c.answered {
				c.talk, c.agent = 0, ""
			}
			weeks[day/7] = append(weeks[day/7], c)
		}
	}
	return weeks
}

// textFile writes lines and encodes them.
func textFile(t *testing.T, e encoding.Encoding, lineEnd string, lines ...string) []byte {
	t.Helper()
	text := strings.Join(lines, lineEnd) + lineEnd
	if e == nil {
		return []byte(text)
	}
	b, err := e.NewEncoder().Bytes([]byte(text))
	require.NoError(t, err)
	return b
}

// sheetFile writes a workbook's rows and applies formats to whole columns from a row on.
func sheetFile(t *testing.T, sheet string, rows [][]any, formats map[string]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	if sheet != "Sheet1" {
		_, err := f.NewSheet(sheet)
		require.NoError(t, err)
	}
	for i, row := range rows {
		require.NoError(t, f.SetSheetRow(sheet, fmt.Sprint("A", i+1), &row))
	}
	for column, format := range formats {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		require.NoError(t, err)
		require.NoError(t, f.SetCellStyle(sheet, column+"2", fmt.Sprint(column, len(rows)), style))
	}
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	return out.Bytes()
}

// serial gives Excel's number of a local time.
func serial(t time.Time) float64 {
	return t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
}

func clock(seconds int) string {
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

func word(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// uglyExport is one of the twelve files and the command line that imports it.
type uglyExport struct {
	name string
	data []byte
	args []string
	says string // what the summary must say
}

// uglyExports tells the history as twelve files from nine systems.
func uglyExports(t *testing.T) []uglyExport {
	hotline, complaints, chats := uglyHistory(1, 12), uglyHistory(2, 8), uglyHistory(3, 10)
	return append(append(uglyStaff(t), uglyHotline(t, hotline)...), uglyOthers(t, complaints, chats)...)
}

// uglyStaff gives people, state codes and four weeks of states.
func uglyStaff(t *testing.T) []uglyExport {
	staff := [][]any{{"员工花名册（2026年2月）"}, {}, {"工号", "姓名", "职场", "班组", "级别", "技能", "周工时", "时薪", "入职日期"}}
	for i := range 12 {
		staff = append(staff, []any{fmt.Sprintf("%05d", i+1), fmt.Sprint("员工", i+1), "大连", "一组", []string{"初级", "中级", "高级"}[i%3], "热线:80、投诉:70；在线:60", 40, 45.5, "2025/6/1"})
	}
	first, second := []string{"sep=;", "Agent;State;Start time;Duration"}, []string{"坐席状态明细,,,,", "工号,状态,示忙原因,开始时间,结束时间"}
	for day := range 28 {
		date := time.Date(2026, 2, 2+day, 9, 0, 0, 0, time.UTC)
		if date.Weekday() == time.Sunday {
			continue
		}
		for i := range 12 {
			agent := fmt.Sprintf("%05d", i+1)
			for _, s := range []struct {
				code, zh, reason string
				from, minutes    int
			}{{"ready", "就绪", "", 0, 180}, {"lunch", "示忙", "用餐", 180, 60}, {"ready", "就绪", "", 240, 285}, {"coaching", "示忙", "培训", 525, 15}} {
				at := date.Add(time.Duration(s.from) * time.Minute)
				if day < 14 {
					first = append(first, fmt.Sprintf("%s;%s;%s;%s", agent, s.code, at.Format("02.01.2006 15:04:05"), clock(s.minutes*60)))
				} else {
					second = append(second, fmt.Sprintf("%s,%s,%s,%s,%s", agent, s.zh, s.reason, at.Format("2006/1/2 15:04"), at.Add(time.Duration(s.minutes)*time.Minute).Format("2006/1/2 15:04")))
				}
			}
		}
	}
	second = append(second, "合计,,,,", "制表：人力资源部,,,,")
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	return []uglyExport{
		{"01-staff.xlsx", sheetFile(t, "Sheet1", staff, nil), []string{"people", "--source", "hr", "--create"}, "12 rows read = 12 new"},
		{"02-codes.txt", textFile(t, utf16, "\r\n", "状态\t活动\t计薪\t计费", "ready\t工作\t是\t是", "lunch\t用餐\t否\t否", "coaching\t培训\t是\t否"), []string{"codes", "--source", "acd-west"}, "3 new"},
		{"03-codes.csv", textFile(t, simplifiedchinese.GB18030, "\r\n", "状态,活动,是否计薪,是否计费", "就绪,工作,是,是", "示忙/用餐,用餐,否,否", "示忙/培训,培训,是,否"), []string{"codes", "--source", "acd-east"}, "3 new"},
		{"04-states.csv", textFile(t, nil, "\r\n", first...), []string{"states", "--source", "acd-west"}, "0 refused"},
		{"05-states.csv", textFile(t, simplifiedchinese.GB18030, "\r\n", second...), []string{"states", "--source", "acd-east"}, "1 ignored + 1 totals"},
	}
}

// uglyHotline gives each week of the hotline as another system exports it, and the last week once more.
func uglyHotline(t *testing.T, weeks [4][]uglyCall) []uglyExport {
	week1 := []string{"呼叫中心话单;;;;;;", "统计周期：第6周;;;;;;", "流水号;技能组;来电时间;是否接通;排队时长(秒);通话时长(秒);工号"}
	for _, c := range weeks[0] {
		week1 = append(week1, fmt.Sprintf("%s;热线;%s;%s;%d;%d;%s", c.id, c.at.Format("2006年1月2日 15:04:05"), word(c.answered, "是", "否"), c.wait, c.talk, c.agent))
	}
	week1 = append(week1, "合计;;;;1;1;")
	week2 := []string{"Call ID\tQueue Name\tStart Time\tCall Result\tWait Time\tTalk Time\tAgent ID"}
	for _, c := range weeks[1] {
		week2 = append(week2, strings.Join([]string{c.id, "hotline", c.at.Format("1/2/2006 3:04:05 PM"), word(c.answered, "Answered", "Abandoned"), clock(c.wait), clock(c.talk), c.agent}, "\t"))
	}
	week3 := [][]any{{"call id", "service", "call time", "result", "wait time", "talk duration", "agent"}}
	for _, c := range weeks[2] {
		week3 = append(week3, []any{c.id, "Hotline", serial(c.at), word(c.answered, "answered", "lost"), float64(c.wait) / 86400, float64(c.talk) / 86400, c.agent})
	}
	week4 := []string{"CALL_ID,CALL_DATE,CALL_TIME,SKILL,WAIT_SECS,TALK_SECS,DISPOSITION,AGENT_ID"}
	for _, c := range weeks[3] {
		week4 = append(week4, fmt.Sprintf("%s,%s,%s,hotline,%d,%d,%s,%s", c.id, c.at.Format("02-Jan-2006"), c.at.Format("15:04:05"), c.wait, c.talk, word(c.answered, "ANSWERED", "NO ANSWER"), c.agent))
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write(append([]byte("\xEF\xBB\xBF"), textFile(t, nil, "\n", week4...)...))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	again := append([]string{week4[0], week4[1], strings.Replace(week4[2], ",hotline,", ",hotline,1", 1), week4[0]}, week4[3:]...)
	again = append(again, "1.38E+10,02-Mar-2026,10:00:00,hotline,1,1,ANSWERED,", "TOTAL,,,,1,1,,")
	return []uglyExport{
		{"06-week1.csv", textFile(t, simplifiedchinese.GB18030, "\r\n", week1...), []string{"contacts", "--source", "platform-a"}, "0 refused + 0 ignored + 1 totals"},
		{"07-week2.txt", textFile(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "\r\n", week2...), []string{"contacts", "--source", "platform-b"}, "0 refused"},
		{"08-week3.xlsx", sheetFile(t, "Export", week3, map[string]string{"C": "yyyy/mm/dd hh:mm:ss", "E": "[h]:mm:ss", "F": "[h]:mm:ss"}), []string{"contacts", "--source", "platform-c"}, "0 refused"},
		{"09-week4.csv.gz", zipped.Bytes(), []string{"contacts", "--source", "platform-d"}, "0 refused"},
		{"10-week4-again.csv", textFile(t, nil, "\r", again...), []string{"contacts", "--source", "platform-d"}, "0 new + 1 changed"},
	}
}

// uglyOthers gives the complaints as a queue_log and the chats as interval counts.
func uglyOthers(t *testing.T, complaints, chats [4][]uglyCall) []uglyExport {
	shanghai := time.FixedZone("", 8*3600)
	epoch := func(at time.Time) int64 {
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, shanghai).Unix()
	}
	var log []string
	counts := map[time.Time][3]int{}
	for week := range 4 {
		for _, c := range complaints[week] {
			at := epoch(c.at)
			log = append(log, fmt.Sprintf("%d|%s|complaints|NONE|ENTERQUEUE||1390000|1", at, c.id))
			if c.answered {
				log = append(log, fmt.Sprintf("%d|%s|complaints|%s|CONNECT|%d|u|2", at+int64(c.wait), c.id, c.agent, c.wait), fmt.Sprintf("%d|%s|complaints|%s|COMPLETECALLER|%d|%d|1", at+int64(c.wait+c.talk), c.id, c.agent, c.wait, c.talk))
			} else {
				log = append(log, fmt.Sprintf("%d|%s|complaints|NONE|ABANDON|1|1|%d", at+int64(c.wait), c.id, c.wait))
			}
		}
		for _, c := range chats[week] {
			slot := c.at.Truncate(30 * time.Minute)
			v := counts[slot]
			counts[slot] = [3]int{v[0] + 1, v[1] + len(word(c.answered, "1", "")), v[2] + c.talk}
		}
	}
	table := []string{"在线客服时段报表|||||", "业务线|日期|时间段|话务||处理", "|||呼入量|接起量|平均处理时长"}
	for day := range 28 {
		date := time.Date(2026, 2, 2+day, 9, 0, 0, 0, time.UTC)
		for at := date; at.Before(date.Add(9 * time.Hour)); at = at.Add(30 * time.Minute) {
			v := counts[at]
			if date.Weekday() != time.Sunday {
				table = append(table, fmt.Sprintf("在线|%s|%s-%s|%d|%d|%d秒", at.Format("2006/1/2"), at.Format("15:04"), at.Add(30*time.Minute).Format("15:04"), v[0], v[1], v[2]/max(1, v[1])))
			}
		}
	}
	return []uglyExport{
		{"11-queue_log", textFile(t, nil, "\n", log...), []string{"contacts", "--source", "asterisk", "--preset", "queue_log"}, "0 refused"},
		{"12-intervals.csv", textFile(t, nil, "\n", append(table, "总计|||1|1|")...), []string{"intervals", "--source", "chat-tool"}, "432 new + 0 changed + 0 unchanged + 0 refused + 0 ignored + 1 totals"},
	}
}
