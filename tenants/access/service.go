package access

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/alexedwards/argon2id"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Settings are the limits of the service.
type Settings struct {
	// Hash are the argon2id parameters; zero means 19 MiB, two passes, one lane.
	Hash argon2id.Params
	// SessionIdle ends a session that was not used so long, SessionMax any session; zero means 2 h and 12 h.
	SessionIdle, SessionMax calendar.Instant
	// RefuseDemo refuses the sign-ins that the demo made; set in production.
	RefuseDemo bool
}

// Service owns users, sessions, tokens, roles and grants.
type Service struct {
	db       *database.DB
	settings Settings
	hashing  chan struct{} // bounds how many hashes run at once: each takes its memory setting
	dummy    string        // compared with when the login is unknown, so that timing tells nothing
	policy   atomic.Pointer[policy]
	proofs   *database.Group[proof, verdict]
}

// NewService makes the service on a door.
func NewService(db *database.DB, s Settings) (*Service, error) {
	if s.Hash.Memory == 0 {
		s.Hash = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	if s.SessionIdle == 0 {
		s.SessionIdle = 2 * calendar.Hour
	}
	if s.SessionMax == 0 {
		s.SessionMax = 12 * calendar.Hour
	}
	dummy, err := argon2id.CreateHash("no such user", &s.Hash)
	if err != nil {
		return nil, err
	}
	out := &Service{db: db, settings: s, hashing: make(chan struct{}, 2), dummy: dummy}
	out.proofs = database.NewGroup(provesAtOnce, out.proveAll)
	return out, nil
}

// hash makes the stored form of a password.
func (s *Service) hash(password string) (string, error) {
	if len(password) < 10 || len(password) > 256 {
		return "", fault.New(fault.Invalid, "access.weak_password", "The password must have 10 to 256 characters.")
	}
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	return argon2id.CreateHash(password, &s.settings.Hash)
}

// verify compares a password with its stored form.
func (s *Service) verify(password, stored string) bool {
	if len(password) > 256 {
		return false
	}
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	ok, err := argon2id.ComparePasswordAndHash(password, stored)
	return err == nil && ok
}

// Prepare stores the built-in roles that are missing; any number of nodes may call it at once.
func (s *Service) Prepare(ctx context.Context) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := s.bump(tx, 0); err != nil { // takes the lock of the policy row
			return err
		}
		var known []string
		if err := tx.Model(&Role{}).Pluck("key", &known).Error; err != nil {
			return err
		}
		have := map[string]bool{}
		for _, k := range known {
			have[k] = true
		}
		added := false
		for _, b := range builtIns() {
			if have[b.key] {
				continue
			}
			added = true
			role := Role{ID: ids.New[ids.Role](s.db.IDs()), Key: b.key, Name: b.name, BuiltIn: true, Version: 1}
			if err := tx.Create(&role).Error; err != nil {
				return err
			}
			if err := putPermissions(tx, role.ID, b.permissions); err != nil {
				return err
			}
		}
		if !added {
			return nil
		}
		return s.bump(tx, 1)
	})
}

func putPermissions(tx *database.Tx, role ids.Role, permissions []Permission) error {
	rows := make([]rolePermission, len(permissions))
	for i, p := range permissions {
		rows[i] = rolePermission{RoleID: role, Object: p.Object, Action: p.Action}
	}
	_, err := database.Insert(tx, rows, clause.OnConflict{DoNothing: true})
	return err
}

// bump counts the policy version up by n and thereby locks it until commit.
func (s *Service) bump(tx *database.Tx, n int) error {
	return tx.Model(&policyVersion{}).Where("id = 1").Update("version", gorm.Expr("version + ?", n)).Error
}

// NewUser is what CreateUser needs.
type NewUser struct {
	Login, Display, Password, Locale string
	AgentID                          ids.Agent
	Demo, MustChange                 bool
}

// CreateUser adds a user without any right.
func (s *Service) CreateUser(ctx context.Context, n NewUser) (User, error) {
	login := strings.ToLower(strings.TrimSpace(n.Login))
	if login == "" || len(login) > 200 || strings.ContainsAny(login, " \t\r\n") {
		return User{}, fault.New(fault.Invalid, "access.bad_login", "The sign-in name must have 1 to 200 characters without blanks.")
	}
	hash, err := s.hash(n.Password)
	if err != nil {
		return User{}, err
	}
	if n.Locale == "" {
		n.Locale = "zh-CN"
	}
	u := User{ID: ids.New[ids.User](s.db.IDs()), Login: login, Display: n.Display, PasswordHash: hash, Locale: n.Locale, AgentID: n.AgentID, Demo: n.Demo, MustChange: n.MustChange, Version: 1, CreatedAt: s.db.Now()}
	err = s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		err := tx.Create(&u).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return fault.Newf(fault.Conflict, "access.duplicate_login", "The sign-in name %q is taken.", login).With("login", login)
		}
		return err
	})
	return u, err
}

// SetPassword changes a password and ends every session of the user but the one
// whose token is kept ("" keeps none): who changes the own password goes on
// working, whoever else holds a session of it does not.
func (s *Service) SetPassword(ctx context.Context, user ids.User, password, keep string) error {
	hash, err := s.hash(password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r := tx.Model(&User{}).Where("id = ?", user).Updates(map[string]any{"password_hash": hash, "must_change": false, "version": gorm.Expr("version + 1")})
		if r.Error != nil {
			return r.Error
		}
		if r.RowsAffected == 0 {
			return noUser
		}
		return tx.Where("user_id = ? AND token_hash <> ?", user, hashOf(keep)).Delete(&session{}).Error
	})
}

var noUser = fault.New(fault.NotFound, "access.user_not_found", "There is no such user.")

// guard runs a change and refuses it when it leaves nobody who may change users
// for the whole provider although somebody could before.
func (s *Service) guard(tx *database.Tx, change func() error) error {
	before, err := s.keepers(tx)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := s.keepers(tx)
	if err == nil && before > 0 && after == 0 {
		return fault.New(fault.Conflict, "access.last_admin", "Nobody could change users and rights any more after this; give somebody else that right first.")
	}
	return err
}

// keepers counts the grants by which an enabled user may change users for the whole provider.
func (s *Service) keepers(tx *database.Tx) (n int64, err error) {
	err = tx.Model(&Grant{}).
		Where("domain = ? AND (expires_at IS NULL OR expires_at > ?)", ProviderDomain, s.db.Now()).
		Where("role_id IN (?)", tx.Model(&rolePermission{}).Select("role_id").Where("object = ? AND action = ?", "users", Edit)).
		Where("user_id IN (?)", tx.Model(&User{}).Select("id").Where("disabled_at IS NULL")).
		Count(&n).Error
	return n, err
}

// Disable ends every session of the user and refuses further sign-ins.
func (s *Service) Disable(ctx context.Context, user ids.User) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return s.guard(tx, func() error {
			r := tx.Model(&User{}).Where("id = ?", user).Updates(map[string]any{"disabled_at": s.db.Now(), "version": gorm.Expr("version + 1")})
			if r.Error != nil {
				return r.Error
			}
			if r.RowsAffected == 0 {
				return noUser
			}
			return errors.Join(tx.Where("user_id = ?", user).Delete(&session{}).Error, s.bump(tx, 1))
		})
	})
}

// Users lists all users by login.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	var out []User
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Order("login").Find(&out).Error })
	return out, err
}

// RoleView is a role with its permissions.
type RoleView struct {
	Role
	Permissions []Permission `json:"permissions"`
}

// Roles lists the roles with their permissions by key.
func (s *Service) Roles(ctx context.Context) ([]RoleView, error) {
	var out []RoleView
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var roles []Role
		var permissions []rolePermission
		if err := errors.Join(tx.Order("key").Find(&roles).Error, tx.Order("role_id, object, action").Find(&permissions).Error); err != nil {
			return err
		}
		out = make([]RoleView, len(roles))
		for i, r := range roles {
			out[i].Role = r
			for _, p := range permissions {
				if p.RoleID == r.ID {
					out[i].Permissions = append(out[i].Permissions, Permission{p.Object, p.Action})
				}
			}
		}
		return nil
	})
	return out, err
}

// SetRolePermissions replaces what a role may do, for everybody who has it, from the next request on.
func (s *Service) SetRolePermissions(ctx context.Context, key string, permissions []Permission) error {
	known := map[Permission]bool{}
	for _, p := range Permissions() {
		known[p] = true
	}
	for _, p := range permissions {
		if !known[p] {
			return fault.Newf(fault.Invalid, "access.unknown_permission", "There is no permission %s:%s.", p.Object, p.Action)
		}
	}
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		role, err := roleByKey(tx, key)
		if err != nil {
			return err
		}
		return s.guard(tx, func() error {
			if err := tx.Where("role_id = ?", role.ID).Delete(&rolePermission{}).Error; err != nil {
				return err
			}
			if err := putPermissions(tx, role.ID, permissions); err != nil {
				return err
			}
			return errors.Join(tx.Model(&Role{}).Where("id = ?", role.ID).Update("version", role.Version+1).Error, s.bump(tx, 1))
		})
	})
}

// RoleVersion gives the version of a role, for changes that must not overwrite others'.
func (s *Service) RoleVersion(ctx context.Context, key string) (version int, err error) {
	err = s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		role, err := roleByKey(tx, key)
		version = role.Version
		return err
	})
	return version, err
}

func roleByKey(tx *database.Tx, key string) (Role, error) {
	return database.One[Role](tx.Where("key = ?", key), "access.role_not_found", "There is no role "+key+".")
}

// Grant gives the user the role in the domain; granting twice changes only the expiry.
func (s *Service) Grant(ctx context.Context, user ids.User, role string, domain Domain, expires *calendar.Instant) error {
	if err := domain.Validate(); err != nil {
		return err
	}
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r, err := roleByKey(tx, role)
		if err != nil {
			return err
		}
		if _, err := database.One[User](tx.Where("id = ?", user), noUser.Code, noUser.Detail); err != nil {
			return err
		}
		g := Grant{UserID: user, RoleID: r.ID, Domain: domain, GrantedAt: s.db.Now(), ExpiresAt: expires}
		conflict := clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}, {Name: "role_id"}, {Name: "domain"}}, DoUpdates: clause.AssignmentColumns([]string{"expires_at"})}
		return errors.Join(tx.Clauses(conflict).Create(&g).Error, s.bump(tx, 1))
	})
}

// Revoke takes the role in the domain from the user; it acts at the user's next request.
func (s *Service) Revoke(ctx context.Context, user ids.User, role string, domain Domain) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r, err := roleByKey(tx, role)
		if err != nil {
			return err
		}
		return s.guard(tx, func() error {
			return errors.Join(tx.Where("user_id = ? AND role_id = ? AND domain = ?", user, r.ID, domain).Delete(&Grant{}).Error, s.bump(tx, 1))
		})
	})
}

// GrantView is a grant with the role's key, for lists.
type GrantView struct {
	Role      string            `json:"role"`
	Domain    Domain            `json:"domain"`
	ExpiresAt *calendar.Instant `json:"expires_at,omitempty"`
}

// Grants lists the grants per user.
func (s *Service) Grants(ctx context.Context) (map[ids.User][]GrantView, error) {
	out := map[ids.User][]GrantView{}
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var roles []Role
		var grants []Grant
		if err := errors.Join(tx.Find(&roles).Error, tx.Order("user_id, domain").Find(&grants).Error); err != nil {
			return err
		}
		keys := map[ids.Role]string{}
		for _, r := range roles {
			keys[r.ID] = r.Key
		}
		for _, g := range grants {
			out[g.UserID] = append(out[g.UserID], GrantView{Role: keys[g.RoleID], Domain: g.Domain, ExpiresAt: g.ExpiresAt})
		}
		return nil
	})
	return out, err
}
