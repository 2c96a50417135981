package roster

import (
	"bytes"
	"encoding/json"
	"io"

	"muster/tenants/fault"
)

// ReadProblem reads a problem from JSON and validates it. Unknown fields are
// errors, so that a misspelt rule never vanishes in silence.
func ReadProblem(r io.Reader) (*Problem, error) {
	var p Problem
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return nil, fault.New(fault.Invalid, "roster.json", "The file is not a problem of the form "+Format).Wrap(err)
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	// A readable file may still name a zone or date that does not exist.
	if _, err := compile(&p); err != nil {
		return nil, err
	}
	return &p, nil
}

// WriteProblem writes a problem as indented JSON.
func WriteProblem(w io.Writer, p *Problem) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(p)
}

// ReadSolution reads shifts from the JSON of a solution.
func ReadSolution(b []byte) (*Solution, error) {
	var s Solution
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fault.New(fault.Invalid, "roster.json", "The file is not a roster of the form "+Format).Wrap(err)
	}
	if s.Format != Format {
		return nil, invalid("format", "The roster has format %q; this version reads %q.", s.Format, Format)
	}
	return &s, nil
}
