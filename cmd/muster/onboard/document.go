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
	Provider  *Provider         `yaml:"provider"`
	Entity    *Entity           `yaml:"legal_entity"`
	Client    Client            `yaml:"client"`
	ValidFrom Date              `yaml:"valid_from"`
	Hours     map[string]string `yaml:"hours"`
	Days      []Day             `yaml:"days"`
	LOBs      []LOB             `yaml:"lobs"`
	Contract  *Contract         `yaml:"contract"`
	Measures  []Measure         `yaml:"measures"`
	Rates     yaml.Node         `yaml:"rates"`

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
	Name     string         `yaml:"name"`
	Zone     string         `yaml:"zone"`
	Locale   string         `yaml:"locale"`
	Currency money.Currency `yaml:"currency"`
}

// Entity is the company that issues the client's invoices.
type Entity struct {
	Name          string `yaml:"name"`
	Country       string `yaml:"country"`
	InvoiceSeries string `yaml:"invoice_series"`
	Address       string `yaml:"address"`
	TaxID         string `yaml:"tax_id"`
	Bank          string `yaml:"bank"`
}

// Client names the client.
type Client struct {
	Slug     string         `yaml:"slug"`
	Name     string         `yaml:"name"`
	Zone     string         `yaml:"zone"`
	Currency money.Currency `yaml:"currency"`
	Locale   string         `yaml:"locale"`
}

// Day is a date that differs from its weekday.
type Day struct {
	Date  Date             `yaml:"date"`
	Kind  calendar.DayKind `yaml:"kind"`
	Tag   string           `yaml:"tag"`
	Name  string           `yaml:"name"`
	Hours string           `yaml:"hours"`
}

// LOB is a line of business.
type LOB struct {
	Slug   string  `yaml:"slug"`
	Name   string  `yaml:"name"`
	Queues []Queue `yaml:"queues"`
}

// Queue is a queue with its terms; shares are 0..1.
type Queue struct {
	Slug          string           `yaml:"slug"`
	Name          string           `yaml:"name"`
	Channel       contract.Channel `yaml:"channel"`
	Skill         string           `yaml:"skill"`
	AnswerWithin  float64          `yaml:"answer_within_seconds"`
	ServiceLevel  float64          `yaml:"service_level"`
	AbandonGoal   *float64         `yaml:"abandon_goal"`
	ShortAbandon  float64          `yaml:"short_abandon_seconds"`
	Patience      *float64         `yaml:"patience_seconds"`
	OccupancyCap  *float64         `yaml:"occupancy_cap"`
	Shrinkage     float64          `yaml:"shrinkage"`
	Concurrency   int              `yaml:"concurrency"`
	PriorityLevel int              `yaml:"priority"`
}

// Contract is the agreement's part that is not figures of queues.
type Contract struct {
	PeriodStartDay int    `yaml:"period_start_day"`
	TaxRate        string `yaml:"tax_rate"`
	TaxName        string `yaml:"tax_name"`
	PaymentDays    int    `yaml:"payment_days"`
	PurchaseOrder  string `yaml:"purchase_order"`
	AtRiskShare    string `yaml:"at_risk_share"`
	Address        string `yaml:"address"`
	TaxID          string `yaml:"tax_id"`
}

// Measure is a promise of the contract.
type Measure struct {
	Key         string   `yaml:"key"`
	Formula     string   `yaml:"formula"`
	ThresholdMS *int64   `yaml:"threshold_ms"`
	Target      string   `yaml:"target"`
	Better      string   `yaml:"better"`
	Critical    bool     `yaml:"critical"`
	Bands       []Credit `yaml:"bands"`
}

// Credit is one severity of missing a measure's target.
type Credit struct {
	Beyond      string `yaml:"beyond"`
	CreditShare string `yaml:"credit_share"`
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
