package routing

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

// Handover is one contact handed to a partner. It is written in the transaction
// that hands the contact over, so nothing is sent that did not happen, and what
// happened is sent until the partner answers or the time is over.
type Handover struct {
	ID          ids.Any           `gorm:"primaryKey" json:"id"`
	ClientID    ids.Client        `json:"client_id"`
	QueueID     ids.Queue         `json:"queue_id"`
	ContactID   ids.Contact       `json:"contact_id"`
	Partner     string            `json:"partner"`
	Status      string            `json:"status" enum:"pending,delivered,taken,returned,withdraw,expired"`
	ArrivedAt   calendar.Instant  `json:"arrived_at"`
	HandedAt    calendar.Instant  `json:"handed_at"`
	DeadlineAt  calendar.Instant  `json:"deadline_at"`
	Attempts    int               `json:"attempts"`
	NextAt      calendar.Instant  `json:"-"`
	DeliveredAt *calendar.Instant `json:"delivered_at,omitempty"`
	SettledAt   *calendar.Instant `json:"settled_at,omitempty"`
	Problem     string            `json:"problem,omitempty"`
}

// TableName implements gorm's Tabler.
func (Handover) TableName() string { return "handovers" }

// Where a hand-over stands.
const (
	HandoverPending   = "pending"   // to be sent
	HandoverDelivered = "delivered" // the partner has it and has not said more
	handoverWithdraw  = "withdraw"  // came back; the partner is to be told
	handoverExpired   = "expired"   // came back, the partner knows or never heard of it
)

// Limits of sending.
const (
	sendTimeout = 5 * time.Second
	sendLease   = 10 * calendar.Second // another node may send it again after so long
	sendRetries = 8                    // of a withdrawal; a hand-over is sent until its deadline
	answerLimit = 1 << 16              // bytes of a partner's answer
)

// sealPurpose binds sealed secrets to their use.
const sealPurpose = "routing.partner"

func seal(box *secrets.Box, secret string) string {
	return base64.StdEncoding.EncodeToString(box.Seal(sealPurpose, []byte(secret)))
}

// secretOf opens a partner's secret.
func (l *Live) secretOf(p PartnerPolicy) ([]byte, error) {
	sealed, err := base64.StdEncoding.DecodeString(p.Sealed)
	if err != nil {
		return nil, err
	}
	if l.box == nil {
		return nil, errors.New("routing: no key opens the partner's secret")
	}
	return l.box.Open(sealPurpose, sealed)
}

// notice is what a partner receives.
type notice struct {
	ID        ids.Any          `json:"id"`
	Type      string           `json:"type"` // contact.handed_over or contact.withdrawn
	Contact   ids.Contact      `json:"contact_id"`
	Client    string           `json:"client"`
	Queue     string           `json:"queue"`
	Channel   string           `json:"channel"`
	ArrivedAt calendar.Instant `json:"arrived_at"`
	AcceptBy  calendar.Instant `json:"accept_by"`
}

// answer is what a partner says, at once or later.
type answer struct {
	ID      string `json:"id,omitempty"`
	Outcome string `json:"outcome"` // accepted or returned
}

// deliver sends what is due to partners and reports whether there was any.
func (l *Live) deliver(ctx context.Context) (bool, error) {
	var due []Handover
	now := l.db.Now()
	if err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("status IN ? AND next_at <= ?", []string{HandoverPending, handoverWithdraw}, now).Order("next_at, id").Limit(32).Find(&due).Error
	}); err != nil || len(due) == 0 {
		return false, err
	}
	var failed []error
	for _, h := range due { // one that cannot be told holds nobody up
		mine, err := l.claim(ctx, h)
		if mine {
			err = l.send(ctx, h)
		}
		failed = append(failed, err)
	}
	return true, errors.Join(failed...)
}

// claim takes a hand-over for this node for a while.
func (l *Live) claim(ctx context.Context, h Handover) (mine bool, err error) {
	err = l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r := tx.Model(&Handover{}).Where("id = ? AND next_at = ? AND status = ?", h.ID, h.NextAt, h.Status).Updates(map[string]any{"next_at": l.db.Now() + sendLease, "attempts": h.Attempts + 1})
		mine = r.RowsAffected == 1
		return r.Error
	})
	return mine, err
}

// send tells the partner and stores what came of it.
func (l *Live) send(ctx context.Context, h Handover) error {
	partner, err := present[PartnerPolicy](ctx, l, scope.Provider(), partnerSetting, h.Partner)
	if err != nil {
		return err
	}
	said, refusal := answer{}, false
	switch withdrawn := h.Status == handoverWithdraw; {
	case withdrawn && h.DeliveredAt == nil:
		return l.sent(ctx, h, map[string]any{"status": handoverExpired})
	case partner.Policy.Paused:
		err = errors.New("the partner is paused")
	default:
		said, refusal, err = l.post(ctx, partner.Policy, h)
	}
	now := l.db.Now()
	switch {
	case h.Status == handoverWithdraw && (err == nil || refusal || h.Attempts+1 >= sendRetries):
		return l.sent(ctx, h, map[string]any{"status": handoverExpired})
	case err != nil && !refusal:
		wait := min(calendar.Second<<min(h.Attempts, 4), 15*calendar.Second)
		return l.sent(ctx, h, map[string]any{"next_at": now + wait, "problem": clip(err.Error())})
	}
	if err := l.delivered(ctx, h, now); err != nil {
		return err
	}
	if refusal {
		said.Outcome = "returned"
	}
	if said.Outcome != "" {
		_, err := l.settleHandover(ctx, h, said.Outcome)
		return err
	}
	return nil
}

// delivered notes that the partner has it, also when it has come back meanwhile:
// then the partner is to be told.
func (l *Live) delivered(ctx context.Context, h Handover, now calendar.Instant) error {
	return l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Model(&Handover{}).Where("id = ?", h.ID).Updates(map[string]any{"delivered_at": now, "problem": ""}).Error; err != nil {
			return err
		}
		return tx.Model(&Handover{}).Where("id = ? AND status = ?", h.ID, HandoverPending).Update("status", HandoverDelivered).Error
	})
}

// sent stores what came of sending unless the hand-over was settled meanwhile.
func (l *Live) sent(ctx context.Context, h Handover, values map[string]any) error {
	return l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&Handover{}).Where("id = ? AND status = ?", h.ID, h.Status).Updates(values).Error
	})
}

// post sends the notice; refusal means that the partner will not have it.
func (l *Live) post(ctx context.Context, p PartnerPolicy, h Handover) (said answer, refusal bool, err error) {
	secret, err := l.secretOf(p)
	if err != nil {
		return said, false, err
	}
	q, err := l.queue(ctx, scope.Provider(), h.QueueID)
	if err != nil {
		return said, false, err
	}
	client, err := l.contracts.Client(ctx, scope.Provider(), h.ClientID)
	if err != nil {
		return said, false, err
	}
	body, err := json.Marshal(noticeOf(h, q, client))
	if err != nil {
		return said, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return said, false, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", h.ID.String()+"/"+h.Status)
	request.Header.Set(webhooks.SignatureHeader, webhooks.Sign(secret, body, l.db.Now()))
	response, err := l.http.Do(request)
	if err != nil {
		return said, false, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return said, false, err
	}
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		if json.Unmarshal(text, &said) != nil || (said.Outcome != "accepted" && said.Outcome != "returned") {
			said = answer{} // it took note and will say more later
		}
		return said, false, nil
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return said, true, fmt.Errorf("the partner refuses with status %d", code)
	default:
		return said, false, fmt.Errorf("the partner answers with status %d", code)
	}
}

func noticeOf(h Handover, q contract.Queue, c contract.Client) notice {
	n := notice{ID: h.ID, Type: "contact.handed_over", Contact: h.ContactID, Client: c.Slug, Queue: q.Slug, Channel: string(q.Channel), ArrivedAt: h.ArrivedAt, AcceptBy: h.DeadlineAt}
	if h.Status == handoverWithdraw {
		n.Type = "contact.withdrawn"
	}
	return n
}

// clip keeps the beginning of a text that somebody else wrote.
func clip(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}

// settleHandover applies a partner's word.
func (l *Live) settleHandover(ctx context.Context, h Handover, outcome string) (Outcome, error) {
	kind := KindReturned
	if outcome == "accepted" {
		kind = KindTaken
	}
	return l.do(ctx, Input{Kind: kind, Contact: h.ContactID}, "handover/"+h.ID.String())
}

// PartnerAnswer takes a partner's signed word about a hand-over: accepted or
// returned. The first word counts; a repeated one gives the same outcome.
func (l *Live) PartnerAnswer(ctx context.Context, slug, signature string, body []byte) (Outcome, error) {
	denied := fault.New(fault.Unauthorized, "partner.signature", "The signature does not fit: sign \"<seconds>.<body>\" by HMAC-SHA256 with the shared secret and send X-Muster-Signature: t=<seconds>,v1=<hex>.")
	partner, err := present[PartnerPolicy](ctx, l, scope.Provider(), partnerSetting, slug)
	if err != nil {
		return Outcome{}, err
	}
	if partner.Version == 0 {
		return Outcome{}, denied // an unknown partner is not told from a wrong key
	}
	secret, err := l.secretOf(partner.Policy)
	if err != nil {
		return Outcome{}, err
	}
	if !webhooks.Signed(secret, body, signature, l.db.Now()) {
		return Outcome{}, denied
	}
	var said answer
	id, parse := ids.Any{}, json.Unmarshal(body, &said)
	if parse == nil {
		raw, err := ids.Parse[struct{}](said.ID)
		id, parse = ids.Any(raw), err
	}
	if parse != nil {
		return Outcome{}, fault.New(fault.Invalid, "partner.body", "The body must be {\"id\": \"<hand-over>\", \"outcome\": \"accepted\"} or \"returned\".")
	}
	if err := oneOf("outcome", said.Outcome, "accepted", "returned"); err != nil {
		return Outcome{}, err
	}
	var h Handover
	err = l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		h, err = database.One[Handover](tx.Where("id = ? AND partner = ?", id, slug), "partner.no_handover", "There is no such hand-over.")
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	if h.SettledAt != nil && h.Status != "taken" && h.Status != "returned" {
		return Outcome{}, fault.New(fault.Conflict, "partner.too_late", "The time to accept is over; the contact has gone on.")
	}
	return l.settleHandover(ctx, h, said.Outcome)
}

// Handovers lists the hand-overs of the scope, the newest first, at most limit.
func (l *Live) Handovers(ctx context.Context, sc scope.Scope, limit int) ([]Handover, error) {
	var out []Handover
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Order("handed_at DESC, id").Limit(min(max(limit, 1), 500)).Find(&out).Error
	})
	return out, err
}
