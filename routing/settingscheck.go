package routing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// SettingChange is the document that somebody proposes for one setting.
type SettingChange struct {
	Kind     string         `json:"kind" enum:"provider,client,queue,pool,partner"`
	Key      string         `json:"key" maxLength:"63" doc:"provider; the id of a client or queue; the slug of a pool or partner"`
	Document map[string]any `json:"document"`
}

// FieldChange is one value that would change; absent on one side means the default.
type FieldChange struct {
	Field  string `json:"field" doc:"Path in the document, such as ladder.1.after_seconds"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// SettingCheck is what a proposed document would change, and everything that is
// wrong with it. Each problem is a *fault.Error whose parameter "at" is the path of
// its field, empty when it is about the whole.
type SettingCheck struct {
	Version  int
	Changes  []FieldChange
	Problems []*fault.Error
}

// CheckSetting tries a document out without storing it.
func (l *Live) CheckSetting(ctx context.Context, sc scope.Scope, c SettingChange) (SettingCheck, error) {
	row, problems, err := l.candidate(ctx, sc, c)
	if err != nil {
		return SettingCheck{}, err
	}
	out := SettingCheck{Version: row.Version, Problems: problems}
	if out.Changes, err = l.fieldChanges(ctx, sc, row); err != nil {
		return out, err
	}
	if len(problems) > 0 {
		return out, nil
	}
	err = l.tryOut(ctx, l.db.Now(), row)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		out.Problems, err = append(out.Problems, f), nil
	}
	return out, err
}

// candidate turns a proposed document into the row it would become, over the
// version in force, with what is wrong with it by itself.
func (l *Live) candidate(ctx context.Context, sc scope.Scope, c SettingChange) (settingRow, []*fault.Error, error) {
	row := settingRow{Kind: settingKind(c.Kind), Key: c.Key}
	text, err := json.Marshal(c.Document)
	if err != nil {
		return row, nil, err
	}
	var problems []*fault.Error
	switch row.Kind {
	case providerSetting:
		row.Key = string(providerSetting)
		row.Document, problems, err = read(text, func(ProviderPolicy) []*fault.Error { return nil })
	case clientSetting:
		if row.ClientID, err = parseKey[ids.Client](c.Key); err == nil {
			_, err = l.contracts.Client(ctx, sc, row.ClientID)
		}
		if err == nil {
			row.Document, problems, err = read(text, func(ClientPolicy) []*fault.Error { return nil })
		}
	case queueSetting:
		var q contract.Queue
		id, parseErr := parseKey[ids.Queue](c.Key)
		if err = parseErr; err == nil {
			q, err = l.queue(ctx, sc, id)
		}
		if row.ClientID = q.ClientID; err == nil {
			row.Document, problems, err = read(text, QueuePolicy.problems)
		}
	case poolSetting:
		row.Document, problems, err = read(text, func(p PoolPolicy) []*fault.Error { return p.problems(c.Key) })
	case partnerSetting:
		row.Document, problems, err = read(text, func(p PartnerPolicy) []*fault.Error { return faults(p.check(c.Key)) })
	default:
		err = oneOf("kind", c.Kind, "provider", "client", "queue", "pool", "partner")
	}
	if err != nil {
		return row, nil, err
	}
	if row.Kind != queueSetting && !sc.IsProvider() {
		return row, nil, providersOnly()
	}
	stored, err := l.inForce(ctx, sc, row.Kind, row.Key)
	row.Version = stored.Version
	return row, problems, err
}

// read takes a document into its policy: what the policy does not know is refused.
func read[T any](text []byte, check func(T) []*fault.Error) (string, []*fault.Error, error) {
	var p T
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return "", nil, fault.Newf(fault.Invalid, "routing.bad_document", "The settings cannot be read: %v.", err).With("problem", err.Error())
	}
	plain, err := json.Marshal(p)
	return string(plain), check(p), err
}

func parseKey[T ~[16]byte](key string) (T, error) {
	id, err := ids.Parse[struct{}](key)
	if err != nil {
		return T{}, fault.New(fault.NotFound, "http.not_found", "There is no such thing.")
	}
	return T(id), nil
}

// inForce reads the row in force; the zero row means the default.
func (l *Live) inForce(ctx context.Context, sc scope.Scope, kind settingKind, key string) (settingRow, error) {
	var row settingRow
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("kind = ? AND key = ? AND valid_to IS NULL", kind, key).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = nil
	}
	return row, err
}

// fieldChanges compares a document with the one in force, value by value.
func (l *Live) fieldChanges(ctx context.Context, sc scope.Scope, row settingRow) ([]FieldChange, error) {
	stored, err := l.inForce(ctx, sc, row.Kind, row.Key)
	if err != nil {
		return nil, err
	}
	before, after := map[string]any{}, map[string]any{}
	if stored.Document != "" {
		if err := flatten(stored.Document, before); err != nil {
			return nil, err
		}
	}
	if err := flatten(row.Document, after); err != nil {
		return nil, err
	}
	out := []FieldChange{}
	fields := maps.Clone(before)
	maps.Copy(fields, after)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if field == "sealed" || field == "secret" {
			continue
		}
		if b, a := before[field], after[field]; b != a {
			out = append(out, FieldChange{Field: field, Before: b, After: a})
		}
	}
	return out, nil
}

// flatten writes every plain value of a document under its path.
func flatten(document string, into map[string]any) error {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		return err
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		join := func(part string) string {
			if path == "" {
				return part
			}
			return path + "." + part
		}
		switch v := v.(type) {
		case map[string]any:
			for name, x := range v {
				walk(join(name), x)
			}
		case []any:
			for i, x := range v {
				walk(join(strconv.Itoa(i)), x)
			}
		default:
			into[path] = v
		}
	}
	walk("", v)
	return nil
}

// at tells the field that a fault is about.
func at(err error, format string, args ...any) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.With("at", fmt.Sprintf(format, args...))
	}
	return err
}

// faults makes a list of problems of one error.
func faults(err error) []*fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return []*fault.Error{f}
	}
	return nil
}

func providersOnly() error {
	return fault.New(fault.Forbidden, "routing.provider_only", "Pools, partners and the weights of clients are the provider's: your right to change them must hold for the whole provider.")
}

// problems lists what is wrong with a plan by itself: the steps of its ladder must
// rise, each by no less than an offer rings, and each kind needs what it names.
func (p QueuePolicy) problems() []*fault.Error {
	var out []*fault.Error
	add := func(err error, format string, args ...any) { out = append(out, faults(at(err, format, args...))...) }
	if p.Strategy != "" {
		if _, err := engine.ParseStrategy(p.Strategy); err != nil {
			add(err, "strategy")
		}
	}
	ring, before := orInt(p.RingSeconds, ringSeconds), 0
	for i, s := range p.Ladder {
		if _, err := stepKind(s.Kind); err != nil {
			add(err, "ladder.%d.kind", i)
		}
		first := i == 0 && s.Kind == engine.StepWiden.String() && s.AfterSeconds == 0
		switch least := before + ring; {
		case first:
		case s.AfterSeconds <= before && (i > 0 || s.AfterSeconds > 0):
			add(fault.Newf(fault.Invalid, "routing.step_order", "Step %d comes after %d s, but the one before at %d s: deadlines count from the arrival and must rise.", i+1, s.AfterSeconds, before).
				With("step", i+1).With("after", s.AfterSeconds).With("before", before), "ladder.%d.after_seconds", i)
		case s.AfterSeconds < least && !p.ForcedAnswer:
			add(fault.Newf(fault.Invalid, "routing.step_shorter_than_ring", "Step %d would come %d s after the one before, but an offer rings %d s: nobody could answer in time. Put it at %d s or later, or shorten the ring.", i+1, s.AfterSeconds-before, ring, least).
				With("step", i+1).With("gap", s.AfterSeconds-before).With("ring", ring).With("least", least), "ladder.%d.after_seconds", i)
		}
		before = max(before, s.AfterSeconds)
		if s.Kind == engine.StepPartner.String() && s.Partner == "" {
			add(fault.New(fault.Invalid, "routing.step_without_partner", "A step to a partner names the partner."), "ladder.%d.partner", i)
		}
	}
	return out
}

// problems lists what is wrong with a pool by itself: caps below guarantees, clients
// named twice, guarantees that no pool can keep.
func (p PoolPolicy) problems(slug string) []*fault.Error {
	out := faults(p.check(slug))
	add := func(err error, format string, args ...any) { out = append(out, faults(at(err, format, args...))...) }
	seen, guaranteed := map[string]bool{}, 0
	for i, s := range p.Shares {
		if s.Cap > 0 && s.Cap < s.Guarantee {
			add(fault.New(fault.Invalid, "routing.cap_below_guarantee", "The cap lies below the guarantee; raise the cap or lower the guarantee."), "shares.%d.cap", i)
		}
		if seen[s.Client] {
			add(fault.Newf(fault.Invalid, "routing.duplicate_share", "The client %s has two shares; keep one.", s.Client).With("client", s.Client), "shares.%d.client", i)
		}
		seen[s.Client] = true
		if guaranteed += s.Guarantee; guaranteed > int(engine.Whole) {
			add(fault.Newf(fault.Invalid, "routing.guarantees_exceed_pool", "The guarantees add up to %d permille; at most 1000 can be kept.", guaranteed).With("sum", guaranteed), "shares.%d.guarantee", i)
		}
	}
	return out
}

// Proposed is the engine's configuration with settings that are not in force, for
// a trial; without changes it is the one in force.
func (l *Live) Proposed(ctx context.Context, sc scope.Scope, at calendar.Instant, changes []SettingChange) (engine.Config, error) {
	in, err := l.inputs(ctx, at)
	if err != nil {
		return engine.Config{}, err
	}
	for _, c := range changes {
		row, problems, err := l.candidate(ctx, sc, c)
		if err != nil {
			return engine.Config{}, err
		}
		if len(problems) > 0 {
			return engine.Config{}, problems[0]
		}
		in.settings = append(slices.DeleteFunc(in.settings, func(s settingRow) bool { return s.Kind == row.Kind && s.Key == row.Key }), row)
	}
	cfg, _, err := assemble(in, names{})
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.Validate()
}
