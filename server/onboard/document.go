package onboard

import (
	"bytes"
	_ "embed" // the example is part of the binary
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/billing"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/money"
)

// Example is a commented document that shows every field.
//
//go:embed example.yaml
var Example string

// Document is all that is agreed with one client.
type Document struct {
	Provider  *Provider         `yaml:"provider" json:"provider,omitempty"`
	Entity    *Entity           `yaml:"legal_entity" json:"legal_entity,omitempty"`
	Client    Client            `yaml:"client" json:"client,omitempty"`
	ValidFrom Date              `yaml:"valid_from" json:"valid_from"`
	Hours     map[string]string `yaml:"hours" json:"hours,omitempty"`
	Days      []Day             `yaml:"days" json:"days,omitempty"`
	LOBs      []LOB             `yaml:"lobs" json:"lobs,omitempty"`
	Contract  *Contract         `yaml:"contract" json:"contract,omitempty"`
	Measures  []Measure         `yaml:"measures" json:"measures,omitempty"`
	Rates     yaml.Node         `yaml:"rates" json:"-"`

	root  *yaml.Node
	terms *billing.Terms
	name  string // of the rate card
}

// Date is a business date; its errors name the line.
type Date struct{ calendar.Date }

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Date) UnmarshalYAML(n *yaml.Node) error {
	if err := d.UnmarshalText([]byte(n.Value)); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// Provider describes the installation.
type Provider struct {
	Name     string         `yaml:"name" json:"name,omitempty"`
	Zone     string         `yaml:"zone" json:"zone,omitempty"`
	Locale   string         `yaml:"locale" json:"locale,omitempty"`
	Currency money.Currency `yaml:"currency" json:"currency,omitempty"`
}

// Entity is the company that issues the client's invoices.
type Entity struct {
	Name          string `yaml:"name" json:"name,omitempty"`
	Country       string `yaml:"country" json:"country,omitempty"`
	InvoiceSeries string `yaml:"invoice_series" json:"invoice_series,omitempty"`
	Address       string `yaml:"address" json:"address,omitempty"`
	TaxID         string `yaml:"tax_id" json:"tax_id,omitempty"`
	Bank          string `yaml:"bank" json:"bank,omitempty"`
}

// Client names the client.
type Client struct {
	Slug     string         `yaml:"slug" json:"slug,omitempty"`
	Name     string         `yaml:"name" json:"name,omitempty"`
	Zone     string         `yaml:"zone" json:"zone,omitempty"`
	Currency money.Currency `yaml:"currency" json:"currency,omitempty"`
	Locale   string         `yaml:"locale" json:"locale,omitempty"`
}

// Day is a date that differs from its weekday.
type Day struct {
	Date  Date             `yaml:"date" json:"date,omitempty"`
	Kind  calendar.DayKind `yaml:"kind" json:"kind,omitempty"`
	Tag   string           `yaml:"tag" json:"tag,omitempty"`
	Name  string           `yaml:"name" json:"name,omitempty"`
	Hours string           `yaml:"hours" json:"hours,omitempty"`
}

// LOB is a line of business.
type LOB struct {
	Slug   string  `yaml:"slug" json:"slug,omitempty"`
	Name   string  `yaml:"name" json:"name,omitempty"`
	Queues []Queue `yaml:"queues" json:"queues,omitempty"`
}

// Queue is a queue with its terms; shares are 0..1.
type Queue struct {
	Slug          string           `yaml:"slug" json:"slug,omitempty"`
	Name          string           `yaml:"name" json:"name,omitempty"`
	Channel       contract.Channel `yaml:"channel" json:"channel,omitempty"`
	Skill         string           `yaml:"skill" json:"skill,omitempty"`
	AnswerWithin  float64          `yaml:"answer_within_seconds" json:"answer_within_seconds,omitempty"`
	ServiceLevel  float64          `yaml:"service_level" json:"service_level,omitempty"`
	AbandonGoal   *float64         `yaml:"abandon_goal" json:"abandon_goal,omitempty"`
	ShortAbandon  float64          `yaml:"short_abandon_seconds" json:"short_abandon_seconds,omitempty"`
	Patience      *float64         `yaml:"patience_seconds" json:"patience_seconds,omitempty"`
	OccupancyCap  *float64         `yaml:"occupancy_cap" json:"occupancy_cap,omitempty"`
	Shrinkage     float64          `yaml:"shrinkage" json:"shrinkage,omitempty"`
	Concurrency   int              `yaml:"concurrency" json:"concurrency,omitempty"`
	PriorityLevel int              `yaml:"priority" json:"priority,omitempty"`
}

// Contract is the agreement's part that is not figures of queues.
type Contract struct {
	PeriodStartDay int    `yaml:"period_start_day" json:"period_start_day,omitempty"`
	TaxRate        string `yaml:"tax_rate" json:"tax_rate,omitempty"`
	TaxName        string `yaml:"tax_name" json:"tax_name,omitempty"`
	PaymentDays    int    `yaml:"payment_days" json:"payment_days,omitempty"`
	PurchaseOrder  string `yaml:"purchase_order" json:"purchase_order,omitempty"`
	AtRiskShare    string `yaml:"at_risk_share" json:"at_risk_share,omitempty"`
	Address        string `yaml:"address" json:"address,omitempty"`
	TaxID          string `yaml:"tax_id" json:"tax_id,omitempty"`
}

// Measure is a promise of the contract.
type Measure struct {
	Key         string   `yaml:"key" json:"key,omitempty"`
	Formula     string   `yaml:"formula" json:"formula,omitempty"`
	ThresholdMS *int64   `yaml:"threshold_ms" json:"threshold_ms,omitempty"`
	Target      string   `yaml:"target" json:"target,omitempty"`
	Better      string   `yaml:"better" json:"better,omitempty"`
	Critical    bool     `yaml:"critical" json:"critical,omitempty"`
	Bands       []Credit `yaml:"bands" json:"bands,omitempty"`
}

// Credit is one severity of missing a measure's target.
type Credit struct {
	Beyond      string `yaml:"beyond" json:"beyond,omitempty"`
	CreditShare string `yaml:"credit_share" json:"credit_share,omitempty"`
}

// Parse reads and checks a document. Its errors are faults that name the line;
// the code is client.document, or that of the rule that is broken.
func Parse(content []byte) (*Document, error) {
	d := &Document{root: &yaml.Node{}}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(d); errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "client.document", "The document is empty; muster client apply --example prints one to start from.")
	} else if err != nil {
		return nil, unreadable(err)
	}
	if err := yaml.Unmarshal(content, d.root); err != nil {
		return nil, unreadable(err)
	}
	if err := d.readRates(); err != nil {
		return nil, err
	}
	return d, d.check()
}

var unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)

// unreadable tells what the YAML reader found, in the words of the document.
func unreadable(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.Join(strings.Fields(strings.TrimPrefix(text, "unmarshal errors:")), " ")
	text = unknownField.ReplaceAllString(text, "the field $1 is unknown here")
	return fault.Newf(fault.Invalid, "client.document", "The document cannot be read: %s. muster client apply --example shows every field.", text).With("problem", text)
}

// readRates reads the rate card by the names of its JSON form.
func (d *Document) readRates() error {
	if d.Rates.IsZero() {
		return nil
	}
	var tree map[string]any
	if err := d.Rates.Decode(&tree); err != nil {
		return unreadable(err)
	}
	d.name = "Rates"
	if name, ok := tree["name"].(string); ok {
		d.name = name
	}
	delete(tree, "name")
	text, err := json.Marshal(tree)
	if err != nil {
		return d.problem("The rate card cannot be read: %v.", []any{err}, "rates")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	d.terms = &billing.Terms{}
	if err := decoder.Decode(d.terms); err != nil {
		return d.problem("The rate card cannot be read: %v; muster invoice rates --example shows every field.", []any{strings.TrimPrefix(err.Error(), "json: ")}, "rates")
	}
	if d.terms.Rounding == "" {
		d.terms.Rounding = money.HalfUp
	}
	return nil
}

// line gives the line of the element at a path of keys and places, or of the
// deepest part of the path that exists.
func (d *Document) line(path ...any) int {
	n := d.root
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	line := n.Line
	for _, step := range path {
		next := child(n, step)
		if next == nil {
			break
		}
		n, line = next, next.Line
	}
	return line
}

// child gives the value under a key of a mapping or at a place of a list.
func child(n *yaml.Node, step any) *yaml.Node {
	switch v := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && v < len(n.Content) {
			return n.Content[v]
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == v {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

// problem makes the fault of an element.
func (d *Document) problem(format string, args []any, path ...any) error {
	return d.at(fault.Newf(fault.Invalid, "client.document", format, args...), path...)
}

// at says on which line the cause of a service's fault stands.
func (d *Document) at(err error, path ...any) error {
	var f *fault.Error
	if err == nil || !errors.As(err, &f) {
		return err
	}
	line := d.line(path...)
	located := f.With("line", line).With("problem", f.Detail)
	located.Detail = fmt.Sprintf("Line %d: %s", line, f.Detail)
	return located
}
