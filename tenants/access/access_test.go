package access_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

const password = "correct horse"

func start(t *testing.T, db *database.DB) *access.Service {
	t.Helper()
	s, err := access.NewService(db, access.Settings{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	require.NoError(t, err)
	require.NoError(t, s.Prepare(t.Context()))
	return s
}

func user(t *testing.T, s *access.Service, login, role string, domain access.Domain) access.User {
	t.Helper()
	u, err := s.CreateUser(t.Context(), access.NewUser{Login: login, Display: login, Password: password})
	require.NoError(t, err)
	if role != "" {
		require.NoError(t, s.Grant(t.Context(), u.ID, role, domain, nil))
	}
	return u
}

func TestPrepareOnFourNodesStoresEachRoleOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := start(t, db)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if err := s.Prepare(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		roles, err := s.Roles(t.Context())
		require.NoError(t, err)
		require.Len(t, roles, 7)
	})
}

func TestSignInAndOut(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := start(t, db), t.Context()
		user(t, s, "Ann@Example.com", access.Admin, access.ProviderDomain)
		_, err := s.CreateUser(ctx, access.NewUser{Login: "ann@example.com", Password: password})
		require.Equal(t, "access.duplicate_login", fault.CodeOf(err))
		_, err = s.CreateUser(ctx, access.NewUser{Login: "bob", Password: "short"})
		require.Equal(t, "access.weak_password", fault.CodeOf(err))
		for _, c := range [][2]string{{"ann@example.com", "wrong password"}, {"nobody", password}} {
			_, _, err := s.SignIn(ctx, c[0], c[1], "10.0.0.1", "test")
			require.Equal(t, "access.bad_credentials", fault.CodeOf(err))
		}
		token, identity, err := s.SignIn(ctx, " ann@example.com ", password, "10.0.0.1", "test")
		require.NoError(t, err)
		require.NotEmpty(t, identity.CSRF)
		again, err := s.Authenticate(ctx, token)
		require.NoError(t, err)
		require.Equal(t, identity.User.ID, again.User.ID)
		_, err = s.Authenticate(ctx, token+"x")
		require.Equal(t, fault.Unauthorized, fault.KindOf(err))
		require.NoError(t, s.SignOut(ctx, token))
		_, err = s.Authenticate(ctx, token)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err))
	})
}

func TestSessionsEnd(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := start(t, db), t.Context()
		clock := db.Clock().(*calendar.FixedClock)
		u := user(t, s, "ann", access.Admin, access.ProviderDomain)
		user(t, s, "keeper", access.Admin, access.ProviderDomain) // the last one could not be disabled
		token, _, err := s.SignIn(ctx, "ann", password, "a", "t")
		require.NoError(t, err)
		for range 5 { // used every hour the session lives on, beyond the idle limit
			clock.Set(clock.Now() + calendar.Hour)
			_, err = s.Authenticate(ctx, token)
			require.NoError(t, err)
		}
		clock.Set(clock.Now() + 2*calendar.Hour + 1)
		_, err = s.Authenticate(ctx, token)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), "idle too long")
		token, _, err = s.SignIn(ctx, "ann", password, "a", "t")
		require.NoError(t, err)
		elsewhere, _, err := s.SignIn(ctx, "ann", password, "b", "t")
		require.NoError(t, err)
		require.NoError(t, s.SetPassword(ctx, u.ID, "another horse", token))
		_, err = s.Authenticate(ctx, token)
		require.NoError(t, err, "who changes it stays signed in")
		_, err = s.Authenticate(ctx, elsewhere)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), "a new password ends the other sessions")
		require.NoError(t, s.SetPassword(ctx, u.ID, "another horse", ""))
		_, err = s.Authenticate(ctx, token)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), "and all of them when none is kept")
		token, _, err = s.SignIn(ctx, "ann", "another horse", "a", "t")
		require.NoError(t, err)
		require.NoError(t, s.Disable(ctx, u.ID))
		_, err = s.Authenticate(ctx, token)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), "disabled")
		_, _, err = s.SignIn(ctx, "ann", "another horse", "a", "t")
		require.Equal(t, "access.bad_credentials", fault.CodeOf(err))
	})
}

func TestThrottlingDoublesAndForgets(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := start(t, db), t.Context()
		clock := db.Clock().(*calendar.FixedClock)
		user(t, s, "ann", access.Admin, access.ProviderDomain)
		for range 5 {
			_, _, err := s.SignIn(ctx, "ann", "wrong password", "a", "t")
			require.Equal(t, "access.bad_credentials", fault.CodeOf(err))
		}
		_, _, err := s.SignIn(ctx, "ann", password, "a", "t")
		require.Equal(t, fault.TooMany, fault.KindOf(err), "even the right password has to wait")
		_, _, err = s.SignIn(ctx, "other", "wrong password", "a", "t")
		require.Equal(t, "access.bad_credentials", fault.CodeOf(err), "others are not blocked")
		clock.Set(clock.Now() + calendar.Second)
		_, _, err = s.SignIn(ctx, "ann", password, "a", "t")
		require.NoError(t, err)
		_, _, err = s.SignIn(ctx, "ann", "wrong password", "a", "t")
		require.Equal(t, "access.bad_credentials", fault.CodeOf(err), "success forgot the failures")
	})
}

func TestRevocationActsAtTheNextRequestOnEveryNode(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		one, ctx := start(t, db), t.Context()
		two := start(t, db) // another node with its own cached policy
		clientID := ids.New[ids.Client](db.IDs())
		u := user(t, one, "carl", access.ClientRole, access.ClientDomain(clientID))
		token, identity, err := two.SignIn(ctx, "carl", password, "a", "t")
		require.NoError(t, err)
		sc, err := identity.Scope("scorecards", access.View)
		require.NoError(t, err)
		require.False(t, sc.IsProvider())
		require.True(t, sc.HasClient(clientID))
		_, err = identity.Scope("people", access.View)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		require.NoError(t, one.Revoke(ctx, u.ID, access.ClientRole, access.ClientDomain(clientID)))
		identity, err = two.Authenticate(ctx, token)
		require.NoError(t, err)
		_, err = identity.Scope("scorecards", access.View)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
	})
}

func TestRolePermissionsAndExpiryDecide(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := start(t, db), t.Context()
		clock := db.Clock().(*calendar.FixedClock)
		u := user(t, s, "fin", "", "")
		until := clock.Now() + calendar.Minute
		require.NoError(t, s.Grant(ctx, u.ID, access.Finance, access.ProviderDomain, &until))
		token, identity, err := s.SignIn(ctx, "fin", password, "a", "t")
		require.NoError(t, err)
		require.True(t, identity.May("invoices", access.Issue))
		require.False(t, identity.May("rosters", access.Publish))
		require.NoError(t, s.SetRolePermissions(ctx, access.Finance, []access.Permission{{Object: "invoices", Action: access.View}}))
		identity, err = s.Authenticate(ctx, token)
		require.NoError(t, err)
		require.False(t, identity.May("invoices", access.Issue))
		require.True(t, identity.May("invoices", access.View))
		clock.Set(until)
		identity, err = s.Authenticate(ctx, token)
		require.NoError(t, err)
		require.False(t, identity.May("invoices", access.View), "the grant has expired")
		require.Equal(t, "access.unknown_permission", fault.CodeOf(s.SetRolePermissions(ctx, access.Finance, []access.Permission{{Object: "moon", Action: access.View}})))
		require.Equal(t, "access.bad_domain", fault.CodeOf(s.Grant(ctx, u.ID, access.Finance, "client:x", nil)))
		require.Equal(t, fault.NotFound, fault.KindOf(s.Grant(ctx, u.ID, "king", access.ProviderDomain, nil)))
	})
}

func TestTokensAreLimitedToTheirScopes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := start(t, db), t.Context()
		u := user(t, s, "robot", access.Manager, access.ProviderDomain)
		_, _, err := s.CreateToken(ctx, u.ID, "x", nil, nil)
		require.Equal(t, "access.token_without_scope", fault.CodeOf(err))
		text, token, err := s.CreateToken(ctx, u.ID, "import", []access.Permission{{Object: "imports", Action: access.Run}}, nil)
		require.NoError(t, err)
		identity, err := s.AuthenticateToken(ctx, text)
		require.NoError(t, err)
		require.True(t, identity.May("imports", access.Run))
		require.False(t, identity.May("invoices", access.View), "the user may, the token may not")
		rights, err := identity.Rights()
		require.NoError(t, err)
		require.Equal(t, []access.Right{{Permission: access.Permission{Object: "imports", Action: access.Run}, Domain: access.ProviderDomain}}, rights)
		require.NoError(t, s.RevokeToken(ctx, u.ID, token.ID))
		_, err = s.AuthenticateToken(ctx, text)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err))
		require.Equal(t, fault.NotFound, fault.KindOf(s.RevokeToken(ctx, u.ID, token.ID)))
	})
}

func TestDemoSignInsAreRefusedInProduction(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := start(t, db)
		_, err := s.CreateUser(t.Context(), access.NewUser{Login: "demo", Password: password, Demo: true})
		require.NoError(t, err)
		strict, err := access.NewService(db, access.Settings{RefuseDemo: true})
		require.NoError(t, err)
		_, _, err = strict.SignIn(t.Context(), "demo", password, "a", "t")
		require.Equal(t, "access.demo_refused", fault.CodeOf(err))
	})
}

func TestEveryBuiltInRoleHoldsOnlyKnownPermissions(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	roles, err := start(t, db).Roles(t.Context())
	require.NoError(t, err)
	for _, r := range roles {
		require.NotEmpty(t, r.Permissions, r.Key)
		for _, p := range r.Permissions {
			require.True(t, slices.Contains(access.Permissions(), p), "%s: %v", r.Key, p)
		}
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := start(t, db), t.Context()
		a := user(t, s, "a", access.Admin, access.ProviderDomain)
		user(t, s, "narrow", access.Admin, access.ClientDomain(ids.New[ids.Client](db.IDs())))
		require.Equal(t, "access.last_admin", fault.CodeOf(s.Disable(ctx, a.ID)))
		require.Equal(t, "access.last_admin", fault.CodeOf(s.Revoke(ctx, a.ID, access.Admin, access.ProviderDomain)))
		require.Equal(t, "access.last_admin", fault.CodeOf(s.SetRolePermissions(ctx, access.Admin, []access.Permission{{Object: "desk", Action: access.View}})))
		_, identity, err := s.SignIn(ctx, "a", password, "x", "t")
		require.NoError(t, err)
		require.True(t, identity.May("users", access.Edit), "nothing of it was changed")
		user(t, s, "b", access.Admin, access.ProviderDomain)
		require.NoError(t, s.Disable(ctx, a.ID))
	})
}
