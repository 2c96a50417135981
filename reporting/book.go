package reporting

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"

	"muster/billing/workbook"
	"muster/reporting/measure"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// bookTexts are the words of a scorecard's workbook in one language.
type bookTexts struct {
	card, days       string
	heads, dayHeads  []string
	measures, status map[string]string
}

// bookLocales holds the texts by locale.
var bookLocales = map[string]bookTexts{
	"en": {card: "Scorecard", days: "Days",
		heads:    []string{"Measure", "Formula", "Target", "Actual", "Unit", "Better", "Status", "Numerator", "Denominator", "Per", "Numerator counts", "Denominator counts"},
		dayHeads: []string{"Measure", "Formula", "Date", "Numerator", "Denominator", "Per", "Value"},
		measures: map[string]string{"service_level": "Service level", "abandonment": "Abandonment", "asa": "Average speed of answer", "aht": "Average handle time", "occupancy": "Occupancy",
			"forecast_accuracy": "Forecast accuracy (WAPE)", "forecast_bias": "Forecast bias"},
		status: map[string]string{"good": "good", "watch": "watch", "bad": "bad", "unknown": "unknown"}},
	"zh-CN": {card: "服务评分卡", days: "按日明细",
		heads:    []string{"指标", "公式", "目标值", "实际值", "单位", "方向", "状态", "分子", "分母", "换算", "分子口径", "分母口径"},
		dayHeads: []string{"指标", "公式", "日期", "分子", "分母", "换算", "数值"},
		measures: map[string]string{"service_level": "服务水平", "abandonment": "放弃率", "asa": "平均应答速度", "aht": "平均处理时长", "occupancy": "占用率", "forecast_accuracy": "预测误差(WAPE)", "forecast_bias": "预测偏差"},
		status:   map[string]string{"good": "达标", "watch": "关注", "bad": "未达标", "unknown": "无数据"}},
}

// dayRatio is what one business date adds to a measure.
type dayRatio struct {
	line  Line
	day   calendar.Date
	ratio measure.Ratio
}

// ExportScorecard writes a scorecard as an Excel workbook: every actual is a live
// formula of its counts, and a second sheet holds the counts per business date.
func (s *Service) ExportScorecard(ctx context.Context, sc scope.Scope, client ids.Client, from, until calendar.Date, locale string) (content []byte, err error) {
	texts, ok := bookLocales[locale]
	if !ok {
		return nil, fault.Newf(fault.Invalid, "report.unknown_locale", "The locale %q is unknown: use en or zh-CN.", locale)
	}
	card, err := s.Scorecard(ctx, sc, client, from, until)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.Zone(card.Zone)
	if err != nil {
		return nil, err
	}
	var days []dayRatio
	for _, l := range card.Lines {
		if l.Note != "" {
			continue
		}
		buckets, err := s.Buckets(ctx, sc, l.Measure.ID, from, until)
		if err != nil {
			return nil, err
		}
		days = append(days, byDay(l, buckets, zone)...)
	}
	return writeCard(texts, card, days)
}

// byDay adds a measure's buckets up per business date, in order.
func byDay(l Line, buckets []Bucket, zone *time.Location) []dayRatio {
	sums := map[calendar.Date]measure.Ratio{}
	var order []calendar.Date
	for _, b := range buckets {
		d := calendar.DateOf(b.StartAt, zone)
		sum, known := sums[d]
		if !known {
			order = append(order, d)
		}
		sums[d] = measure.Ratio{Numerator: sum.Numerator + b.Ratio.Numerator, Denominator: sum.Denominator + b.Ratio.Denominator, Per: b.Ratio.Per}
	}
	slices.Sort(order)
	out := make([]dayRatio, len(order))
	for i, d := range order {
		out[i] = dayRatio{l, d, sums[d]}
	}
	return out
}

// writeCard is the workbook as bytes; the same scorecard gives the same bytes.
func writeCard(texts bookTexts, card Scorecard, days []dayRatio) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // only removes temporary files
	stamp := "2000-01-01T00:00:00Z"
	if err := f.SetDocProps(&excelize.DocProperties{Title: texts.card, Creator: "muster", LastModifiedBy: "muster", Created: stamp, Modified: stamp}); err != nil {
		return nil, err
	}
	styles, err := cardStyles(f)
	if err != nil {
		return nil, err
	}
	if err := f.SetSheetName("Sheet1", texts.card); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet(texts.days); err != nil {
		return nil, err
	}
	name := func(l Line) string {
		if n, ok := texts.measures[l.Measure.Key]; ok {
			return n
		}
		return l.Measure.Key
	}
	rows := make([][]any, 0, len(card.Lines))
	for i, l := range card.Lines {
		formula := string(l.Definition.Formula)
		if l.Note != "" {
			formula = l.Note
		}
		style := styles.number
		if l.Definition.Unit == measure.Share {
			style = styles.share
		}
		rows = append(rows, []any{name(l), formula, cell(style, l.Target.InexactFloat64()), ratioCell(style, l.Ratio, i+2, "H", "I", "J"), string(l.Definition.Unit), l.Measure.Better, texts.status[string(l.Status)],
			cell(styles.count, l.Ratio.Numerator), cell(styles.count, l.Ratio.Denominator), cell(styles.count, max(l.Ratio.Per, 1)), l.Definition.Numerator, l.Definition.Denominator})
	}
	if err := stream(f, texts.card, styles.head, texts.heads, rows); err != nil {
		return nil, err
	}
	rows = rows[:0]
	for i, d := range days {
		style := styles.number
		if d.line.Definition.Unit == measure.Share {
			style = styles.share
		}
		rows = append(rows, []any{name(d.line), string(d.line.Definition.Formula), cell(styles.date, int64(d.day)+25569), cell(styles.count, d.ratio.Numerator), cell(styles.count, d.ratio.Denominator),
			cell(styles.count, max(d.ratio.Per, 1)), ratioCell(style, d.ratio, i+2, "D", "E", "F")})
	}
	if err := stream(f, texts.days, styles.head, texts.dayHeads, rows); err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		return nil, err
	}
	return workbook.Settle(raw.Bytes())
}

// bookStyles are the ids of the cell styles.
type bookStyles struct{ head, number, share, count, date int }

// cardStyles registers the cell styles.
func cardStyles(f *excelize.File) (bookStyles, error) {
	var out bookStyles
	var err error
	if out.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return out, err
	}
	for _, x := range []struct {
		into   *int
		format string
	}{{&out.number, "#,##0.00"}, {&out.share, "0.0#%"}, {&out.count, "#,##0"}, {&out.date, "yyyy-mm-dd"}} {
		if *x.into, err = f.NewStyle(&excelize.Style{CustomNumFmt: &x.format}); err != nil {
			return out, err
		}
	}
	return out, nil
}

// cell is a constant cell.
func cell(style int, v any) excelize.Cell { return excelize.Cell{StyleID: style, Value: v} }

// ratioCell is numerator ÷ (denominator × per) as a live formula with its value; empty without a denominator.
func ratioCell(style int, r measure.Ratio, row int, n, d, per string) excelize.Cell {
	if r.Denominator == 0 {
		return excelize.Cell{StyleID: style, Value: ""}
	}
	value := float64(r.Numerator) / (float64(r.Denominator) * float64(max(r.Per, 1)))
	return excelize.Cell{StyleID: style, Formula: fmt.Sprintf("%[2]s%[1]d/(%[3]s%[1]d*%[4]s%[1]d)", row, n, d, per), Value: value}
}

// stream writes one sheet: a frozen header and rows; texts stay texts.
func stream(f *excelize.File, sheet string, head int, heads []string, rows [][]any) error {
	a4, landscape, width, height, fit := 9, "landscape", 1, 0, true
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &width, FitToHeight: &height}); err != nil {
		return err
	}
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	w, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := w.SetColWidth(1, len(heads), 16); err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	first := make([]any, len(heads))
	for i, h := range heads {
		first[i] = cell(head, h)
	}
	for i, row := range slices.Concat([][]any{first}, rows) {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return w.Flush()
}
