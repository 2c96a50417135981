package demo

import (
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/people"
)

// site is a place of the made-up provider.
type site struct {
	slug, name, zone, country string
}

var sites = []site{
	{"chengdu", "Chengdu", "Asia/Shanghai", "CN"},
	{"hefei", "Hefei", "Asia/Shanghai", "CN"},
	{"krakow", "Kraków", "Europe/Warsaw", "PL"},
}

// clientPlan is a made-up client with its contract.
type clientPlan struct {
	slug, name, zone, currency, locale string
	lobs                               []lobPlan
	open, close                        int // minutes of the day
	weekdays                           []time.Weekday
	hourRate, contactRate              string // price per productive hour and per contact on written channels
	tax, atRisk                        string
	closedOnHoliday                    bool
}

// lobPlan is a line of business with its queues.
type lobPlan struct {
	slug, name string
	queues     []queuePlan
}

// queuePlan is a queue with its demand. Volume is contacts of an ordinary week.
type queuePlan struct {
	slug, name  string
	channel     contract.Channel
	volume      float64
	handle      float64 // mean seconds, log-normal with CV 1.2
	threshold   int64   // seconds
	goal        float64
	concurrency int
	weekday     [7]float64 // Sunday first
	shape       []float64  // by hour from opening, any scale
	growth      float64    // per week, relative
	promotion   float64    // factor on promotion days
	holiday     float64    // factor on the holiday
}

var (
	everyDay  = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	workdays  = []time.Weekday{1, 2, 3, 4, 5}
	sixDays   = []time.Weekday{1, 2, 3, 4, 5, 6}
	officeDay = []float64{6, 10, 12, 11, 8, 8, 10, 10, 9, 7, 5, 4}
	shopDay   = []float64{5, 7, 9, 9, 8, 7, 7, 8, 8, 9, 11, 9, 6}
)

// clientPlans are the four clients.
var clientPlans = []clientPlan{
	{slug: "harvest", name: "Harvest Retail", zone: "Asia/Shanghai", currency: "CNY", locale: "zh-CN", open: 9 * 60, close: 22 * 60, weekdays: everyDay, hourRate: "68.50", contactRate: "4.20", tax: "0.06", atRisk: "0.10",
		lobs: []lobPlan{{"orders", "Orders and delivery", []queuePlan{
			{slug: "harvest-voice", name: "Order hotline", channel: contract.Voice, volume: 10500, handle: 440, threshold: 20, goal: 0.80, concurrency: 1,
				weekday: [7]float64{1.05, 1.1, 0.98, 0.95, 0.97, 1.0, 0.95}, shape: shopDay, promotion: 1.9, holiday: 1.25},
			{slug: "harvest-chat", name: "Order chat", channel: contract.Chat, volume: 4200, handle: 640, threshold: 60, goal: 0.80, concurrency: 2,
				weekday: [7]float64{1.1, 1.0, 0.95, 0.95, 0.97, 1.0, 1.03}, shape: shopDay, promotion: 2.1, holiday: 1.2},
		}}}},
	{slug: "linan", name: "Lin'an Bank", zone: "Asia/Shanghai", currency: "CNY", locale: "zh-CN", open: 8 * 60, close: 20 * 60, weekdays: everyDay, hourRate: "92.00", contactRate: "0", tax: "0.06", atRisk: "0.12", closedOnHoliday: true,
		lobs: []lobPlan{{"retail-banking", "Retail banking", []queuePlan{
			{slug: "linan-cards", name: "Card services", channel: contract.Voice, volume: 8800, handle: 460, threshold: 20, goal: 0.85, concurrency: 1,
				weekday: [7]float64{0.7, 1.3, 1.15, 1.08, 1.05, 1.02, 0.7}, shape: officeDay, promotion: 1, holiday: 0},
		}}, {"lending", "Lending", []queuePlan{
			{slug: "linan-loans", name: "Loan hotline", channel: contract.Voice, volume: 3700, handle: 600, threshold: 30, goal: 0.80, concurrency: 1,
				weekday: [7]float64{0.6, 1.35, 1.2, 1.1, 1.05, 1.0, 0.7}, shape: officeDay, promotion: 1, holiday: 0},
		}}}},
	{slug: "skylark", name: "Skylark Travel", zone: "Europe/Warsaw", currency: "EUR", locale: "en", open: 8 * 60, close: 20 * 60, weekdays: sixDays, hourRate: "21.40", contactRate: "2.35", tax: "0", atRisk: "0.10",
		lobs: []lobPlan{{"bookings", "Bookings", []queuePlan{
			{slug: "skylark-voice", name: "Booking line", channel: contract.Voice, volume: 1950, handle: 560, threshold: 30, goal: 0.80, concurrency: 1,
				weekday: [7]float64{0, 1.25, 1.1, 1.0, 1.0, 0.95, 0.7}, shape: officeDay, growth: 0.025, promotion: 1, holiday: 1},
			{slug: "skylark-mail", name: "Booking mail", channel: contract.Mail, volume: 600, handle: 840, threshold: 4 * 3600, goal: 0.90, concurrency: 1,
				weekday: [7]float64{0, 1.3, 1.1, 1.0, 0.95, 0.95, 0.7}, shape: officeDay, growth: 0.025, promotion: 1, holiday: 1},
		}}}},
	{slug: "kestrel", name: "Kestrel Software", zone: "Europe/Warsaw", currency: "USD", locale: "en", open: 8 * 60, close: 20 * 60, weekdays: workdays, hourRate: "24.80", contactRate: "3.10", tax: "0", atRisk: "0.10",
		lobs: []lobPlan{{"support", "Product support", []queuePlan{
			{slug: "kestrel-chat", name: "Support chat", channel: contract.Chat, volume: 1450, handle: 980, threshold: 60, goal: 0.80, concurrency: 2,
				weekday: [7]float64{0, 1.15, 1.05, 1.0, 0.95, 0.85, 0}, shape: officeDay, growth: 0.01, promotion: 1, holiday: 1},
			{slug: "kestrel-mail", name: "Support mail", channel: contract.Mail, volume: 540, handle: 1080, threshold: 4 * 3600, goal: 0.90, concurrency: 1,
				weekday: [7]float64{0, 1.2, 1.05, 1.0, 0.95, 0.8, 0}, shape: officeDay, growth: 0.01, promotion: 1, holiday: 1},
		}}}},
}

// groupPlan is a set of agents alike in site, skills and working days.
type groupPlan struct {
	slug     string
	site     string
	agents   int
	queues   []string // they have the skill of; one skill a queue
	clients  []string // whose work they do; two clients share the day
	starts   []int    // minutes of the day at which shifts begin, taken in turn
	weekdays []time.Weekday
	cost     string // of an hour, in the provider's currency
}

var groupPlans = []groupPlan{
	{"cd-retail", "chengdu", 55, []string{"harvest-voice", "harvest-chat"}, []string{"harvest"}, []int{540, 540, 660, 810, 810}, everyDay, "31.50"},
	{"cd-shared", "chengdu", 30, []string{"harvest-voice", "linan-cards"}, []string{"harvest", "linan"}, []int{540, 660}, everyDay, "35.00"},
	{"cd-bank", "chengdu", 25, []string{"linan-cards", "linan-loans"}, []string{"linan"}, []int{480, 480, 570, 690}, everyDay, "38.00"},
	{"hf-bank", "hefei", 50, []string{"linan-cards", "linan-loans"}, []string{"linan"}, []int{480, 480, 570, 690, 690}, everyDay, "34.00"},
	{"hf-retail", "hefei", 30, []string{"harvest-voice", "harvest-chat"}, []string{"harvest"}, []int{540, 660, 810, 810}, everyDay, "29.50"},
	{"kr-travel", "krakow", 22, []string{"skylark-voice", "skylark-mail"}, []string{"skylark"}, []int{480, 540, 690}, sixDays, "58.00"},
	{"kr-software", "krakow", 18, []string{"kestrel-chat", "kestrel-mail"}, []string{"kestrel"}, []int{480, 540, 690}, workdays, "64.00"},
	{"kr-shared", "krakow", 10, []string{"skylark-voice", "kestrel-chat"}, []string{"skylark", "kestrel"}, []int{480, 690}, workdays, "66.00"},
}

// tierOf spreads tiers: six in ten junior, three middle, one expert.
func tierOf(i int) people.Tier {
	switch {
	case i%10 < 6:
		return people.Junior
	case i%10 < 9:
		return people.Middle
	}
	return people.Expert
}

// special are the unusual days, counted from the first day of the history.
type special struct {
	day       int
	tag, name string
}

// specials are a holiday and two promotions in the past and one promotion ahead.
var specials = []special{
	{4*7 + 5, "promotion", "Autumn sale"},
	{4*7 + 6, "promotion", "Autumn sale"},
	{8*7 + 3, "holiday", "Founders' day"},
	{10*7 + 4, "promotion", "Members' weekend"},
	{10*7 + 5, "promotion", "Members' weekend"},
	{14*7 + 5, "promotion", "Stock clearance"},
}

// opening builds the calendar of a client whose history begins on the date.
func (p clientPlan) opening(first calendar.Date, zone *time.Location) calendar.Calendar {
	c := calendar.Calendar{Zone: zone}
	for _, d := range p.weekdays {
		c.Hours = append(c.Hours, calendar.Hours{Weekday: d, Open: p.open, Close: p.close})
	}
	for _, s := range specials {
		day := calendar.SpecialDay{Date: first + calendar.Date(s.day), Kind: calendar.DayTagged, Tag: s.tag, Name: s.name}
		switch {
		case s.tag == "holiday" && p.closedOnHoliday:
			day.Kind = calendar.DayClosed
		case s.tag == "holiday":
			day.Kind = calendar.DayHoliday
		case p.slug != "harvest":
			continue // promotions are the retailer's
		}
		c.Special = append(c.Special, day)
	}
	return c
}

// factor is what the date does to a queue's demand.
func (q queuePlan) factor(first, date calendar.Date) float64 {
	f := 1.0
	for _, s := range specials {
		if first+calendar.Date(s.day) != date {
			continue
		}
		if s.tag == "holiday" {
			f *= q.holiday
		} else {
			f *= q.promotion
		}
	}
	weeks := float64(date-first) / 7
	return f * (1 + q.growth*weeks)
}
