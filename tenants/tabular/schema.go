package tabular

import (
	"slices"
	"strings"
)

// Field is one target of a mapping.
type Field struct {
	Name     string
	Kind     Kind
	Required bool
	Choices  []string // for KindChoice
	Synonyms []string // column names, in any language, that mean this field
	// IntervalStart marks the instant at which an interval begins; the mapping's
	// interval rule (named by its end, written as a range) applies to it.
	IntervalStart bool
	// Personal marks what identifies a person; issues about it keep the cell to themselves.
	Personal bool
}

// Schema is the list of fields a kind of import takes.
type Schema struct {
	Name   string
	Fields []Field
}

// Index gives the place of a field's value in a record, -1 for an unknown name.
func (s Schema) Index(name string) int {
	return slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
}

// names lists the fields for messages.
func (s Schema) names() string {
	out := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = f.Name
	}
	return strings.Join(out, ", ")
}
