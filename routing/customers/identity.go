package customers

import (
	"strings"
	"unicode"

	"muster/tenants/fault"
)

// Identity is one name by which a customer is known, such as phone +8613800138000.
type Identity struct {
	Kind  string `json:"kind" maxLength:"60"`   // one of Kinds, or "source:" and a source's name
	Value string `json:"value" maxLength:"200"` // as written by whoever reports it; it is normalised
}

// Kinds lists the kinds of identities, the strongest evidence of one person first.
func Kinds() []string { return []string{"account", "mail", "phone", "social", "device"} }

// sourcePrefix begins the kind of a source's own keys of customers, which imports use.
const sourcePrefix = "source:"

// strength orders kinds; a source's own key counts as an account there.
func strength(kind string) int {
	for i, k := range Kinds() {
		if k == kind {
			return i
		}
	}
	return 0
}

// Normalise gives the identity in the form that is stored, so that two ways of writing one are one.
func (i Identity) Normalise() (Identity, error) {
	kind, value := strings.ToLower(strings.TrimSpace(i.Kind)), strings.TrimSpace(i.Value)
	known := false
	for _, k := range Kinds() {
		known = known || k == kind
	}
	if strings.HasPrefix(kind, sourcePrefix) && len(kind) > len(sourcePrefix) {
		known, kind = true, sourcePrefix+strings.TrimSpace(i.Kind)[len(sourcePrefix):]
	}
	if !known {
		return i, fault.Newf(fault.Invalid, "customer.unknown_kind", "The kind of identity %q is unknown: use one of %s, or source: and the name of a source.", i.Kind, fault.Allowed(Kinds())).With("kind", i.Kind).With("allowed", fault.Allowed(Kinds()))
	}
	switch kind {
	case "mail":
		value = strings.ToLower(value)
		if at := strings.LastIndexByte(value, '@'); at < 1 || at == len(value)-1 || strings.ContainsFunc(value, unicode.IsSpace) {
			value = ""
		}
	case "phone":
		value = digits(value)
	}
	if value == "" || len(value) > 200 {
		return i, fault.Newf(fault.Invalid, "customer.bad_identity", "The %s of the customer cannot be used: give what identifies one person, at most 200 characters.", kind).With("kind", kind)
	}
	return Identity{Kind: kind, Value: value}, nil
}

// digits keeps the digits of a phone number and a leading plus; 00 before the country is a plus.
func digits(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	out := b.String()
	switch {
	case len(out) < 3:
		return ""
	case strings.HasPrefix(strings.TrimSpace(text), "+"):
		return "+" + out
	case strings.HasPrefix(out, "00"):
		return "+" + out[2:]
	}
	return out
}
