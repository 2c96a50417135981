package customers_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/routing/customers"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// world is two clients with the service.
type world struct {
	t        *testing.T
	db       *database.DB
	service  *customers.Service
	one, two ids.Client
}

func build(t *testing.T, db *database.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, service: customers.NewService(db)}
	for slug, id := range map[string]*ids.Client{"one": &w.one, "two": &w.two} {
		c, err := contract.NewService(db).CreateClient(t.Context(), scope.Provider(), contract.Client{Slug: slug, Name: slug, Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		*id = c.ID
	}
	return w
}

// from gives whom the identities (kind, value, ...) name for client one.
func (w *world) from(named ...string) ids.Customer {
	w.t.Helper()
	return w.of(w.one, named...)
}

func (w *world) of(client ids.Client, named ...string) ids.Customer {
	w.t.Helper()
	var list []customers.Identity
	for i := 0; i < len(named); i += 2 {
		list = append(list, customers.Identity{Kind: named[i], Value: named[i+1]})
	}
	found, err := w.service.Identify(w.t.Context(), scope.Provider(), client, ids.Contact{}, list)
	require.NoError(w.t, err)
	return found.Customer
}

func TestOneCustomerAcrossChannels(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		require.True(t, w.from().IsZero())
		caller := w.from("phone", "+86 138-0013-8000")
		require.Equal(t, caller, w.from("phone", "0086 13800138000"))
		require.Equal(t, caller, w.from("phone", "+8613800138000", "mail", "Li.Na@Example.com"), "a further identity is learned")
		require.Equal(t, caller, w.from("mail", " li.na@example.COM "))
		require.NotEqual(t, caller, w.from("phone", "+8613800138001"))
		require.NotEqual(t, caller, w.of(w.two, "phone", "+8613800138000"), "another client's customer is another customer")
		for _, bad := range []customers.Identity{{Kind: "fax", Value: "1"}, {Kind: "mail", Value: "nobody"}, {Kind: "phone", Value: "--"}, {Kind: "account", Value: " "}, {Kind: "source:", Value: "1"}} {
			_, err := w.service.Identify(t.Context(), scope.Provider(), w.one, ids.Contact{}, []customers.Identity{bad})
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", bad)
		}
		found, err := w.service.Search(t.Context(), scope.Provider(), "LI.NA@example.com")
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, []customers.Identity{{Kind: "mail", Value: "li.na@example.com"}, {Kind: "phone", Value: "+8613800138000"}}, found[0].Identities)
		found, err = w.service.Search(t.Context(), scope.Clients(w.two), "li.na@example.com")
		require.NoError(t, err)
		require.Empty(t, found)
		_, err = w.service.Customer(t.Context(), scope.Clients(w.two), caller)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func TestALinkIsProposedAcceptedAndUndone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		ctx, all := t.Context(), scope.Provider()
		caller, writer := w.from("phone", "12345"), w.from("mail", "a@b.c", "social", "wechat:lina")
		require.Equal(t, writer, w.from("phone", "12345", "mail", "a@b.c"), "the mail address is the stronger evidence")
		w.from("phone", "12345", "mail", "a@b.c")
		open, err := w.service.Links(ctx, all, customers.Proposed)
		require.NoError(t, err)
		require.Len(t, open, 1, "it is proposed once")
		_, err = w.service.Decide(ctx, scope.Clients(w.two), open[0].ID, customers.Linked, ids.User{})
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another client's link is the same as none")

		for range 2 {
			_, err = w.service.Decide(ctx, all, open[0].ID, customers.Dismissed, ids.User{})
		}
		require.Equal(t, "customer.link_state", fault.CodeOf(err))

		l, err := w.service.Link(ctx, all, writer, caller, ids.User{})
		require.NoError(t, err)
		require.Equal(t, customers.Linked, l.Status)
		require.Equal(t, writer, w.from("phone", "12345"))
		_, err = w.service.Link(ctx, all, w.from("account", "7"), caller, ids.User{})
		require.Equal(t, "customer.already_gone", fault.CodeOf(err))
		_, err = w.service.Link(ctx, all, writer, writer, ids.User{})
		require.Equal(t, "customer.cannot_link", fault.CodeOf(err))
		_, err = w.service.Link(ctx, all, writer, w.of(w.two, "phone", "1234"), ids.User{})
		require.Equal(t, "customer.cannot_link", fault.CodeOf(err))

		_, err = w.service.Decide(ctx, all, l.ID, customers.Undone, ids.User{})
		require.NoError(t, err)
		require.Equal(t, caller, w.from("phone", "12345"))
		require.Equal(t, writer, w.from("social", "wechat:lina"))
	})
}

func TestHistoryFollowsLinksAndErasingForgetsWho(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		ctx, all := t.Context(), scope.Provider()
		a, b := w.from("phone", "12345"), w.from("mail", "a@b.c")
		now := db.Now()
		agent := ids.New[ids.Agent](db.IDs())
		require.NoError(t, db.EnsureMonths(ctx, calendar.Interval{Start: now, End: now + calendar.Day}))
		require.NoError(t, db.Write(ctx, all, func(tx *database.Tx) error {
			for i, c := range []ids.Customer{a, b} {
				row := records.Contact{ID: ids.New[ids.Contact](db.IDs()), Revision: 1, ArrivedAt: now + calendar.Instant(i)*calendar.Second, ClientID: w.one, QueueID: ids.New[ids.Queue](db.IDs()), Channel: contract.Voice, Source: "t", ExternalID: string(rune('a' + i)), CustomerID: c, Outcome: records.Answered, AgentID: agent, Attributes: "{}", ContentHash: []byte{1}, IsCurrent: true}
				if err := tx.Create(&row).Error; err != nil {
					return err
				}
			}
			return nil
		}))
		history, err := w.service.History(ctx, all, a)
		require.NoError(t, err)
		require.Len(t, history, 1)
		_, err = w.service.Link(ctx, all, a, b, ids.User{})
		require.NoError(t, err)
		history, err = w.service.History(ctx, all, a)
		require.NoError(t, err)
		require.Len(t, history, 2)
		found, err := w.service.Identify(ctx, all, w.one, ids.Contact{}, []customers.Identity{{Kind: "phone", Value: "12345"}})
		require.NoError(t, err)
		require.Equal(t, agent, found.Last)
		_, err = w.service.History(ctx, scope.Clients(w.two), a)
		require.Equal(t, fault.NotFound, fault.KindOf(err))

		require.NoError(t, w.service.Erase(ctx, all, a))
		c, err := w.service.Customer(ctx, all, a)
		require.NoError(t, err)
		require.Empty(t, c.Identities)
		require.NotNil(t, c.ErasedAt)
		require.NotEqual(t, a, w.from("mail", "a@b.c"), "who comes again is somebody new")
		history, err = w.service.History(ctx, all, a)
		require.NoError(t, err)
		require.Len(t, history, 2)
	})
}

// TestManyContactsOfOneNewCustomerAtOnce lets contacts race to add the same identity.
func TestManyContactsOfOneNewCustomerAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		var racing sync.WaitGroup
		for range 8 {
			racing.Go(func() {
				_, _ = w.service.Identify(t.Context(), scope.Provider(), w.one, ids.Contact{}, []customers.Identity{{Kind: "phone", Value: "12345"}})
			})
		}
		racing.Wait()
		found, err := w.service.Search(t.Context(), scope.Provider(), "12345")
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, found[0].ID, w.from("phone", "12345"))
	})
}

func TestNormalisingTwiceIsNormalisingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := customers.Identity{Kind: rapid.SampledFrom(append(customers.Kinds(), "source:x", "")).Draw(t, "kind"), Value: rapid.String().Draw(t, "value")}
		n, err := i.Normalise()
		if err != nil {
			return
		}
		again, err := n.Normalise()
		if err != nil || again != n {
			t.Fatalf("%v became %v, then %v (%v)", i, n, again, err)
		}
	})
}
