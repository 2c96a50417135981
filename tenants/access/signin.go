package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Throttling of sign-in: after freeFailures within throttleWindow each further
// failure doubles the wait, up to maxBlock.
const (
	freeFailures   = 5
	throttleWindow = 15 * calendar.Minute
	maxBlock       = 15 * calendar.Minute
)

// Identity is who calls, established at the door for one request.
type Identity struct {
	User    User
	Method  string // "session" or "token"
	CSRF    string // of the session
	Token   ids.APIToken
	limits  []Permission // of an API token; nil means all of the user's
	policy  *policy
	now     calendar.Instant
	Expires calendar.Instant
}

var (
	errCredentials = fault.New(fault.Unauthorized, "access.bad_credentials", "Sign-in name or password is wrong.")
	errSession     = fault.New(fault.Unauthorized, "access.no_session", "Nobody is signed in; sign in first.")
	errDemo        = fault.New(fault.Unauthorized, "access.demo_refused", "This sign-in was made by the demo and is refused in production.")
)

// secret makes 32 random bytes as text and the hash that is stored.
func secret(prefix string) (text string, hash []byte) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand ends the program instead)
	text = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return text, hashOf(text)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// SignIn checks login and password and opens a session; it returns the token for
// the cookie. Unknown logins, wrong passwords and disabled users look alike.
func (s *Service) SignIn(ctx context.Context, login, password, address, agent string) (string, Identity, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	keys := []string{"login:" + login, "address:" + address}
	if err := s.throttled(ctx, keys); err != nil {
		return "", Identity{}, err
	}
	var u User
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Where("login = ?", login).Take(&u).Error })
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return "", Identity{}, err
	}
	stored := u.PasswordHash
	if err != nil {
		stored = s.dummy
	}
	if ok := s.verify(password, stored); !ok || err != nil || u.DisabledAt != nil {
		return "", Identity{}, errors.Join(s.failed(ctx, keys), errCredentials)
	}
	if u.Demo && s.settings.RefuseDemo {
		return "", Identity{}, errDemo
	}
	token, hash := secret("")
	csrf, _ := secret("")
	now := s.db.Now()
	row := session{TokenHash: hash, UserID: u.ID, CSRF: csrf, CreatedAt: now, SeenAt: now, ExpiresAt: now + s.settings.SessionMax, Address: clip(address), Agent: clip(agent)}
	if err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Where("key = ?", keys[0]).Delete(&throttle{}).Error; err != nil {
			return err
		}
		if err := tx.Where("expires_at < ?", now).Delete(&session{}).Error; err != nil {
			return err
		}
		return tx.Create(&row).Error
	}); err != nil {
		return "", Identity{}, err
	}
	identity, err := s.Authenticate(ctx, token)
	return token, identity, err
}

// clip bounds what a request may store about itself.
func clip(s string) string {
	if len(s) > 300 {
		return strings.ToValidUTF8(s[:300], "")
	}
	return s
}

// throttled reports that too many sign-ins failed for one of the keys.
func (s *Service) throttled(ctx context.Context, keys []string) error {
	return s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var rows []throttle
		if err := tx.Where("key IN ?", keys).Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			if wait := r.BlockedUntil - s.db.Now(); wait > 0 {
				seconds := int64((wait + calendar.Second - 1) / calendar.Second)
				return fault.Newf(fault.TooMany, "access.throttled", "Too many sign-ins failed; try again in %d seconds.", seconds).With("seconds", seconds)
			}
		}
		return nil
	})
}

// failed counts a failed sign-in for each key.
func (s *Service) failed(ctx context.Context, keys []string) error {
	now := s.db.Now()
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		for _, key := range keys {
			var r throttle
			err := tx.Clauses(database.ForUpdate()).Where("key = ?", key).Take(&r).Error
			if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
				return err
			}
			if err != nil || now-r.FirstAt > throttleWindow && now > r.BlockedUntil {
				r = throttle{Key: key, FirstAt: now}
			}
			r.Failures++
			limit := freeFailures
			if strings.HasPrefix(key, "address:") {
				limit *= 10 // many people share an address
			}
			if over := r.Failures - limit; over >= 0 {
				r.BlockedUntil = now + min(maxBlock, calendar.Second<<min(over, 20))
			}
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// Authenticate finds the session of a cookie's token. Callers who come together
// share one read, which begins after each of them came: a revoked right stops at
// the next request.
func (s *Service) Authenticate(ctx context.Context, token string) (Identity, error) {
	return s.prove(ctx, proof{hash: hashOf(token)})
}

// AuthenticateToken finds the user of an API token, as Authenticate does.
func (s *Service) AuthenticateToken(ctx context.Context, token string) (Identity, error) {
	return s.prove(ctx, proof{hash: hashOf(token), token: true})
}

// SignOut ends the session of the token; an unknown token is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("token_hash = ?", hashOf(token)).Delete(&session{}).Error
	})
}

// CreateToken makes an API token that may do at most what the scopes name (and
// what its user may); the secret is returned once.
func (s *Service) CreateToken(ctx context.Context, user ids.User, name string, scopes []Permission, expires *calendar.Instant) (string, Token, error) {
	known := Permissions()
	for _, p := range scopes {
		if !slices.Contains(known, p) {
			return "", Token{}, fault.Newf(fault.Invalid, "access.unknown_permission", "There is no permission %s:%s.", p.Object, p.Action)
		}
	}
	if len(scopes) == 0 {
		return "", Token{}, fault.New(fault.Invalid, "access.token_without_scope", "An API token needs at least one scope, such as facts:view.")
	}
	text, hash := secret("mst_")
	t := Token{ID: ids.New[ids.APIToken](s.db.IDs()), UserID: user, Name: name, TokenHash: hash, Scopes: scopes, CreatedAt: s.db.Now(), ExpiresAt: expires}
	err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Create(&t).Error })
	return text, t, err
}

// RevokeToken ends a token of the user at once.
func (s *Service) RevokeToken(ctx context.Context, user ids.User, id ids.APIToken) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r := tx.Model(&Token{}).Where("id = ? AND user_id = ? AND revoked_at IS NULL", id, user).Update("revoked_at", s.db.Now())
		if r.Error == nil && r.RowsAffected == 0 {
			return fault.New(fault.NotFound, "access.token_not_found", "There is no such token.")
		}
		return r.Error
	})
}

// domains lists where the identity may do a thing.
func (i Identity) domains(object, action string) ([]Domain, error) {
	want := Permission{object, action}
	if i.policy == nil || (i.limits != nil && !slices.Contains(i.limits, want)) {
		return nil, nil
	}
	return i.policy.domainsOf(i.User.ID, want, i.now)
}

// Scope gives the scope in which the identity may do the action on the object;
// no such right anywhere is Forbidden.
func (i Identity) Scope(object, action string) (scope.Scope, error) {
	domains, err := i.domains(object, action)
	if err != nil {
		return scope.Scope{}, err
	}
	if len(domains) == 0 {
		return scope.Scope{}, fault.Newf(fault.Forbidden, "access.forbidden", "You do not have the right to %s %s; ask an administrator for it.", action, object).With("object", object).With("action", action)
	}
	return scopeOf(domains)
}

// May reports whether the identity may do the action on the object somewhere.
func (i Identity) May(object, action string) bool {
	d, err := i.domains(object, action)
	return err == nil && len(d) > 0
}

// Right is a permission with the domain in which it holds.
type Right struct {
	Permission
	Domain Domain `json:"domain"`
}

// Rights lists everything the identity may do, for the screens' navigation.
func (i Identity) Rights() ([]Right, error) {
	out := []Right{}
	for _, p := range Permissions() {
		domains, err := i.domains(p.Object, p.Action)
		if err != nil {
			return nil, err
		}
		for _, d := range domains {
			out = append(out, Right{Permission: p, Domain: d})
		}
	}
	return out, nil
}

// CheckPassword reports whether the password is the user's.
func (s *Service) CheckPassword(u User, password string) bool {
	return s.verify(password, u.PasswordHash)
}
