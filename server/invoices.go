package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"muster/billing"
	"muster/billing/rating"
	"muster/routing/intake"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
)

var (
	viewInvoices  = right{"invoices", access.View}
	editInvoices  = right{"invoices", access.Edit}
	issueInvoices = right{"invoices", access.Issue}
	viewRates     = right{"rates", access.View}
)

// amountView is money in the API: a decimal text and a currency.
type amountView struct {
	Value    string `json:"value"`
	Currency string `json:"currency"`
}

// invoiceView is an invoice or credit note as lists and pages show it.
type invoiceView struct {
	ID        ids.Invoice       `json:"id"`
	ClientID  ids.Client        `json:"client_id"`
	PeriodID  ids.Period        `json:"period_id"`
	Kind      string            `json:"kind"`
	Corrects  ids.Invoice       `json:"corrects,omitzero"`
	Status    string            `json:"status"`
	Label     string            `json:"label" doc:"Number, empty before it is issued"`
	From      calendar.Date     `json:"from"`
	Until     calendar.Date     `json:"until"`
	Net       amountView        `json:"net"`
	Tax       amountView        `json:"tax"`
	Total     amountView        `json:"total"`
	Version   int               `json:"version"`
	CreatedAt calendar.Instant  `json:"created_at"`
	IssuedAt  *calendar.Instant `json:"issued_at,omitempty"`
	Lines     []rating.Line     `json:"lines,omitempty"`
	Document  *billing.Document `json:"document,omitempty"`
}

func (s *Server) viewInvoice(ctx context.Context, call *Call, i billing.Invoice, periods map[ids.Period]billing.Period) (invoiceView, error) {
	amount := func(a money.Amount) amountView {
		return amountView{Value: a.Decimal().StringFixed(i.Currency.Digits()), Currency: string(i.Currency)}
	}
	p, ok := periods[i.PeriodID]
	if !ok {
		all, err := s.deps.Billing.Periods(ctx, call.Scope, i.ClientID)
		if err != nil {
			return invoiceView{}, err
		}
		for _, q := range all {
			periods[q.ID] = q
		}
		p = periods[i.PeriodID]
	}
	return invoiceView{ID: i.ID, ClientID: i.ClientID, PeriodID: i.PeriodID, Kind: string(i.Kind), Corrects: i.Corrects, Status: string(i.Status), Label: i.Label(), From: p.FromDay, Until: p.ToDay,
		Net: amount(i.Net()), Tax: amount(i.Tax()), Total: amount(i.Total()),
		Version: i.Version, CreatedAt: i.CreatedAt, IssuedAt: i.IssuedAt, Lines: i.Lines}, nil
}

func (s *Server) registerInvoices() {
	type filter struct {
		Client string `query:"client"`
		Status string `query:"status"`
	}
	read(s, route{method: http.MethodGet, path: "/invoices", id: "list-invoices", summary: "Invoices and credit notes, latest first", tag: "invoices", need: viewInvoices},
		func(ctx context.Context, call *Call, in *filter) (*list[invoiceView], error) {
			f := billing.Filter{Status: billing.Status(in.Status)}
			if in.Client != "" {
				var err error
				if f.ClientID, err = s.visibleClient(ctx, call, in.Client); err != nil {
					return nil, err
				}
			}
			all, err := s.deps.Billing.Invoices(ctx, call.Scope, f)
			if err != nil {
				return nil, err
			}
			periods := map[ids.Period]billing.Period{}
			out := make([]invoiceView, len(all))
			for i, v := range all {
				if out[i], err = s.viewInvoice(ctx, call, v, periods); err != nil {
					return nil, err
				}
			}
			return listOf(out), nil
		})
	answer := func(ctx context.Context, call *Call, v billing.Invoice, err error) (*one[invoiceView], error) {
		if err != nil {
			return nil, err
		}
		call.Touch(v.ID, v.ClientID)
		view, err := s.viewInvoice(ctx, call, v, map[ids.Period]billing.Period{})
		view.Document = &v.Document
		return &one[invoiceView]{ETag: etag(v.Version), Body: view}, err
	}
	read(s, route{method: http.MethodGet, path: "/invoices/{id}", id: "get-invoice", summary: "One document with its lines and how each came about", tag: "invoices", need: viewInvoices},
		func(ctx context.Context, call *Call, in *IDPath) (*one[invoiceView], error) {
			id, err := parseID[ids.Invoice](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Billing.Invoice(ctx, call.Scope, id)
			return answer(ctx, call, v, err)
		})
	type lineOf struct {
		IDPath
		Line int `path:"line"`
	}
	read(s, route{method: http.MethodGet, path: "/invoices/{id}/lines/{line}/sources", id: "list-line-sources", summary: "Annex rows of a line; they add up to its quantity", tag: "invoices", need: viewInvoices},
		func(ctx context.Context, call *Call, in *lineOf) (*list[billing.Source], error) {
			id, err := parseID[ids.Invoice](in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := s.deps.Billing.Sources(ctx, call.Scope, id, in.Line)
			return listOf(rows), err
		})
	read(s, route{method: http.MethodGet, path: "/invoices/{id}/lines/{line}/sources/{seq}", id: "get-line-evidence", summary: "Facts, states and contacts behind one annex row", tag: "invoices", need: viewInvoices},
		func(ctx context.Context, call *Call, in *struct {
			IDPath
			Line int `path:"line"`
			Seq  int `path:"seq"`
		}) (*one[billing.Evidence], error) {
			id, err := parseID[ids.Invoice](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Billing.Behind(ctx, call.Scope, id, in.Line, in.Seq)
			return &one[billing.Evidence]{Body: v}, err
		})
	type draft struct {
		Keyed
		Body struct {
			Client string `json:"client_id" format:"uuid"`
			On     string `json:"on" doc:"Any date of the billing month, YYYY-MM-DD"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/invoices/drafts", id: "draft-invoice", summary: "Rate a billing month; an earlier draft of it is superseded", tag: "invoices", need: editInvoices, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *draft) (*one[invoiceView], error) {
			_, from, _, client, err := s.month(ctx, call, in.Body.Client, in.Body.On)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Billing.DraftInvoice(ctx, call.Scope, billing.DraftInput{Client: client.ID, On: from, By: call.Identity.User.ID, Note: in.Body.Note})
			return answer(ctx, call, v, err)
		})
	type versioned struct {
		IDPath
		Keyed
		Body struct {
			Version int `json:"version" doc:"The version that was reviewed"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/invoices/{id}/review", id: "review-invoice", summary: "Mark a draft as reviewed", tag: "invoices", need: editInvoices},
		func(ctx context.Context, call *Call, in *versioned) (*one[invoiceView], error) {
			id, err := parseID[ids.Invoice](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Billing.Review(ctx, call.Scope, id, in.Body.Version, call.Identity.User.ID)
			return answer(ctx, call, v, err)
		})
	change(s, route{method: http.MethodPost, path: "/invoices/{id}/issue", id: "issue-invoice", summary: "Issue: takes the next number and locks the period; cannot be undone", tag: "invoices", need: issueInvoices},
		func(ctx context.Context, call *Call, in *versioned) (*one[invoiceView], error) {
			id, err := parseID[ids.Invoice](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Billing.Issue(ctx, call.Scope, id, in.Body.Version, call.Identity.User.ID)
			return answer(ctx, call, v, err)
		})
	type credit struct {
		IDPath
		Keyed
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"2000"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/invoices/{id}/credit-note", id: "credit-invoice", summary: "Draft a credit note on all of an issued invoice", tag: "invoices", need: editInvoices, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *credit) (*one[invoiceView], error) {
			id, err := parseID[ids.Invoice](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Billing.CreditNote(ctx, call.Scope, id, nil, in.Body.Reason, call.Identity.User.ID)
			return answer(ctx, call, v, err)
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/periods", id: "list-periods", summary: "Billing months of a client", tag: "invoices", need: viewInvoices},
		func(ctx context.Context, call *Call, in *IDPath) (*list[billing.Period], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Billing.Periods(ctx, call.Scope, id)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/rate-cards", id: "list-rate-cards", summary: "Rate card versions of a client", tag: "invoices", need: viewRates},
		func(ctx context.Context, call *Call, in *IDPath) (*list[billing.RateCard], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Billing.RateCards(ctx, call.Scope, id)
			return listOf(all), err
		})
}

// registerRates registers what puts prices in force and closes months.
func (s *Server) registerRates() {
	type newCard struct {
		IDPath
		Keyed
		Body struct {
			Name      string          `json:"name" minLength:"1" maxLength:"200"`
			ValidFrom string          `json:"valid_from" format:"date"`
			Terms     json.RawMessage `json:"terms" doc:"rounding, rules, commitments, discounts, credits, taxes, bands; decimals are strings (muster invoice rates --example prints one)"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/clients/{id}/rate-cards", id: "put-rate-card", summary: "Put the next version of a client's rate card in force", tag: "invoices", need: right{"rates", access.Edit}, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newCard) (*one[billing.RateCard], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			client, err := s.deps.Contracts.Client(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			card := billing.RateCard{ClientID: id, Name: in.Body.Name, Currency: client.Currency}
			if card.ValidFrom, err = calendar.ParseDate(in.Body.ValidFrom); err != nil {
				return nil, fault.Newf(fault.Invalid, "http.bad_dates", "The date %q is not usable: want YYYY-MM-DD.", in.Body.ValidFrom)
			}
			d := json.NewDecoder(bytes.NewReader(in.Body.Terms))
			d.DisallowUnknownFields()
			if err := d.Decode(&card.Document); err != nil {
				return nil, fault.Newf(fault.Invalid, "billing.invalid_card", "The terms cannot be read: %v.", err)
			}
			card, err = s.deps.Billing.PutRateCard(ctx, call.Scope, card, call.Identity.User.ID)
			call.Touch(card.ID, id)
			return &one[billing.RateCard]{Body: card}, err
		})
	type lock struct {
		IDPath
		Keyed
		Body struct {
			Version int `json:"version" doc:"The version that was read"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/periods/{id}/lock", id: "lock-period", summary: "Make a billing month's figures final; later data becomes an adjustment", tag: "invoices", need: right{"invoices", access.Lock}},
		func(ctx context.Context, call *Call, in *lock) (*one[billing.Period], error) {
			id, err := parseID[ids.Period](in.ID)
			if err != nil {
				return nil, err
			}
			p, err := s.deps.Billing.LockPeriod(ctx, call.Scope, id, in.Body.Version, call.Identity.User.ID)
			call.Touch(p.ID, p.ClientID)
			return &one[billing.Period]{ETag: etag(p.Version), Body: p}, err
		})
}

// mountWorkbooks serves invoices as Excel files.
func (s *Server) mountWorkbooks() {
	s.download("/invoices/:id/workbook", "export-invoice", "An invoice as an Excel workbook", "invoices", viewInvoices,
		func(c *fiber.Ctx, call *Call) (string, []byte, error) {
			id, err := parseID[ids.Invoice](c.Params("id"))
			if err != nil {
				return "", nil, err
			}
			return s.deps.Billing.Export(c.UserContext(), call.Scope, id, c.Query("locale"))
		})
	s.download("/import-templates/:kind", "get-import-template", "An empty Excel file with the columns that an import recognises by itself", "imports", runImports,
		func(c *fiber.Ctx, _ *Call) (string, []byte, error) {
			return intake.Template(intake.Kind(c.Params("kind")))
		})
	s.download("/scorecards/export", "export-scorecard", "A scorecard as an Excel workbook with live formulas", "scorecards", viewScorecards,
		func(c *fiber.Ctx, call *Call) (string, []byte, error) {
			sc, from, until, client, err := s.month(c.UserContext(), call, c.Query("client"), c.Query("on"))
			if err != nil {
				return "", nil, err
			}
			content, err := s.deps.Reports.ExportScorecard(c.UserContext(), sc, client.ID, from, until, c.Query("locale", string(call.Locale)))
			return "scorecard-" + client.Slug + "-" + from.String()[:7] + ".xlsx", content, err
		})
}

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// download registers a route that answers with an Excel file.
func (s *Server) download(path, id, summary, tag string, need right, make func(*fiber.Ctx, *Call) (string, []byte, error)) {
	s.describeDownload(path, id, summary, tag)
	s.app.Get("/api/v1"+path, func(c *fiber.Ctx) error {
		call := callFrom(c.UserContext())
		if err := admit(call, need); err != nil {
			return err
		}
		name, content, err := make(c, call)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, xlsxType)
		c.Set(fiber.HeaderContentDisposition, "attachment; filename="+strconv.Quote(name))
		return c.Send(content)
	})
}
