package intake

import (
	"muster/tenants/calendar"
	"muster/tenants/tabular"
)

// fields reads a record by field names.
type fields struct {
	places map[string]int
	mapped map[string]bool
	record tabular.Record
}

func newFields(s tabular.Schema, m tabular.Mapping) *fields {
	f := &fields{places: map[string]int{}, mapped: map[string]bool{}}
	for i, field := range s.Fields {
		f.places[field.Name] = i
		_, f.mapped[field.Name] = m.Fields[field.Name]
	}
	return f
}

// get gives a field's value; the name must be one of the schema.
func (f *fields) get(name string) tabular.Value { return f.record.Values[f.places[name]] }

// instant gives a field's instant, nil if it is empty.
func (f *fields) instant(name string) *calendar.Instant {
	v := f.get(name)
	if !v.Set {
		return nil
	}
	at := v.Instant()
	return &at
}
