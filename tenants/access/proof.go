package access

import (
	"context"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// proof is what a caller shows: the hash of a session's or an API token's secret.
type proof struct {
	hash  []byte
	token bool // of an API token
}

// verdict is who showed a proof, or why nobody is signed in by it.
type verdict struct {
	identity Identity
	err      error
	stale    bool // the session was not marked as seen for a while
}

// provesAtOnce is how many callers share one read.
const provesAtOnce = 256

// prove finds who shows the proof.
func (s *Service) prove(ctx context.Context, p proof) (Identity, error) {
	if s.db.InTransaction(ctx) {
		verdicts, err := s.proveAll(ctx, []proof{p})
		if err != nil {
			return Identity{}, err
		}
		return verdicts[0].identity, verdicts[0].err
	}
	v, err := s.proofs.Do(ctx, p)
	if err == nil {
		err = v.err
	}
	if err == nil && v.stale {
		err = s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
			return tx.Model(&session{}).Where("token_hash = ?", p.hash).Update("seen_at", v.identity.now).Error
		})
	}
	return v.identity, err
}

// proveAll judges proofs in one transaction. Why there is no session stays hidden;
// a failing database is an error of all.
func (s *Service) proveAll(ctx context.Context, proofs []proof) ([]verdict, error) {
	now := s.db.Now()
	out := make([]verdict, len(proofs))
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		sessions, tokens, err := shown(tx, proofs)
		if err != nil {
			return err
		}
		owner := make([]ids.User, len(proofs))
		for i, p := range proofs {
			out[i] = verdict{err: errSession}
			if row, ok := tokens[string(p.hash)]; ok && p.token && (row.ExpiresAt == nil || now < *row.ExpiresAt) {
				owner[i] = row.UserID
				out[i] = verdict{identity: Identity{Method: "token", Token: row.ID, limits: row.Scopes, now: now}}
				if row.Scopes == nil {
					out[i].identity.limits = []Permission{}
				}
			}
			if row, ok := sessions[string(p.hash)]; ok && !p.token && now < row.ExpiresAt && now-row.SeenAt <= s.settings.SessionIdle {
				owner[i] = row.UserID
				out[i] = verdict{identity: Identity{Method: "session", CSRF: row.CSRF, now: now, Expires: row.ExpiresAt}, stale: now-row.SeenAt > 5*calendar.Minute}
			}
		}
		return s.identify(tx, owner, out)
	})
	return out, err
}

// shown reads the rows of the proofs by their hashes.
func shown(tx *database.Tx, proofs []proof) (map[string]session, map[string]Token, error) {
	var ofSessions, ofTokens [][]byte
	for _, p := range proofs {
		if p.token {
			ofTokens = append(ofTokens, p.hash)
		} else {
			ofSessions = append(ofSessions, p.hash)
		}
	}
	sessions, tokens := map[string]session{}, map[string]Token{}
	if len(ofSessions) > 0 {
		rows, err := database.Lookup[session](tx.DB, "token_hash", ofSessions)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			sessions[string(r.TokenHash)] = r
		}
	}
	if len(ofTokens) > 0 {
		rows, err := database.Lookup[Token](tx.Where("revoked_at IS NULL"), "token_hash", ofTokens)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			tokens[string(r.TokenHash)] = r
		}
	}
	return sessions, tokens, nil
}

// identify fills users and policy of the identities and refuses disabled users.
func (s *Service) identify(tx *database.Tx, owner []ids.User, out []verdict) error {
	var wanted []ids.User
	for i, id := range owner {
		if out[i].err == nil {
			wanted = append(wanted, id)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	rows, err := database.Lookup[User](tx.Where("disabled_at IS NULL"), "id", wanted)
	if err != nil {
		return err
	}
	users := make(map[ids.User]User, len(rows))
	for _, u := range rows {
		users[u.ID] = u
	}
	policy, err := s.load(tx)
	if err != nil {
		return err
	}
	for i, id := range owner {
		if out[i].err != nil {
			continue
		}
		u, ok := users[id]
		switch {
		case !ok:
			out[i] = verdict{err: errSession}
		case u.Demo && s.settings.RefuseDemo:
			out[i] = verdict{err: errDemo}
		default:
			out[i].identity.User, out[i].identity.policy = u, policy
		}
	}
	return nil
}
