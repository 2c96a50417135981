package intake

import (
	"muster/routing/records"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/people"
	"muster/tenants/tabular"
)

// Kind is what an import holds.
type Kind string

// The kinds of imports.
const (
	Contacts  Kind = "contacts"  // one row per contact
	Intervals Kind = "intervals" // counts per queue and interval
	States    Kind = "states"    // agent × state × from-to
	People    Kind = "people"    // staff
	Codes     Kind = "codes"     // what a source's state codes mean
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Contacts, Intervals, States, People, Codes} }

// ParseKind accepts a known kind.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds() {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fault.Newf(fault.Invalid, "import.unknown_kind", "Kind %q is unknown; allowed are: %s.", s, fault.Allowed(Kinds())).With("kind", s)
}

// texts turns named strings into strings.
func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// yesNo are the choices of flags.
var yesNo = []string{"yes", "no"}

// Schema gives the fields a kind takes, with the column names that mean them.
func Schema(k Kind) tabular.Schema {
	s := tabular.Schema{Name: string(k)}
	switch k {
	case Contacts:
		s.Fields = contactFields
	case Intervals:
		s.Fields = intervalFields
	case States:
		s.Fields = stateFields
	case People:
		s.Fields = peopleFields
	case Codes:
		s.Fields = codeFields
	}
	return s
}

var contactFields = []tabular.Field{
	{Name: "external_id", Kind: tabular.KindID, Required: true, Synonyms: []string{"id", "call id", "callid", "contact id", "session id", "ticket id", "ticket", "interaction id", "conversation id", "uniqueid", "ucid", "contact_no", "通话编号", "通话id", "呼叫id", "会话id", "会话编号", "流水号", "工单号", "工单编号", "编号", "话单号", "记录编号", "联络编号"}},
	{Name: "queue", Kind: tabular.KindText, Required: true, Synonyms: []string{"queue name", "skill", "skill group", "split", "service", "acd group", "hotline", "队列", "队列名称", "技能组", "技能", "业务线", "热线", "业务类型", "服务队列"}},
	{Name: "arrived_at", Kind: tabular.KindInstant, Required: true, Synonyms: []string{"arrival", "arrival time", "arrived", "start", "start time", "call time", "call start", "created", "created at", "date time", "datetime", "timestamp", "time", "offered at", "call date", "begin time", "来电时间", "呼入时间", "进线时间", "开始时间", "到达时间", "创建时间", "呼叫时间", "接入时间", "会话开始时间", "日期时间", "进入时间", "日期", "时间"}},
	{Name: "channel", Kind: tabular.KindChoice, Choices: texts(contract.Channels()), Synonyms: []string{"media", "media type", "contact channel", "渠道", "接入渠道", "媒体类型"}},
	{Name: "customer", Kind: tabular.KindID, Personal: true, Synonyms: []string{"customer id", "caller", "caller id", "ani", "account", "member id", "phone", "phone number", "客户", "客户id", "客户编号", "会员号", "主叫", "主叫号码", "来电号码", "手机号"}},
	{Name: "priority", Kind: tabular.KindCount, Synonyms: []string{"prio", "优先级"}},
	{Name: "queued_at", Kind: tabular.KindInstant, Synonyms: []string{"queue start", "queue time start", "queue entry", "enqueue time", "q start", "排队开始", "入队时间", "排队开始时间"}},
	{Name: "answered_at", Kind: tabular.KindInstant, Synonyms: []string{"answer time", "answered", "connect time", "connected at", "accepted at", "service start", "ser start", "pickup time", "接听时间", "应答时间", "接通时间", "接起时间", "服务开始"}},
	{Name: "ended_at", Kind: tabular.KindInstant, Synonyms: []string{"end", "end time", "hangup time", "call end", "finished at", "closed at", "disconnect time", "service end", "ser exit", "挂断时间", "结束时间", "挂机时间", "服务结束", "关闭时间", "会话结束时间"}},
	{Name: "wrapped_at", Kind: tabular.KindInstant, Synonyms: []string{"wrap end", "acw end", "wrapped", "话后结束", "整理结束时间"}},
	{Name: "wait", Kind: tabular.KindDuration, Synonyms: []string{"wait time", "waiting time", "queue time", "time in queue", "speed of answer", "q secs", "hold in queue", "wait duration", "ring wait", "等待时长", "排队时长", "等待时间", "排队时间", "等候时长"}},
	{Name: "talk", Kind: tabular.KindDuration, Synonyms: []string{"talk time", "talk duration", "duration", "call duration", "conversation time", "ser secs", "billsec", "通话时长", "通话时间", "会话时长", "服务时长", "时长"}},
	{Name: "hold", Kind: tabular.KindDuration, Synonyms: []string{"hold time", "hold duration", "保持时长", "通话保持时长"}},
	{Name: "wrap", Kind: tabular.KindDuration, Synonyms: []string{"acw", "wrap up", "wrap time", "wrap up time", "after call work", "acw time", "话后时长", "话后处理时长", "整理时长", "事后处理时长", "后处理时长"}},
	{Name: "handle", Kind: tabular.KindDuration, Synonyms: []string{"handle time", "handling time", "aht", "total handle time", "处理时长", "总处理时长"}},
	{Name: "outcome", Kind: tabular.KindChoice, Choices: texts(records.Outcomes()), Synonyms: []string{"result", "disposition", "status", "call result", "call status", "answered?", "结果", "通话结果", "接听状态", "是否接通", "状态", "呼叫结果"}},
	{Name: "agent", Kind: tabular.KindID, Synonyms: []string{"agent id", "agent name", "agent login", "user", "operator", "employee id", "staff number", "handled by", "坐席", "坐席工号", "工号", "客服", "客服工号", "坐席id", "接听坐席", "员工工号"}},
	{Name: "intent", Kind: tabular.KindText, Synonyms: []string{"reason", "contact reason", "topic", "category", "subject", "咨询类型", "来电原因", "问题分类", "意图", "分类"}},
}

var intervalFields = []tabular.Field{
	{Name: "queue", Kind: tabular.KindText, Required: true, Synonyms: []string{"queue name", "skill", "skill group", "split", "service", "acd group", "队列", "队列名称", "技能组", "技能", "业务线", "热线", "业务"}},
	{Name: "start", Kind: tabular.KindInstant, Required: true, IntervalStart: true, Synonyms: []string{"interval", "interval start", "start time", "time", "date time", "datetime", "timestamp", "period", "half hour", "time slot", "interval end", "end", "end time", "时段", "时间段", "时间", "开始时间", "起始时间", "统计时段", "间隔", "区间", "结束时间", "时段结束", "日期", "统计时间"}},
	{Name: "offered", Kind: tabular.KindCount, Required: true, Synonyms: []string{"calls", "calls offered", "offered calls", "incoming", "incoming calls", "received", "volume", "contacts", "contacts offered", "inbound", "total calls", "呼入量", "来电量", "进线量", "呼入数", "接入量", "呼入", "话务量", "总呼入量", "进线数"}},
	{Name: "answered", Kind: tabular.KindCount, Synonyms: []string{"calls answered", "answered calls", "handled", "calls handled", "accepted", "acd calls", "接起量", "接通量", "接听量", "应答量", "接通数", "接听数", "人工接起量"}},
	{Name: "abandoned", Kind: tabular.KindCount, Synonyms: []string{"calls abandoned", "abandoned calls", "abandons", "lost", "aban calls", "放弃量", "放弃数", "未接量", "呼损量", "呼损", "排队放弃量"}},
	{Name: "within_threshold", Kind: tabular.KindCount, Synonyms: []string{"answered within threshold", "within sl", "answered in sl", "within service level", "acceptable", "服务水平内接起量", "20s内接起量", "20秒内接起量", "达标接起量", "20秒接通量"}},
	{Name: "service_level", Kind: tabular.KindNumber, Synonyms: []string{"sl", "service level %", "sla", "sl %", "service level (%)", "服务水平", "服务水平率", "20秒接通率", "20s接通率"}},
	{Name: "wait", Kind: tabular.KindDuration, Synonyms: []string{"total wait", "total wait time", "total queue time", "ans time", "总等待时长", "等待总时长", "排队总时长"}},
	{Name: "mean_wait", Kind: tabular.KindDuration, Synonyms: []string{"asa", "average speed of answer", "avg speed ans", "avg wait", "average wait", "mean wait", "answer speed", "平均等待时长", "平均应答速度", "平均等待", "平均排队时长"}},
	{Name: "handle", Kind: tabular.KindDuration, Synonyms: []string{"total handle time", "total talk time", "handle time", "总处理时长", "处理总时长", "总通话时长", "通话总时长"}},
	{Name: "mean_handle", Kind: tabular.KindDuration, Synonyms: []string{"aht", "average handle time", "avg handle time", "average handling time", "att", "average talk time", "平均处理时长", "平均通话时长", "平均处理时间"}},
}

var stateFields = []tabular.Field{
	{Name: "agent", Kind: tabular.KindID, Required: true, Synonyms: []string{"agent id", "agent name", "agent login", "login", "user", "employee", "employee id", "staff number", "坐席", "坐席工号", "工号", "客服", "员工工号", "员工编号", "坐席id"}},
	{Name: "code", Kind: tabular.KindText, Required: true, Synonyms: []string{"state", "status", "agent state", "aux", "aux code", "activity code", "状态", "坐席状态", "状态名称", "状态码", "小休类型"}},
	{Name: "reason", Kind: tabular.KindText, Synonyms: []string{"reason code", "sub state", "pause reason", "not ready reason", "原因", "示忙原因", "小休原因", "状态原因"}},
	{Name: "started_at", Kind: tabular.KindInstant, Required: true, Synonyms: []string{"from", "start", "start time", "state start", "begin", "begin time", "开始时间", "起始时间", "开始", "状态开始时间"}},
	{Name: "ended_at", Kind: tabular.KindInstant, Synonyms: []string{"to", "end", "end time", "state end", "until", "结束时间", "结束", "状态结束时间", "截止时间"}},
	{Name: "duration", Kind: tabular.KindDuration, Synonyms: []string{"length", "state duration", "time in state", "时长", "持续时长", "状态时长", "持续时间"}},
	{Name: "external_id", Kind: tabular.KindID, Synonyms: []string{"id", "state id", "record id", "记录编号", "流水号"}},
	{Name: "lob", Kind: tabular.KindText, Synonyms: []string{"line of business", "business line", "project", "业务线", "项目"}},
	{Name: "activity", Kind: tabular.KindChoice, Choices: texts(records.Activities()), Synonyms: []string{"活动"}},
	{Name: "paid", Kind: tabular.KindChoice, Choices: yesNo, Synonyms: []string{"是否计薪"}},
	{Name: "billable", Kind: tabular.KindChoice, Choices: yesNo, Synonyms: []string{"是否计费", "可计费"}},
}

var peopleFields = []tabular.Field{
	{Name: "number", Kind: tabular.KindID, Required: true, Synonyms: []string{"staff number", "employee id", "employee number", "agent id", "id", "emp no", "工号", "员工编号", "员工工号", "坐席工号", "编号"}},
	{Name: "name", Kind: tabular.KindText, Personal: true, Synonyms: []string{"full name", "employee name", "agent name", "姓名", "员工姓名", "名字"}},
	{Name: "email", Kind: tabular.KindText, Personal: true, Synonyms: []string{"mail", "e-mail", "email address", "邮箱", "电子邮箱", "邮件"}},
	{Name: "site", Kind: tabular.KindText, Required: true, Synonyms: []string{"location", "centre", "center", "office", "职场", "站点", "场地", "地点", "基地"}},
	{Name: "team", Kind: tabular.KindText, Required: true, Synonyms: []string{"group", "team name", "班组", "小组", "组别", "团队", "组"}},
	{Name: "tier", Kind: tabular.KindChoice, Choices: texts(people.Tiers()), Synonyms: []string{"level", "grade", "seniority", "级别", "等级", "层级", "职级"}},
	{Name: "skills", Kind: tabular.KindText, Synonyms: []string{"skill", "skill set", "技能", "技能组", "技能列表"}},
	{Name: "clients", Kind: tabular.KindText, Synonyms: []string{"client", "account", "accounts", "project", "projects", "客户", "项目", "服务客户"}},
	{Name: "hired_on", Kind: tabular.KindDate, Synonyms: []string{"hire date", "start date", "joined", "date of joining", "入职日期", "入职时间"}},
	{Name: "weekly_hours", Kind: tabular.KindNumber, Synonyms: []string{"hours per week", "contract hours", "weekly contract hours", "周工时", "每周工时", "合同工时"}},
	{Name: "hourly_cost", Kind: tabular.KindNumber, Synonyms: []string{"cost per hour", "hourly rate", "wage", "时薪", "小时成本", "每小时成本"}},
	{Name: "currency", Kind: tabular.KindText, Synonyms: []string{"币种", "货币"}},
	{Name: "source_id", Kind: tabular.KindID, Synonyms: []string{"acd login", "login", "agent login", "acd id", "login id", "登录名", "登录工号", "系统账号", "话机工号"}},
}

var codeFields = []tabular.Field{
	{Name: "code", Kind: tabular.KindText, Required: true, Synonyms: []string{"state", "status", "aux", "aux code", "状态", "状态码", "编码"}},
	{Name: "activity", Kind: tabular.KindChoice, Required: true, Choices: texts(records.Activities()), Synonyms: []string{"activity type", "活动", "活动类型"}},
	{Name: "paid", Kind: tabular.KindChoice, Required: true, Choices: yesNo, Synonyms: []string{"是否计薪", "计薪"}},
	{Name: "billable", Kind: tabular.KindChoice, Required: true, Choices: yesNo, Synonyms: []string{"是否计费", "计费", "可计费"}},
}

// Words that common exports use for choices; they are part of a proposed mapping,
// where a person sees and may change them.
var proposedValues = map[string]map[string]string{
	"outcome": {
		"answered": "answered", "answer": "answered", "handled": "answered", "completed": "answered", "connected": "answered", "success": "answered", "agent": "answered", "yes": "answered", "y": "answered",
		"已接听": "answered", "接听": "answered", "接通": "answered", "已接通": "answered", "是": "answered", "成功": "answered", "已接": "answered", "已完成": "answered",
		"abandoned": "abandoned", "abandon": "abandoned", "hang": "abandoned", "lost": "abandoned", "missed": "abandoned", "no answer": "abandoned", "no": "abandoned", "n": "abandoned",
		"放弃": "abandoned", "已放弃": "abandoned", "未接": "abandoned", "未接听": "abandoned", "未接通": "abandoned", "否": "abandoned", "呼损": "abandoned", "排队放弃": "abandoned",
		"overflow": "overflowed", "overflowed": "overflowed", "溢出": "overflowed", "ivr": "self_service", "bot": "self_service", "自助": "self_service", "机器人": "self_service",
		"timeout": "other", "empty": "other", "key": "other", "error": "other",
	},
	"channel": {
		"voice": "voice", "phone": "voice", "call": "voice", "电话": "voice", "语音": "voice", "热线": "voice", "chat": "chat", "webchat": "chat", "im": "chat", "在线": "chat", "在线客服": "chat", "网页": "chat",
		"mail": "mail", "email": "mail", "邮件": "mail", "app": "app", "social": "social", "wechat": "social", "微信": "social", "微博": "social",
	},
	"tier": {"junior": "junior", "初级": "junior", "middle": "middle", "mid": "middle", "中级": "middle", "expert": "expert", "senior": "expert", "高级": "expert", "专家": "expert", "1": "junior", "2": "middle", "3": "expert", "t1": "junior", "t2": "middle", "t3": "expert"},
	"paid": flagWords, "billable": flagWords,
	"activity": {"work": "work", "工作": "work", "break": "break", "小休": "break", "休息": "break", "meal": "meal", "用餐": "meal", "午餐": "meal", "training": "training", "培训": "training", "meeting": "meeting", "会议": "meeting", "office": "office", "其他工作": "office", "absent": "absent", "缺勤": "absent", "离线": "absent"},
}

var flagWords = map[string]string{"yes": "yes", "y": "yes", "true": "yes", "1": "yes", "是": "yes", "no": "no", "n": "no", "false": "no", "0": "no", "否": "no"}

// queueLogMapping binds the preset's columns.
func queueLogMapping(source, zone string) tabular.Mapping {
	return tabular.Mapping{Version: tabular.MappingVersion, Kind: string(Contacts), Source: source, Zone: zone, Preset: tabular.PresetQueueLog, Fields: map[string]tabular.Binding{
		"external_id": {Column: "external_id"}, "queue": {Column: "queue"}, "customer": {Column: "caller"}, "agent": {Column: "agent"},
		"arrived_at":  {Column: "arrived_at", Format: tabular.OrderEpoch},
		"answered_at": {Column: "accepted_at", Format: tabular.OrderEpoch},
		"ended_at":    {Column: "ended_at", Format: tabular.OrderEpoch},
		"wait":        {Column: "wait", Unit: tabular.UnitSecond},
		"talk":        {Column: "talk", Unit: tabular.UnitSecond},
		"outcome":     {Column: "outcome", Values: map[string]string{"answered": "answered", "abandoned": "abandoned", "timeout": "other", "empty": "other", "key": "other"}},
	}}
}
