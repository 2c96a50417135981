package supervision

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"muster/billing"
	"muster/billing/workbook"
	"muster/routing"
	"muster/routing/facts"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// FloorCost is what a client's service level costs in credits if the month ended with today.
type FloorCost struct {
	Client      ids.Client    `json:"client_id"`
	Target      string        `json:"target" doc:"Share that the contract promises"`
	Level       CountedShare  `json:"level" doc:"Month so far with today's projection"`
	CreditShare string        `json:"credit_share" doc:"Of the month's bill"`
	Next        string        `json:"next_share,omitempty" doc:"Credit below the next band"`
	NextBelow   string        `json:"next_below,omitempty" doc:"Where the next band begins"`
	Amount      *money.Amount `json:"amount,omitempty" doc:"Of the last bill; only for those who may see invoices"`
}

// monthSoFar is what the days before today have counted.
type monthSoFar struct {
	today          calendar.Date
	within, served int64
}

func factsOf(quarter calendar.Instant) facts.Query {
	return facts.Query{Span: calendar.Interval{Start: quarter, End: quarter + calendar.Quarter}}
}

// costs projects each visible client's month and finds the credit band it lies in.
func (s *Service) costs(ctx context.Context, sc scope.Scope, f routing.Floor, look outlook, withMoney bool) ([]FloorCost, error) {
	out := []FloorCost{}
	if len(sc.LOBs) > 0 {
		return out, nil // a part of a client's queues says nothing about its bill
	}
	clients, err := s.Contracts.Clients(ctx, sc)
	if err != nil {
		return nil, err
	}
	for _, c := range clients {
		today := calendar.DateOf(f.At, zoneOf(c.Zone))
		measures, err := s.Contracts.MeasuresOn(ctx, sc, c.ID, today)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(measures, func(m contract.Measure) bool {
			return m.Key == "service_level" && m.QueueID.IsZero() && m.LOBID.IsZero() && len(m.Bands) > 0
		})
		if i < 0 {
			continue
		}
		month, err := s.month(ctx, c, today)
		if err != nil {
			return nil, err
		}
		level := CountedShare{Numerator: month.within, Denominator: month.served}
		for _, q := range f.Queues {
			if q.Queue.ClientID == c.ID {
				o := look.of(q, f.At)
				level.Numerator += int64(o.Within + 0.5)
				level.Denominator += int64(o.Served + 0.5)
			}
		}
		if level.Denominator == 0 {
			continue
		}
		cost, share, err := judgeMonth(measures[i], level)
		if err != nil {
			return nil, err
		}
		cost.Client = c.ID
		if withMoney && share.IsPositive() {
			if cost.Amount, err = s.priced(ctx, sc, c, share); err != nil {
				return nil, err
			}
		}
		out = append(out, cost)
	}
	return out, nil
}

// judgeMonth finds the band of a level.
func judgeMonth(m contract.Measure, level CountedShare) (FloorCost, decimal.Decimal, error) {
	at := decimal.NewFromInt(level.Numerator).DivRound(decimal.NewFromInt(level.Denominator), 6)
	out := FloorCost{Target: m.Target, Level: ratio(level.Numerator, level.Denominator), CreditShare: "0"}
	worst := decimal.Zero
	var next *decimal.Decimal
	for _, b := range m.Bands {
		beyond, err := decimal.NewFromString(b.Beyond)
		if err != nil {
			return out, worst, err
		}
		share, err := decimal.NewFromString(b.CreditShare)
		if err != nil {
			return out, worst, err
		}
		switch {
		case at.LessThan(beyond):
			if share.GreaterThan(worst) {
				worst, out.CreditShare = share, b.CreditShare
			}
		case next == nil || beyond.GreaterThan(*next):
			next, out.Next, out.NextBelow = &beyond, b.CreditShare, b.Beyond
		}
	}
	return out, worst, nil
}

// priced is a share of the client's last bill, at most what is at risk.
func (s *Service) priced(ctx context.Context, sc scope.Scope, c contract.Client, share decimal.Decimal) (*money.Amount, error) {
	all, err := s.Billing.Invoices(ctx, sc, billing.Filter{ClientID: c.ID, Kind: workbook.KindInvoice})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if agreed, err := s.Contracts.ContractOn(ctx, sc, c.ID, calendar.DateOf(s.db.Now(), zoneOf(c.Zone))); err == nil && agreed.Document.AtRiskShare != "" {
		if most, err := decimal.NewFromString(agreed.Document.AtRiskShare); err == nil && share.GreaterThan(most) {
			share = most
		}
	}
	net := all[0].Net()
	return &money.Amount{Minor: decimal.NewFromInt(net.Minor).Mul(share).Round(0).IntPart(), Currency: net.Currency}, nil
}

// month sums the days before today once a day.
func (s *Service) month(ctx context.Context, c contract.Client, today calendar.Date) (monthSoFar, error) {
	s.mu.Lock()
	known, ok := s.months[c.ID]
	s.mu.Unlock()
	if ok && known.today == today {
		return known, nil
	}
	zone := zoneOf(c.Zone)
	year, month, _ := today.Parts()
	rows, err := s.Facts.Queues(ctx, scope.Provider(), facts.Query{Client: c.ID, Span: calendar.Interval{Start: calendar.NewDate(year, month, 1).At(0, zone), End: today.At(0, zone)}})
	if err != nil {
		return monthSoFar{}, err
	}
	sum := monthSoFar{today: today}
	if today.At(0, zone) > calendar.NewDate(year, month, 1).At(0, zone) {
		for _, r := range rows {
			sum.within += r.AnsweredWithin
			sum.served += r.Answered + r.Abandoned
		}
	}
	s.mu.Lock()
	s.months[c.ID] = sum
	s.mu.Unlock()
	return sum, nil
}
