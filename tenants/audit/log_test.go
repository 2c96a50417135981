package audit

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
)

// setup makes a log with a key of repeated bytes.
func setup(t *testing.T, db *database.DB) *Log {
	t.Helper()
	box, err := secrets.NewBox(bytes.Repeat([]byte("k"), secrets.KeyBytes))
	require.NoError(t, err)
	return New(db, box)
}

// appendAs adds a record under a scope.
func (l *Log) appendAs(t *testing.T, sc scope.Scope, r Record) error {
	t.Helper()
	if r.ActorKind == "" {
		r.ActorKind = User
	}
	return l.db.Write(t.Context(), sc, func(tx *database.Tx) error { return l.Append(tx, r) })
}

// list gives the records of a scope.
func (l *Log) list(t *testing.T, sc scope.Scope, f Filter) []Entry {
	t.Helper()
	found, err := l.List(t.Context(), sc, f)
	require.NoError(t, err)
	return found
}

func TestAppendAndList(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		actor := ids.New[ids.User](db.IDs())
		require.NoError(t, l.appendAs(t, scope.Provider(), Record{Actor: actor, Action: "roster.published", Object: "roster", Detail: map[string]int{"week": 47}, RequestID: "r1"}))
		require.NoError(t, l.appendAs(t, scope.Provider(), Record{ActorKind: Machine, Action: "facts.rebuilt", Object: "facts"}))
		all := l.list(t, scope.Provider(), Filter{})
		require.Len(t, all, 2)
		require.Equal(t, "facts.rebuilt", all[0].Action, "the newest first")
		require.JSONEq(t, `{"week":47}`, all[1].Detail)
		require.Equal(t, databasetest.Start, all[1].At)

		require.Len(t, l.list(t, scope.Provider(), Filter{Actor: actor}), 1)
		require.Len(t, l.list(t, scope.Provider(), Filter{Action: "facts.rebuilt", Object: "facts"}), 1)
		require.Len(t, l.list(t, scope.Provider(), Filter{Before: all[0].ID}), 1)
		require.Len(t, l.list(t, scope.Provider(), Filter{Limit: 1}), 1)
		require.Empty(t, l.list(t, scope.Provider(), Filter{From: databasetest.Start + calendar.Second}))
		require.Empty(t, l.list(t, scope.Provider(), Filter{To: databasetest.Start}))
		require.Empty(t, l.list(t, scope.Provider(), Filter{ObjectID: ids.Any{1}}))
		_, err := l.List(t.Context(), scope.Provider(), Filter{Limit: -1})
		require.Equal(t, "audit.limit", fault.CodeOf(err))

		for _, wrong := range []Record{{Object: "x"}, {Action: "a.b"}, {Action: "a.b", Object: "x", ActorKind: "ghost"},
			{Action: "a.b", Object: "x", Personal: &Change{}}, {Action: "a.b", Object: "x", Detail: func() {}}} {
			require.Error(t, l.appendAs(t, scope.Provider(), wrong))
		}
		require.Len(t, l.list(t, scope.Provider(), Filter{}), 2)
	})
}

func TestRecordsStayWithinTheirScope(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		mine, theirs := ids.New[ids.Client](db.IDs()), ids.New[ids.Client](db.IDs())
		require.NoError(t, l.appendAs(t, scope.Clients(theirs), Record{Client: theirs, Action: "a.b", Object: "x"}))
		require.NoError(t, l.appendAs(t, scope.Provider(), Record{Action: "a.b", Object: "x"}))
		require.Empty(t, l.list(t, scope.Clients(mine), Filter{}))
		seen := l.list(t, scope.Clients(theirs), Filter{})
		require.Len(t, seen, 1)
		require.Error(t, l.appendAs(t, scope.Clients(mine), Record{Client: theirs, Action: "a.b", Object: "x"}))
		_, _, err := l.Personal(t.Context(), scope.Clients(mine), seen[0].ID)
		require.Equal(t, "audit.not_found", fault.CodeOf(err))
	})
}

func TestPersonalValuesAndErasure(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		person, other := ids.Any{1}, ids.Any{2}
		rename := func(subject ids.Any, name string) {
			require.NoError(t, l.appendAs(t, scope.Provider(), Record{Action: "agent.renamed", Object: "agent", Subject: subject, Personal: &Change{Before: "王小明", After: name}}))
		}
		rename(person, "王大明")
		rename(other, "李雷")
		records := l.list(t, scope.Provider(), Filter{})
		change, erased, err := l.Personal(t.Context(), scope.Provider(), records[1].ID)
		require.NoError(t, err)
		require.False(t, erased)
		require.Equal(t, Change{Before: "王小明", After: "王大明"}, change)
		stored, err := json.Marshal(records)
		require.NoError(t, err)
		require.NotContains(t, string(stored), "大明", "the row does not show it")
		require.NotContains(t, string(records[1].Sealed), "大明")

		for range 2 { // erasing again changes nothing
			require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error { return l.Erase(tx, person) }))
		}
		_, erased, err = l.Personal(t.Context(), scope.Provider(), records[1].ID)
		require.NoError(t, err)
		require.True(t, erased)
		_, erased, err = l.Personal(t.Context(), scope.Provider(), records[0].ID)
		require.NoError(t, err)
		require.False(t, erased, "others keep theirs")
		require.Len(t, l.list(t, scope.Provider(), Filter{}), 2, "the record itself stays")

		rename(person, "back again")
		_, erased, err = l.Personal(t.Context(), scope.Provider(), records[1].ID)
		require.NoError(t, err)
		require.True(t, erased, "a new key opens nothing old")

		plain, _, err := l.Personal(t.Context(), scope.Provider(), l.list(t, scope.Provider(), Filter{})[0].ID)
		require.NoError(t, err)
		require.Equal(t, "back again", plain.After)
		wrong, err := secrets.NewBox(bytes.Repeat([]byte("w"), secrets.KeyBytes))
		require.NoError(t, err)
		_, _, err = New(db, wrong).Personal(t.Context(), scope.Provider(), records[0].ID)
		require.Equal(t, "secrets.other_key", fault.CodeOf(err), "a wrong key file is not taken for an erasure")
	})
}

func TestAppendIsPartOfTheTransaction(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		err := db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			require.NoError(t, l.Append(tx, Record{ActorKind: Machine, Action: "a.b", Object: "x"}))
			return fault.New(fault.Conflict, "x.undo", "undo")
		})
		require.Error(t, err)
		require.Empty(t, l.list(t, scope.Provider(), Filter{}))
	})
}

// TestRecordsCannotBeChanged: the app role of PostgreSQL has no right to.
func TestRecordsCannotBeChanged(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	l := setup(t, db)
	require.NoError(t, l.appendAs(t, scope.Provider(), Record{Action: "a.b", Object: "x"}))
	for _, change := range []func(tx *database.Tx) error{
		func(tx *database.Tx) error { return tx.Model(&Entry{}).Where("1 = 1").Update("action", "c.d").Error },
		func(tx *database.Tx) error { return tx.Where("1 = 1").Delete(&Entry{}).Error },
	} {
		require.ErrorContains(t, db.Write(t.Context(), scope.Provider(), change), "permission denied")
	}
	require.Equal(t, "a.b", l.list(t, scope.Provider(), Filter{})[0].Action)
}
