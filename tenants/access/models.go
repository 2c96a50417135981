package access

import (
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// User is a person or program that signs in.
type User struct {
	ID           ids.User          `gorm:"primaryKey" json:"id"`
	Login        string            `json:"login"`
	Display      string            `json:"display"`
	PasswordHash string            `json:"-"`
	Locale       string            `json:"locale"`
	AgentID      ids.Agent         `json:"agent_id,omitzero"`
	MustChange   bool              `json:"must_change"`
	Demo         bool              `json:"demo"`
	Version      int               `json:"version"`
	CreatedAt    calendar.Instant  `json:"created_at"`
	DisabledAt   *calendar.Instant `json:"disabled_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (User) TableName() string { return "users" }

// Role is a named set of permissions.
type Role struct {
	ID      ids.Role `gorm:"primaryKey" json:"id"`
	Key     string   `json:"key"`
	Name    string   `json:"name"`
	BuiltIn bool     `json:"built_in"`
	Version int      `json:"version"`
}

// TableName implements gorm's Tabler.
func (Role) TableName() string { return "roles" }

type rolePermission struct {
	RoleID ids.Role `gorm:"primaryKey"`
	Object string   `gorm:"primaryKey"`
	Action string   `gorm:"primaryKey"`
}

func (rolePermission) TableName() string { return "role_permissions" }

// Domain is where a grant holds: "provider", "self", "client:<id>", "site:<id>" or "team:<id>".
type Domain string

// Domains without an id.
const (
	ProviderDomain Domain = "provider"
	SelfDomain     Domain = "self"
)

// ClientDomain is the domain of one client.
func ClientDomain(id ids.Client) Domain { return Domain("client:" + id.String()) }

// Validate reports a domain that names nothing.
func (d Domain) Validate() error {
	if d == ProviderDomain || d == SelfDomain {
		return nil
	}
	kind, id, _ := strings.Cut(string(d), ":")
	if _, err := ids.Parse[struct{}](id); err == nil && (kind == "client" || kind == "site" || kind == "team") {
		return nil
	}
	return fault.Newf(fault.Invalid, "access.bad_domain", "The domain %q is not usable: want provider, self, client:<id>, site:<id> or team:<id>.", d).With("domain", string(d))
}

// Grant gives a user a role in a domain.
type Grant struct {
	UserID    ids.User          `gorm:"primaryKey" json:"user_id"`
	RoleID    ids.Role          `gorm:"primaryKey" json:"role_id"`
	Domain    Domain            `gorm:"primaryKey" json:"domain"`
	GrantedAt calendar.Instant  `json:"granted_at"`
	ExpiresAt *calendar.Instant `json:"expires_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Grant) TableName() string { return "role_grants" }

type policyVersion struct {
	ID      int `gorm:"primaryKey"`
	Version int64
}

func (policyVersion) TableName() string { return "policy_version" }

type session struct {
	TokenHash []byte `gorm:"primaryKey"`
	UserID    ids.User
	CSRF      string `gorm:"column:csrf"`
	CreatedAt calendar.Instant
	SeenAt    calendar.Instant
	ExpiresAt calendar.Instant
	Address   string
	Agent     string
}

func (session) TableName() string { return "sessions" }

// Token is an API token; its secret is shown once, when it is made.
type Token struct {
	ID        ids.APIToken      `gorm:"primaryKey" json:"id"`
	UserID    ids.User          `json:"user_id"`
	Name      string            `json:"name"`
	TokenHash []byte            `json:"-"`
	Scopes    []Permission      `gorm:"serializer:json" json:"scopes"`
	CreatedAt calendar.Instant  `json:"created_at"`
	ExpiresAt *calendar.Instant `json:"expires_at,omitempty"`
	RevokedAt *calendar.Instant `json:"revoked_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Token) TableName() string { return "api_tokens" }

type throttle struct {
	Key          string `gorm:"primaryKey"`
	Failures     int
	FirstAt      calendar.Instant
	BlockedUntil calendar.Instant
}

func (throttle) TableName() string { return "signin_throttle" }
