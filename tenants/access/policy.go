package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// casbinModel decides by role in a domain. The cheap comparisons come first: the
// role lookup is the dear part of a decision.
const casbinModel = `
[request_definition]
r = sub, dom, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub, r.dom)
`

// policy is the immutable enforcer of one policy version. A change makes a new
// one and swaps the pointer, so that no cache can keep an old permission.
type policy struct {
	version  int64
	enforcer *casbin.Enforcer
	domains  map[string][]Domain // of each user, by id
	expiries map[string]calendar.Instant
	decided  sync.Map // decision to bool
}

// load gives the policy in force in the transaction, building it when its version changed.
func (s *Service) load(tx *database.Tx) (*policy, error) {
	if p := s.policy.Load(); p != nil && p.version == tx.PolicyVersion() {
		return p, nil
	}
	var roles []Role
	var permissions []rolePermission
	var grants []Grant
	var disabled []ids.User
	if err := errors.Join(tx.Find(&roles).Error, tx.Find(&permissions).Error, tx.Order("user_id, role_id, domain").Find(&grants).Error,
		tx.Model(&User{}).Where("disabled_at IS NOT NULL").Pluck("id", &disabled).Error); err != nil {
		return nil, err
	}
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		return nil, err
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	keys := map[ids.Role]string{}
	for _, r := range roles {
		keys[r.ID] = r.Key
	}
	var rules, groups [][]string
	for _, p := range permissions {
		rules = append(rules, []string{keys[p.RoleID], p.Object, p.Action})
	}
	out := &policy{version: tx.PolicyVersion(), enforcer: enforcer, domains: map[string][]Domain{}, expiries: map[string]calendar.Instant{}}
	for _, g := range grants {
		if slices.Contains(disabled, g.UserID) {
			continue
		}
		user := g.UserID.String()
		// Each grant is a subject of its own, so that it can expire without a new policy.
		subject := user + "|" + keys[g.RoleID] + "|" + string(g.Domain)
		groups = append(groups, []string{subject, keys[g.RoleID], string(g.Domain)})
		out.domains[user] = append(out.domains[user], g.Domain)
		if g.ExpiresAt != nil {
			out.expiries[subject] = *g.ExpiresAt
		}
	}
	if len(rules) > 0 {
		if _, err := enforcer.AddPolicies(rules); err != nil {
			return nil, err
		}
	}
	if len(groups) > 0 {
		if _, err := enforcer.AddGroupingPolicies(groups); err != nil {
			return nil, err
		}
	}
	s.policy.Store(out)
	return out, nil
}

// domainsOf lists the domains in which the user may do the action at the instant.
func (p *policy) domainsOf(user ids.User, want Permission, now calendar.Instant) ([]Domain, error) {
	var out []Domain
	prefix := user.String() + "|"
	for _, d := range p.domains[user.String()] {
		if slices.Contains(out, d) {
			continue
		}
		for _, role := range p.enforcer.GetModel()["p"]["p"].Policy {
			subject := prefix + role[0] + "|" + string(d)
			if until, ok := p.expiries[subject]; ok && now >= until {
				continue
			}
			if role[1] != want.Object || role[2] != want.Action {
				continue
			}
			ok, err := p.allows(subject, d, want)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, d)
				break
			}
		}
	}
	return out, nil
}

// decision names what the enforcer was asked.
type decision struct {
	subject string
	domain  Domain
	want    Permission
}

// allows asks the enforcer once per question: the policy never changes, a changed
// one is another policy.
func (p *policy) allows(subject string, d Domain, want Permission) (bool, error) {
	key := decision{subject, d, want}
	if known, ok := p.decided.Load(key); ok {
		return known.(bool), nil
	}
	ok, err := p.enforcer.Enforce(subject, string(d), want.Object, want.Action)
	if err != nil {
		return false, fmt.Errorf("access: %w", err)
	}
	p.decided.Store(key, ok)
	return ok, nil
}

// scopeOf turns domains into the scope they span. The own person is not a part of
// the provider's data: services that serve it ask for the agent instead.
func scopeOf(domains []Domain) (scope.Scope, error) {
	var clients []ids.Client
	var narrowed scope.Scope
	for _, d := range domains {
		kind, raw, _ := strings.Cut(string(d), ":")
		switch kind {
		case "provider":
			return scope.Provider(), nil
		case "client":
			id, err := ids.Parse[struct{}](raw)
			if err != nil {
				return scope.Scope{}, err
			}
			clients = append(clients, ids.Client(id))
		case "site":
			id, err := ids.Parse[struct{}](raw)
			if err != nil {
				return scope.Scope{}, err
			}
			narrowed.Sites = append(narrowed.Sites, ids.Site(id))
		case "team":
			id, err := ids.Parse[struct{}](raw)
			if err != nil {
				return scope.Scope{}, err
			}
			narrowed.Teams = append(narrowed.Teams, ids.Team(id))
		}
	}
	if len(narrowed.Sites)+len(narrowed.Teams) > 0 {
		s := scope.Provider()
		s.Sites, s.Teams = narrowed.Sites, narrowed.Teams
		return s, nil
	}
	return scope.Clients(clients...), nil
}
