package routing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// settingKind says what a setting is about.
type settingKind string

// The kinds of settings with their keys.
const (
	providerSetting settingKind = "provider" // key "provider"
	clientSetting   settingKind = "client"   // key: the client's id
	queueSetting    settingKind = "queue"    // key: the queue's id
	poolSetting     settingKind = "pool"     // key: slug
	partnerSetting  settingKind = "partner"  // key: slug
)

// settingRow is one version of a setting, in force during [ValidFrom, ValidTo).
type settingRow struct {
	ID        ids.Any `gorm:"primaryKey"`
	Kind      settingKind
	Key       string
	ClientID  ids.Client // zero: the provider's
	Version   int
	Document  string
	ChangedBy ids.User
	ValidFrom calendar.Instant
	ValidTo   *calendar.Instant
}

func (settingRow) TableName() string { return "routing_settings" }

// Versioned is a setting's document with its version; version 0 is the default
// that holds while nobody has set anything.
type Versioned[T any] struct {
	Key       string           `json:"key"`
	Client    ids.Client       `json:"client_id,omitzero"`
	Version   int              `json:"version"`
	Policy    T                `json:"policy"`
	ValidFrom calendar.Instant `json:"valid_from,omitzero"`
	ChangedBy ids.User         `json:"changed_by,omitzero"`
}

// SettingVersion is one line of the history of settings.
type SettingVersion struct {
	Kind      string            `json:"kind" enum:"provider,client,queue,pool,partner"`
	Key       string            `json:"key"`
	Client    ids.Client        `json:"client_id,omitzero"`
	Version   int               `json:"version"`
	Document  map[string]any    `json:"document"`
	ChangedBy ids.User          `json:"changed_by,omitzero"`
	ValidFrom calendar.Instant  `json:"valid_from"`
	ValidTo   *calendar.Instant `json:"valid_to,omitempty"`
}

// SettingHistory lists the versions of the settings of the scope, the newest first,
// at most limit; kind and key, when given, narrow it down.
func (l *Live) SettingHistory(ctx context.Context, sc scope.Scope, kind, key string, limit int) ([]SettingVersion, error) {
	var rows []settingRow
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("valid_from DESC, kind, key, version DESC").Limit(min(max(limit, 1), 500))
		if kind != "" {
			q = q.Where("kind = ?", kind)
		}
		if key != "" {
			q = q.Where("key = ?", key)
		}
		return q.Find(&rows).Error
	})
	out := []SettingVersion{}
	for _, r := range rows {
		v := SettingVersion{Kind: string(r.Kind), Key: r.Key, Client: r.ClientID, Version: r.Version, ChangedBy: r.ChangedBy, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo}
		if err := json.Unmarshal([]byte(r.Document), &v.Document); err != nil {
			return nil, err
		}
		delete(v.Document, "sealed")
		out = append(out, v)
	}
	return out, err
}

// ProviderPolicy gives what holds for every client.
func (l *Live) ProviderPolicy(ctx context.Context, sc scope.Scope) (Versioned[ProviderPolicy], error) {
	return present[ProviderPolicy](ctx, l, sc, providerSetting, string(providerSetting))
}

// PutProviderPolicy puts what holds for every client in force. Version is the one
// that was read; another one in between is a conflict.
func (l *Live) PutProviderPolicy(ctx context.Context, sc scope.Scope, version int, p ProviderPolicy, by ids.User) (Versioned[ProviderPolicy], error) {
	return put(ctx, l, sc, settingRow{Kind: providerSetting, Key: string(providerSetting), Version: version, ChangedBy: by}, p)
}

// ClientPolicy gives how a client weighs against the others.
func (l *Live) ClientPolicy(ctx context.Context, sc scope.Scope, client ids.Client) (Versioned[ClientPolicy], error) {
	if _, err := l.contracts.Client(ctx, sc, client); err != nil {
		return Versioned[ClientPolicy]{}, err
	}
	v, err := present[ClientPolicy](ctx, l, sc, clientSetting, client.String())
	v.Client = client
	return v, err
}

// PutClientPolicy puts a client's weights in force. Weighing clients against each
// other is the provider's, so the scope must be the whole provider.
func (l *Live) PutClientPolicy(ctx context.Context, sc scope.Scope, client ids.Client, version int, p ClientPolicy, by ids.User) (Versioned[ClientPolicy], error) {
	if _, err := l.contracts.Client(ctx, sc, client); err != nil {
		return Versioned[ClientPolicy]{}, err
	}
	return put(ctx, l, sc, settingRow{Kind: clientSetting, Key: client.String(), ClientID: client, Version: version, ChangedBy: by}, p)
}

// queue reads a queue of the scope.
func (l *Live) queue(ctx context.Context, sc scope.Scope, id ids.Queue) (contract.Queue, error) {
	var q contract.Queue
	err := l.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		q, err = database.One[contract.Queue](tx.Where("id = ?", id), "queue.not_found", "There is no such queue.")
		return err
	})
	return q, err
}

// QueuePolicy gives how a queue is routed.
func (l *Live) QueuePolicy(ctx context.Context, sc scope.Scope, queue ids.Queue) (Versioned[QueuePolicy], error) {
	q, err := l.queue(ctx, sc, queue)
	if err != nil {
		return Versioned[QueuePolicy]{}, err
	}
	v, err := present[QueuePolicy](ctx, l, sc, queueSetting, queue.String())
	v.Client = q.ClientID
	return v, err
}

// QueuePolicies lists the plans of the scope's queues that have one.
func (l *Live) QueuePolicies(ctx context.Context, sc scope.Scope) (map[ids.Queue]QueuePolicy, error) {
	all, err := presentAll[QueuePolicy](ctx, l, sc, queueSetting)
	if err != nil {
		return nil, err
	}
	out := map[ids.Queue]QueuePolicy{}
	for _, v := range all {
		id, err := ids.Parse[struct{}](v.Key)
		if err != nil {
			return nil, err
		}
		out[ids.Queue(id)] = v.Policy
	}
	return out, nil
}

// PutQueuePolicy puts a queue's plan in force.
func (l *Live) PutQueuePolicy(ctx context.Context, sc scope.Scope, queue ids.Queue, version int, p QueuePolicy, by ids.User) (Versioned[QueuePolicy], error) {
	q, err := l.queue(ctx, sc, queue)
	if err != nil {
		return Versioned[QueuePolicy]{}, err
	}
	if problems := p.problems(); len(problems) > 0 {
		return Versioned[QueuePolicy]{}, problems[0]
	}
	return put(ctx, l, sc, settingRow{Kind: queueSetting, Key: queue.String(), ClientID: q.ClientID, Version: version, ChangedBy: by}, p)
}

// Pools lists the configured pools by slug. Pools are the provider's.
func (l *Live) Pools(ctx context.Context, sc scope.Scope) ([]Versioned[PoolPolicy], error) {
	return presentAll[PoolPolicy](ctx, l, sc, poolSetting)
}

// Pool gives one pool, with version 0 when nobody has configured it.
func (l *Live) Pool(ctx context.Context, sc scope.Scope, slug string) (Versioned[PoolPolicy], error) {
	return present[PoolPolicy](ctx, l, sc, poolSetting, slug)
}

// PutPool puts a pool in force.
func (l *Live) PutPool(ctx context.Context, sc scope.Scope, slug string, version int, p PoolPolicy, by ids.User) (Versioned[PoolPolicy], error) {
	if problems := p.problems(slug); len(problems) > 0 {
		return Versioned[PoolPolicy]{}, problems[0]
	}
	return put(ctx, l, sc, settingRow{Kind: poolSetting, Key: slug, Version: version, ChangedBy: by}, p)
}

// Partners lists the partners by slug, without their secrets.
func (l *Live) Partners(ctx context.Context, sc scope.Scope) ([]Versioned[PartnerPolicy], error) {
	all, err := presentAll[PartnerPolicy](ctx, l, sc, partnerSetting)
	for i := range all {
		all[i].Policy.Sealed = ""
	}
	return all, err
}

// Partner gives one partner without its secret, with version 0 when there is none.
func (l *Live) Partner(ctx context.Context, sc scope.Scope, slug string) (Versioned[PartnerPolicy], error) {
	v, err := present[PartnerPolicy](ctx, l, sc, partnerSetting, slug)
	v.Policy.Sealed = ""
	return v, err
}

// PutPartner puts a partner in force; an empty secret keeps the stored one.
func (l *Live) PutPartner(ctx context.Context, sc scope.Scope, slug string, version int, p PartnerPolicy, by ids.User) (Versioned[PartnerPolicy], error) {
	if err := p.check(slug); err != nil {
		return Versioned[PartnerPolicy]{}, err
	}
	stored, err := present[PartnerPolicy](ctx, l, sc, partnerSetting, slug)
	if err != nil {
		return stored, err
	}
	switch {
	case p.Secret != "" && l.box == nil:
		return stored, fault.New(fault.Internal, "routing.no_key_file", "There is no key to seal the partner's secret with.")
	case p.Secret != "":
		p.Sealed = seal(l.box, p.Secret)
	default:
		p.Sealed = stored.Policy.Sealed
	}
	if p.Sealed == "" {
		return stored, fault.New(fault.Invalid, "routing.partner_secret", "The partner's secret must have at least 16 characters.")
	}
	p.Secret = "" // only the sealed form is kept
	v, err := put(ctx, l, sc, settingRow{Kind: partnerSetting, Key: slug, Version: version, ChangedBy: by}, p)
	v.Policy.Sealed = ""
	return v, err
}

// present reads the version in force, or the default with version 0.
func present[T any](ctx context.Context, l *Live, sc scope.Scope, kind settingKind, key string) (Versioned[T], error) {
	out := Versioned[T]{Key: key}
	var row settingRow
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("kind = ? AND key = ? AND valid_to IS NULL", kind, key).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	return versioned[T](row)
}

func presentAll[T any](ctx context.Context, l *Live, sc scope.Scope, kind settingKind) ([]Versioned[T], error) {
	var rows []settingRow
	if err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("kind = ? AND valid_to IS NULL", kind).Order("key").Find(&rows).Error
	}); err != nil {
		return nil, err
	}
	out := make([]Versioned[T], len(rows))
	for i, r := range rows {
		v, err := versioned[T](r)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func versioned[T any](r settingRow) (Versioned[T], error) {
	v := Versioned[T]{Key: r.Key, Client: r.ClientID, Version: r.Version, ValidFrom: r.ValidFrom, ChangedBy: r.ChangedBy}
	return v, json.Unmarshal([]byte(r.Document), &v.Policy)
}

// put stores the next version of a setting when the whole configuration with it
// is valid. The running leader takes it over as a logged input within seconds.
func put[T any](ctx context.Context, l *Live, sc scope.Scope, row settingRow, p T) (Versioned[T], error) {
	text, err := json.Marshal(p)
	if err != nil {
		return Versioned[T]{}, err
	}
	if row.Kind != queueSetting && !sc.IsProvider() {
		return Versioned[T]{}, providersOnly()
	}
	var next settingRow
	err = l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		at := l.db.Now()
		next = row
		next.ID, next.Version, next.Document, next.ValidFrom = ids.New[ids.Any](l.db.IDs()), row.Version+1, string(text), at
		var stored []settingRow
		if err := tx.Clauses(database.ForUpdate()).Where("kind = ? AND key = ? AND valid_to IS NULL", row.Kind, row.Key).Find(&stored).Error; err != nil {
			return err
		}
		if len(stored) == 0 && row.Version != 0 || len(stored) == 1 && stored[0].Version != row.Version {
			return fault.New(fault.Stale, "http.stale", "Somebody changed this in the meantime; read it again and repeat the change.")
		}
		if err := l.tryOut(tx.Context(), at, next); err != nil {
			return err
		}
		for _, s := range stored {
			if err := tx.Model(&settingRow{}).Where("id = ?", s.ID).Update("valid_to", at).Error; err != nil {
				return err
			}
		}
		tx.AfterCommit(func() { // what was remembered is old now
			l.seen.Clear()
			l.labels.Store(nil)
		})
		return tx.Create(&next).Error
	})
	if err != nil {
		return Versioned[T]{}, err
	}
	return Versioned[T]{Key: next.Key, Client: next.ClientID, Version: next.Version, Policy: p, ValidFrom: next.ValidFrom, ChangedBy: next.ChangedBy}, nil
}

// tryOut builds the configuration that would hold with the setting and reports the
// first thing that is wrong with it, in names that people know.
func (l *Live) tryOut(ctx context.Context, at calendar.Instant, candidate settingRow) error {
	in, err := l.inputs(ctx, at)
	if err != nil {
		return err
	}
	in.settings = slices.DeleteFunc(in.settings, func(s settingRow) bool { return s.Kind == candidate.Kind && s.Key == candidate.Key })
	in.settings = append(in.settings, candidate)
	cfg, _, err := assemble(in, names{})
	if err != nil {
		return err
	}
	in.readable(&cfg)
	return cfg.Validate()
}
