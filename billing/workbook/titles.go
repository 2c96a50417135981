package workbook

import (
	"muster/billing/rating"
	"muster/tenants/fault"
)

// titles are the texts of a workbook in one language.
type titles struct {
	documents                                                                                                           map[Kind]string
	invoice, summary, credits, reconciliation, annex                                                                    string
	net, tax, base, total, check, nothing, tier, refers, yes, no, checks, workbook, ledger, difference, hash, sum, days string
	partyLabels, documentLabels                                                                                         [8]string
	lineHeads, summaryHeads, creditHeads, reconHeads, annexHeads                                                        []string
	units                                                                                                               map[rating.Unit]string
	kinds                                                                                                               map[rating.Kind]string
	measures                                                                                                            map[rating.Measure]string
	activities, reasons, indicators, words                                                                              map[string]string
	better                                                                                                              map[rating.Better]string
}

// title names the document.
func (t titles) title(k Kind) string { return t.documents[k] }

// titlesOf finds the texts of a locale.
func titlesOf(locale string) (titles, error) {
	switch locale {
	case "en":
		return english, nil
	case "zh-CN":
		return chinese, nil
	}
	return titles{}, fault.Newf(fault.Invalid, "billing.unknown_locale", "locale %q is unknown: want one of en, zh-CN", locale)
}

var english = titles{
	documents: map[Kind]string{KindDraft: "DRAFT – settlement statement", KindInvoice: "Invoice", KindCreditNote: "Credit note"},
	invoice:   "Invoice", summary: "Summary by LOB", credits: "SLA credits", reconciliation: "Reconciliation", annex: "Annex",
	net: "Net total", tax: "Tax", base: "on", total: "Total", check: "Check: net total less annex (must be 0.00)", nothing: "nothing", tier: "tier %d",
	refers: "on lines %s", yes: "yes", no: "no", checks: "Check", workbook: "Workbook", ledger: "Ledger", difference: "Difference", hash: "Hash of data and rate card", sum: "Sum", days: "%d days",
	partyLabels:    [8]string{"From", "Address", "Tax id", "Bank", "To", "Address", "Tax id", "Note"},
	documentLabels: [8]string{"Number", "Issued", "Due", "Service period", "Purchase order", "Terms", "Currency", "Rate card"},
	lineHeads:      []string{"No", "Description", "Line of business", "From", "To", "Quantity", "Unit", "Unit price", "Factor", "Per", "Amount", "Tax", "Tax rate"},
	summaryHeads:   []string{"No", "Line of business", "Charges", "SLA credits", "Other", "Net", "Share"},
	creditHeads: []string{"Measure", "Line of business", "Numerator", "Denominator", "Per", "Value", "Target", "Better", "Charges at risk", "At risk", "Weight",
		"Band", "Repeat", "Reason", "Amount", "Line"},
	reconHeads: []string{"Measured", "Line of business", "Activity", "Channel", "Billable", "Measured quantity", "Paid", "Billed", "Not billed", "Billed again", "Outside rate card", "Unit"},
	annexHeads: []string{"Line", "Date", "Line of business", "Measure", "Source", "Channel", "Queue", "Tier", "Site", "Day type", "Band", "Activity", "Quantity", "Unit", "Amount", "Raw"},
	units: map[rating.Unit]string{rating.UnitHour: "hour", rating.UnitMinute: "minute", rating.UnitContact: "contact", rating.UnitPiece: "piece", rating.UnitSeat: "seat",
		rating.UnitPeriod: "period", rating.UnitDay: "day", rating.UnitCurrency: "amount"},
	kinds: map[rating.Kind]string{rating.KindMinimum: "Minimum", rating.KindMaximum: "Ceiling", rating.KindDiscount: "Discount", rating.KindCredit: "SLA credit",
		rating.KindBonus: "SLA bonus", rating.KindCap: "Cap on SLA credits", rating.KindAdjustment: "Adjustment"},
	measures: map[rating.Measure]string{rating.AgentTime: "Agent time", rating.HandleTime: "Handle time", rating.ContactsOffered: "Contacts offered",
		rating.ContactsHandled: "Contacts handled", rating.ContactsResolved: "Contacts resolved", rating.Outcomes: "Outcomes", rating.Seats: "Seats", rating.Cost: "Costs"},
	activities: map[string]string{"work": "work", "break": "break", "meal": "meal", "training": "training", "meeting": "meeting", "office": "office", "absent": "absent"},
	indicators: map[string]string{"service_level": "Service level", "abandonment": "Abandonment", "asa": "Average speed of answer", "aht": "Average handle time", "occupancy": "Occupancy", "forecast_accuracy": "Forecast accuracy"},
	reasons: map[string]string{"met": "met", "missed": "missed", "bonus": "bonus", "within_bands": "below target, above the bands", "no_data": "nothing measured",
		"no_result": "no result", "small_sample": "too few to judge", "waived": "waived"},
	words:  map[string]string{},
	better: map[rating.Better]string{rating.Higher: "higher", rating.Lower: "lower"},
}

var chinese = titles{
	documents: map[Kind]string{KindDraft: "结算单(草稿)", KindInvoice: "结算单(发票附件)", KindCreditNote: "红字结算单(冲减)"},
	invoice:   "结算单", summary: "业务线汇总", credits: "SLA扣减", reconciliation: "对账", annex: "明细",
	net: "不含税合计", tax: "税额", base: "计税基数", total: "价税合计", check: "校验:不含税合计减明细合计(应为 0.00)", nothing: "无", tier: "第%d档",
	refers: "针对第%s行", yes: "是", no: "否", checks: "校验项", workbook: "本表", ledger: "账务系统", difference: "差额", hash: "数据与费率卡摘要", sum: "合计", days: "%d天",
	partyLabels:    [8]string{"服务方", "地址", "纳税人识别号", "开户行及账号", "客户", "地址", "纳税人识别号", "备注"},
	documentLabels: [8]string{"编号", "开具日期", "付款期限", "服务期间", "采购订单号", "付款条件", "币种", "费率卡"},
	lineHeads:      []string{"序号", "项目", "业务线", "起", "止", "数量", "单位", "单价", "系数", "每", "金额", "税目", "税率"},
	summaryHeads:   []string{"序号", "业务线", "服务费", "SLA扣减", "其他", "净额", "占比"},
	creditHeads:    []string{"考核指标", "业务线", "分子", "分母", "换算", "实际值", "目标值", "方向", "考核基数", "风险比例", "权重", "档位", "连续系数", "说明", "金额", "行号"},
	reconHeads:     []string{"计量项", "业务线", "活动", "渠道", "可计费", "计量数量", "已付薪", "已计费", "未计费", "重复计费", "费率卡以外", "单位"},
	annexHeads:     []string{"行号", "日期", "业务线", "计量项", "来源", "渠道", "队列", "级别", "职场", "日期类型", "时段", "活动", "数量", "单位", "金额", "原始值"},
	units: map[rating.Unit]string{rating.UnitHour: "小时", rating.UnitMinute: "分钟", rating.UnitContact: "件", rating.UnitPiece: "项", rating.UnitSeat: "席位",
		rating.UnitPeriod: "期", rating.UnitDay: "天", rating.UnitCurrency: "金额"},
	kinds: map[rating.Kind]string{rating.KindMinimum: "保底", rating.KindMaximum: "封顶", rating.KindDiscount: "折扣", rating.KindCredit: "SLA扣减",
		rating.KindBonus: "SLA奖励", rating.KindCap: "SLA扣减上限", rating.KindAdjustment: "调整"},
	measures: map[rating.Measure]string{rating.AgentTime: "坐席工时", rating.HandleTime: "处理时长", rating.ContactsOffered: "进线量", rating.ContactsHandled: "处理量",
		rating.ContactsResolved: "解决量", rating.Outcomes: "成果", rating.Seats: "席位", rating.Cost: "代垫费用"},
	activities: map[string]string{"work": "在线服务", "break": "小休", "meal": "用餐", "training": "培训", "meeting": "会议", "office": "内勤", "absent": "缺勤"},
	indicators: map[string]string{"service_level": "服务水平", "abandonment": "放弃率", "asa": "平均应答速度", "aht": "平均处理时长", "occupancy": "占用率", "forecast_accuracy": "预测准确率"},
	reasons: map[string]string{"met": "达标", "missed": "未达标", "bonus": "奖励", "within_bands": "低于目标,未进入扣减档", "no_data": "无数据", "no_result": "无结果",
		"small_sample": "样本不足", "waived": "豁免"},
	words: map[string]string{"workday": "工作日", "weekend": "周末", "holiday": "节假日", "day": "日间", "night": "夜间", "junior": "初级", "middle": "中级", "expert": "专家",
		"voice": "语音", "chat": "在线", "mail": "邮件", "app": "应用", "social": "社交"},
	better: map[rating.Better]string{rating.Higher: "越高越好", rating.Lower: "越低越好"},
}
