package server

import (
	"context"
	"net/http"

	"github.com/shopspring/decimal"

	"muster/billing"
	"muster/reporting"
	"muster/reporting/measure"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

var viewScorecards = right{"scorecards", access.View}

// months is how many billing months a trend shows.
const months = 13

// measureView is one contract measure as the scorecard page shows it.
type measureView struct {
	ID          ids.Measure            `json:"id"`
	Key         string                 `json:"key"`
	Formula     string                 `json:"formula"`
	Unit        string                 `json:"unit"`
	Target      string                 `json:"target"`
	Better      string                 `json:"better"`
	Critical    bool                   `json:"critical"`
	Actual      *string                `json:"actual,omitempty" doc:"Absent when nothing was measured"`
	Status      string                 `json:"status" enum:"good,watch,bad,unknown"`
	Note        string                 `json:"note,omitempty"`
	Numerator   int64                  `json:"numerator"`
	Denominator int64                  `json:"denominator"`
	Definition  measure.Definition     `json:"definition"`
	History     []reporting.TrendPoint `json:"history" doc:"Up to 13 billing months, the oldest first"`
}

// scorecardView is the scorecard page.
type scorecardView struct {
	Client   ids.Client       `json:"client_id"`
	From     calendar.Date    `json:"from"`
	Until    calendar.Date    `json:"until" doc:"The first date that no longer belongs to the period"`
	Zone     string           `json:"zone"`
	At       calendar.Instant `json:"at" doc:"When it was computed"`
	Measures []measureView    `json:"measures"`
}

// decimalText gives a decimal as text, nil for none.
func decimalText(d *decimal.Decimal) *string {
	if d == nil {
		return nil
	}
	t := d.String()
	return &t
}

func (s *Server) registerNumbers() {
	type period struct {
		Client string `query:"client" required:"true" format:"uuid"`
		On     string `query:"on" doc:"Any date of the billing month, YYYY-MM-DD; today when absent"`
	}
	read(s, route{method: http.MethodGet, path: "/scorecards", id: "get-scorecard", summary: "Contract measures of a client in a billing month", tag: "scorecards", need: viewScorecards},
		func(ctx context.Context, call *Call, in *period) (*one[scorecardView], error) {
			sc, from, until, client, err := s.month(ctx, call, in.Client, in.On)
			if err != nil {
				return nil, err
			}
			card, err := s.deps.Reports.Scorecard(ctx, sc, client.ID, from, until)
			if err != nil {
				return nil, err
			}
			out := scorecardView{Client: client.ID, From: from, Until: until, Zone: card.Zone, At: card.At, Measures: []measureView{}}
			for _, l := range card.Lines {
				v := measureView{ID: l.Measure.ID, Key: l.Measure.Key, Formula: l.Measure.Formula, Unit: string(l.Definition.Unit), Target: l.Target.String(), Better: l.Measure.Better, Critical: l.Measure.Critical, Actual: decimalText(l.Value),
					Status: string(l.Status), Note: l.Note, Numerator: l.Ratio.Numerator, Denominator: l.Ratio.Denominator, Definition: l.Definition}
				if v.History, err = s.deps.Reports.Trend(ctx, sc, l.Measure.ID, from, months); err != nil {
					return nil, err
				}
				if v.History == nil {
					v.History = []reporting.TrendPoint{}
				}
				out.Measures = append(out.Measures, v)
			}
			return &one[scorecardView]{Body: out}, nil
		})
	type measureRows struct {
		IDPath
		From  string `query:"from" required:"true"`
		Until string `query:"until" required:"true"`
	}
	read(s, route{method: http.MethodGet, path: "/measures/{id}/buckets", id: "list-measure-buckets", summary: "The quarter-hours behind a measure; they add up to it", tag: "scorecards", need: viewScorecards},
		func(ctx context.Context, call *Call, in *measureRows) (*list[reporting.Bucket], error) {
			id, err := parseID[ids.Measure](in.ID)
			if err != nil {
				return nil, err
			}
			from, until, err := dates(in.From, in.Until)
			if err != nil {
				return nil, err
			}
			rows, err := s.deps.Reports.Buckets(ctx, call.Scope, id, from, until)
			return listOf(rows), err
		})
	type bucketContacts struct {
		IDPath
		Queue string `query:"queue" required:"true" format:"uuid"`
		Start string `query:"start" required:"true" format:"date-time"`
		End   string `query:"end" required:"true" format:"date-time"`
	}
	read(s, route{method: http.MethodGet, path: "/measures/{id}/contacts", id: "list-measure-contacts", summary: "The contacts behind buckets of a measure", tag: "scorecards", need: right{"contacts", access.View}},
		func(ctx context.Context, call *Call, in *bucketContacts) (*list[reporting.ContactRow], error) {
			id, err := parseID[ids.Measure](in.ID)
			if err != nil {
				return nil, err
			}
			queue, err := parseID[ids.Queue](in.Queue)
			if err != nil {
				return nil, err
			}
			span, err := SpanQuery{From: in.Start, To: in.End}.span()
			if err != nil {
				return nil, err
			}
			rows, _, err := s.deps.Reports.Contacts(ctx, call.Scope, id, queue, span)
			return listOf(rows), err
		})
	type indicators struct {
		Client string `query:"client" required:"true" format:"uuid"`
		Queue  string `query:"queue"`
		From   string `query:"from" required:"true"`
		Until  string `query:"until" required:"true"`
		Grid   string `query:"grid" enum:"total,day,interval" default:"day"`
	}
	read(s, route{method: http.MethodGet, path: "/indicators", id: "list-indicators", summary: "Indicators from facts by day or interval", tag: "scorecards", need: viewScorecards},
		func(ctx context.Context, call *Call, in *indicators) (*list[reporting.Indicator], error) {
			client, err := s.visibleClient(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			q := reporting.IndicatorQuery{Client: client, Grid: reporting.Grid(in.Grid)}
			if q.From, q.Until, err = dates(in.From, in.Until); err != nil {
				return nil, err
			}
			if in.Queue != "" {
				if q.Queue, err = parseID[ids.Queue](in.Queue); err != nil {
					return nil, err
				}
			}
			rows, err := s.deps.Reports.Indicators(ctx, call.Scope, q)
			return listOf(rows), err
		})
}

// dates reads a span of business dates.
func dates(from, until string) (a, b calendar.Date, err error) {
	if a, err = calendar.ParseDate(from); err == nil {
		b, err = calendar.ParseDate(until)
	}
	if err != nil || b <= a {
		return a, b, fault.Newf(fault.Invalid, "http.bad_dates", "The dates %q and %q are not usable: want YYYY-MM-DD, the second later than the first.", from, until)
	}
	return a, b, nil
}

// month finds the client and the billing month that holds a date.
func (s *Server) month(ctx context.Context, call *Call, rawClient, on string) (sc scope.Scope, from, until calendar.Date, client contract.Client, err error) {
	id, err := s.visibleClient(ctx, call, rawClient)
	if err != nil {
		return sc, 0, 0, client, err
	}
	sc = call.Scope.Within(id)
	if client, err = s.deps.Contracts.Client(ctx, sc, id); err != nil {
		return sc, 0, 0, client, err
	}
	zone, err := calendar.Zone(client.Zone)
	if err != nil {
		return sc, 0, 0, client, err
	}
	day := calendar.DateOf(s.deps.DB.Now(), zone)
	if on != "" {
		if day, err = calendar.ParseDate(on); err != nil {
			return sc, 0, 0, client, fault.Newf(fault.Invalid, "http.bad_dates", "The date %q is not usable: want YYYY-MM-DD.", on)
		}
	}
	agreed, err := s.deps.Contracts.ContractOn(ctx, sc, id, day)
	if err != nil {
		return sc, 0, 0, client, err
	}
	from, until = billing.PeriodAround(day, agreed.Document.PeriodStartDay)
	return sc, from, until, client, nil
}
