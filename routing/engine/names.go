package engine

import (
	"slices"
	"strings"

	"muster/tenants/fault"
)

// In stored logs, snapshots and JSON every kind stands by its stable name, never
// by its number.

func marshalName(what string, names []string, i int) ([]byte, error) {
	if i >= len(names) {
		return nil, fault.Newf(fault.Invalid, "routing.unknown_name", "%s %d has no name", what, i)
	}
	return []byte(names[i]), nil
}

func unmarshalName(what string, names []string, text []byte) (int, error) {
	i := slices.Index(names, string(text))
	if i < 0 {
		return 0, fault.Newf(fault.Invalid, "routing.unknown_name", "%s %q is not known; allowed: %s", what, text, strings.Join(names, ", "))
	}
	return i, nil
}

// MarshalText gives the stable name.
func (k EventKind) MarshalText() ([]byte, error) { return marshalName("event", eventNames, int(k)) }

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *EventKind) UnmarshalText(text []byte) error {
	i, err := unmarshalName("event", eventNames, text)
	*k = EventKind(i)
	return err
}

// MarshalText gives the stable name.
func (k AgentStatus) MarshalText() ([]byte, error) {
	return marshalName("agent status", statusNames, int(k))
}

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *AgentStatus) UnmarshalText(text []byte) error {
	i, err := unmarshalName("agent status", statusNames, text)
	*k = AgentStatus(i)
	return err
}

// MarshalText gives the stable name.
func (k EffectKind) MarshalText() ([]byte, error) { return marshalName("effect", effectNames, int(k)) }

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *EffectKind) UnmarshalText(text []byte) error {
	i, err := unmarshalName("effect", effectNames, text)
	*k = EffectKind(i)
	return err
}

// MarshalText gives the stable name.
func (k Cause) MarshalText() ([]byte, error) { return marshalName("cause", causeNames, int(k)) }

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *Cause) UnmarshalText(text []byte) error {
	i, err := unmarshalName("cause", causeNames, text)
	*k = Cause(i)
	return err
}

// MarshalText gives the stable name.
func (k Class) MarshalText() ([]byte, error) { return marshalName("class", classNames, int(k)) }

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *Class) UnmarshalText(text []byte) error {
	i, err := unmarshalName("class", classNames, text)
	*k = Class(i)
	return err
}

// MarshalText gives the stable name.
func (k StepKind) MarshalText() ([]byte, error) { return marshalName("step kind", stepNames, int(k)) }

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *StepKind) UnmarshalText(text []byte) error {
	i, err := unmarshalName("step kind", stepNames, text)
	*k = StepKind(i)
	return err
}

// MarshalText gives the stable name.
func (k Strategy) MarshalText() ([]byte, error) {
	return marshalName("strategy", strategyNames, int(k))
}

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *Strategy) UnmarshalText(text []byte) error {
	i, err := unmarshalName("strategy", strategyNames, text)
	*k = Strategy(i)
	return err
}

// MarshalText gives the stable name.
func (k ReasonMode) MarshalText() ([]byte, error) {
	return marshalName("reason mode", reasonNames, int(k))
}

// UnmarshalText reads a stable name; the error names the allowed ones.
func (k *ReasonMode) UnmarshalText(text []byte) error {
	i, err := unmarshalName("reason mode", reasonNames, text)
	*k = ReasonMode(i)
	return err
}
