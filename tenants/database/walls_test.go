package database_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

type client struct {
	ID                                         ids.Client `gorm:"primaryKey"`
	Slug, Name, Colour, Zone, Locale, Currency string
	Version                                    int
	CreatedAt                                  calendar.Instant
}

func (client) TableName() string { return "clients" }

type lob struct {
	ID        ids.LOB `gorm:"primaryKey"`
	ClientID  ids.Client
	Slug      string
	Name      string
	CreatedAt calendar.Instant
}

func (lob) TableName() string { return "lobs" }

type agent struct {
	ID            ids.Agent `gorm:"primaryKey"`
	Number, Label string
	Version       int
	CreatedAt     calendar.Instant
}

func (agent) TableName() string { return "agents" }

type agentClient struct {
	ClientID  ids.Client
	AgentID   ids.Agent
	ValidFrom calendar.Instant
}

func (agentClient) TableName() string { return "agent_clients" }

type site struct {
	ID                        ids.Site `gorm:"primaryKey"`
	Slug, Name, Zone, Country string
	WeekStart                 int
	CreatedAt                 calendar.Instant
}

func (site) TableName() string { return "sites" }

// world is two clients with a line of business each, and an agent who serves the first.
type world struct{ a, b client }

func build(t *testing.T, db *database.DB) world {
	t.Helper()
	var w world
	require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
		w = world{}
		for i, c := range []*client{&w.a, &w.b} {
			*c = client{ID: ids.New[ids.Client](db.IDs()), Slug: fmt.Sprint("c", i), Name: "n", Colour: "#000", Zone: "UTC", Locale: "en", Currency: "EUR", CreatedAt: db.Now()}
			ag := agent{ID: ids.New[ids.Agent](db.IDs()), Number: c.Slug, Label: c.Slug, CreatedAt: db.Now()}
			for _, row := range []any{c, &lob{ID: ids.New[ids.LOB](db.IDs()), ClientID: c.ID, Slug: "l", Name: c.Slug, CreatedAt: db.Now()},
				&ag, &agentClient{ClientID: c.ID, AgentID: ag.ID}, &site{ID: ids.New[ids.Site](db.IDs()), Slug: c.Slug, Name: "s", Zone: "UTC", Country: "CN", CreatedAt: db.Now()}} {
				if err := tx.Create(row).Error; err != nil {
					return err
				}
			}
		}
		return nil
	}))
	return w
}

// count gives how many rows of each kind the scope sees: clients, lobs, agents, sites.
func count(t *testing.T, db *database.DB, s scope.Scope) [4]int64 {
	t.Helper()
	var n [4]int64
	require.NoError(t, db.Read(t.Context(), s, func(tx *database.Tx) error {
		for i, model := range []any{&client{}, &lob{}, &agent{}, &site{}} {
			if err := tx.Model(model).Count(&n[i]).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	return n
}

// checkWalls is what each wall must hold alone.
func checkWalls(t *testing.T, db *database.DB) {
	w := build(t, db)
	require.Equal(t, [4]int64{2, 2, 2, 2}, count(t, db, scope.Provider()))
	require.Equal(t, [4]int64{1, 1, 1, 0}, count(t, db, scope.Clients(w.a.ID)))
	require.Equal(t, [4]int64{2, 2, 2, 0}, count(t, db, scope.Clients(w.a.ID, w.b.ID)))
	require.Equal(t, [4]int64{}, count(t, db, scope.Scope{}))
	// Reads and writes of the other client's rows find nothing or are refused.
	err := db.Write(t.Context(), scope.Clients(w.a.ID), func(tx *database.Tx) error {
		r := tx.Model(&lob{}).Where("client_id = ?", w.b.ID).Update("name", "stolen")
		require.NoError(t, r.Error)
		require.Zero(t, r.RowsAffected)
		r = tx.Where("client_id = ?", w.b.ID).Delete(&lob{})
		require.NoError(t, r.Error)
		require.Zero(t, r.RowsAffected)
		return tx.Create(&lob{ID: ids.New[ids.LOB](db.IDs()), ClientID: w.b.ID, Slug: "x", Name: "x", CreatedAt: db.Now()}).Error
	})
	require.Error(t, err)
	require.Error(t, db.Write(t.Context(), scope.Clients(w.a.ID), func(tx *database.Tx) error {
		return tx.Create(&site{ID: ids.New[ids.Site](db.IDs()), Slug: "x", Name: "x", Zone: "UTC", Country: "CN", CreatedAt: db.Now()}).Error
	}))
	// Its own rows it may write.
	require.NoError(t, db.Write(t.Context(), scope.Clients(w.a.ID), func(tx *database.Tx) error {
		return tx.Create(&lob{ID: ids.New[ids.LOB](db.IDs()), ClientID: w.a.ID, Slug: "own", Name: "x", CreatedAt: db.Now()}).Error
	}))
	require.Equal(t, [4]int64{2, 3, 2, 2}, count(t, db, scope.Provider()))
}

func TestBothWalls(t *testing.T) { databasetest.Each(t, checkWalls) }

func TestScopeFilterAlone(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	db.WithoutRowSecurity()
	checkWalls(t, db)
}

func TestRowSecurityAlone(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	db.WithoutFilter()
	checkWalls(t, db)
}

func TestQueryOutsideOfTheDoorIsRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			var n int64
			require.ErrorContains(t, tx.WithContext(context.Background()).Model(&client{}).Count(&n).Error, "outside of Read and Write")
			return nil
		}))
	})
}

func TestNestedWriteJoinsAndCannotWiden(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		boom := errors.New("boom")
		committed := false
		err := db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			if err := db.Write(tx.Context(), scope.Clients(w.a.ID), func(inner *database.Tx) error {
				inner.AfterCommit(func() { committed = true })
				var n int64
				require.NoError(t, inner.Model(&lob{}).Count(&n).Error)
				require.EqualValues(t, 1, n)
				return inner.Model(&lob{}).Where("slug = ?", "l").Update("name", "changed").Error
			}); err != nil {
				return err
			}
			var n int64
			require.NoError(t, tx.Model(&lob{}).Count(&n).Error)
			require.EqualValues(t, 2, n, "the outer scope is back")
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.False(t, committed)
		require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			var n int64
			require.NoError(t, tx.Model(&lob{}).Where("name = ?", "changed").Count(&n).Error)
			require.Zero(t, n, "the inner Write was rolled back with the outer one")
			return nil
		}))
		require.ErrorContains(t, db.Write(t.Context(), scope.Clients(w.a.ID), func(tx *database.Tx) error {
			return db.Read(tx.Context(), scope.Clients(w.b.ID), func(*database.Tx) error { return nil })
		}), "widen")
		require.ErrorContains(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			return db.Write(tx.Context(), scope.Provider(), func(*database.Tx) error { return nil })
		}), "inside a Read")
	})
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 10 {
					err := db.Write(context.Background(), scope.Provider(), func(tx *database.Tx) error {
						c, err := database.One[client](tx.Where("id = ?", w.a.ID).Clauses(database.ForUpdate()), "client.not_found", "No such client.")
						if err != nil {
							return err
						}
						return tx.Model(&client{}).Where("id = ?", w.a.ID).Update("version", c.Version+1).Error
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			c, err := database.One[client](tx.Where("id = ?", w.a.ID), "client.not_found", "No such client.")
			require.NoError(t, err)
			require.Equal(t, 80, c.Version)
			_, err = database.One[client](tx.Where("slug = ?", "none"), "client.not_found", "No such client.")
			require.Equal(t, fault.NotFound, fault.KindOf(err))
			return nil
		}))
	})
}

func TestFourNodesMigrateOneEmptyDatabase(t *testing.T) {
	o := databasetest.PostgresOptions(t, false)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := database.Migrate(context.Background(), o); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	db, err := database.Open(t.Context(), o)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	applied, known, err := db.SchemaVersion(t.Context())
	require.NoError(t, err)
	require.Equal(t, known, applied)
}

func TestOneRoleForOwnerAndAppIsRefused(t *testing.T) {
	o := databasetest.PostgresOptions(t, false)
	o.URL = o.AdminURL
	require.ErrorContains(t, database.Migrate(t.Context(), o), "same role")
}

func TestEveryTableIsRegisteredWithThePolicyOfItsClass(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	conn, err := pgx.Connect(t.Context(), db.Options().AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(t.Context(), `SELECT c.relname, c.relrowsecurity, coalesce((SELECT string_agg(polname, ',') FROM pg_policy WHERE polrelid = c.oid), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'goose_db_version'`)
	require.NoError(t, err)
	found := map[string]bool{}
	for rows.Next() {
		var name, policies string
		var secured bool
		require.NoError(t, rows.Scan(&name, &secured, &policies))
		found[name] = true
		table, ok := database.Tables()[name]
		require.True(t, ok, "table %s is not registered", name)
		require.True(t, secured, "table %s has no row-level security", name)
		require.Equal(t, string(table.Class)+"_rows", policies, name)
	}
	require.NoError(t, rows.Err())
	for name := range database.Tables() {
		require.True(t, found[name], "registered table %s does not exist", name)
	}
}

func TestPartitionsCannotBeReadDirectly(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	w := build(t, db)
	require.NoError(t, db.EnsureMonths(t.Context(), calendar.Interval{Start: databasetest.Start, End: databasetest.Start + 40*calendar.Day}))
	require.NoError(t, db.EnsureMonths(t.Context(), calendar.Interval{Start: databasetest.Start, End: databasetest.Start}))
	conn, err := pgx.Connect(t.Context(), db.Options().URL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, parent := range database.Partitioned() {
		for _, month := range []string{"202603", "202604"} {
			_, err = conn.Exec(t.Context(), "SELECT 1 FROM "+parent+"_"+month)
			require.ErrorContains(t, err, "permission denied", parent)
		}
	}
	var n int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM clients").Scan(&n))
	require.Zero(t, n, "without the door there are no rows, but %s exists", w.a.Slug)
}

// column is what both dialects must agree on.
type column struct {
	Type    string
	NotNull bool
}

// TestDialectsHaveTheSameSchema compares tables, columns, types, nullability and unique keys.
func TestDialectsHaveTheSameSchema(t *testing.T) {
	lite := liteSchema(t)
	post, postKeys := postgresSchema(t)
	require.Equal(t, slices.Sorted(maps.Keys(post)), slices.Sorted(maps.Keys(lite.columns)))
	for name, columns := range post {
		require.Equal(t, columns, lite.columns[name], name)
		require.Equal(t, postKeys[name], lite.keys[name], "unique keys of %s", name)
	}
}

type schema struct {
	columns map[string]map[string]column
	keys    map[string][]string
}

func liteSchema(t *testing.T) schema {
	db := databasetest.OpenSQLite(t)
	pool, err := db.Pool()
	require.NoError(t, err)
	out := schema{columns: map[string]map[string]column{}, keys: map[string][]string{}}
	rows, err := pool.Query(`SELECT m.name, c.name, c.type, c."notnull" FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`)
	require.NoError(t, err)
	for rows.Next() {
		var table, name string
		var c column
		require.NoError(t, rows.Scan(&table, &name, &c.Type, &c.NotNull))
		if out.columns[table] == nil {
			out.columns[table] = map[string]column{}
		}
		out.columns[table][name] = c
	}
	require.NoError(t, rows.Err())
	keys, err := pool.Query(`SELECT m.name, group_concat(ii.name, ',') FROM sqlite_master m JOIN pragma_index_list(m.name) il JOIN pragma_index_info(il.name) ii
		WHERE m.type = 'table' AND il."unique" = 1 AND il.partial = 0 GROUP BY m.name, il.name`)
	require.NoError(t, err)
	for keys.Next() {
		var table, list string
		require.NoError(t, keys.Scan(&table, &list))
		out.keys[table] = append(out.keys[table], list)
	}
	require.NoError(t, keys.Err())
	// An integer primary key is the rowid itself and has no index of its own.
	for table, id := range map[string]string{"provider": "id", "policy_version": "id", "outbox": "seq"} {
		out.keys[table] = append(out.keys[table], id)
	}
	for _, list := range out.keys {
		slices.Sort(list)
	}
	return out
}

func postgresSchema(t *testing.T) (map[string]map[string]column, map[string][]string) {
	kinds := map[string]string{"uuid": "BLOB", "bytea": "BLOB", "bigint": "INTEGER", "integer": "INTEGER", "boolean": "INTEGER", "numeric": "TEXT", "text": "TEXT", "double precision": "REAL"}
	db := databasetest.OpenPostgres(t)
	conn, err := pgx.Connect(t.Context(), db.Options().AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	out := map[string]map[string]column{}
	rows, err := conn.Query(t.Context(), `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`)
	require.NoError(t, err)
	for rows.Next() {
		var table, name, kind, nullable string
		require.NoError(t, rows.Scan(&table, &name, &kind, &nullable))
		if out[table] == nil {
			out[table] = map[string]column{}
		}
		out[table][name] = column{Type: kinds[kind], NotNull: nullable == "NO"}
	}
	require.NoError(t, rows.Err())
	keys := map[string][]string{}
	list, err := conn.Query(t.Context(), `SELECT t.relname, array_agg(a.attname::text ORDER BY k.n) FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace,
		unnest(i.indkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attnum = k.attnum
		WHERE n.nspname = 'public' AND i.indisunique AND i.indpred IS NULL AND a.attrelid = i.indrelid AND t.relname <> 'goose_db_version' GROUP BY t.relname, i.indexrelid`)
	require.NoError(t, err)
	for list.Next() {
		var table string
		var columns []string
		require.NoError(t, list.Scan(&table, &columns))
		keys[table] = append(keys[table], strings.Join(columns, ","))
	}
	require.NoError(t, list.Err())
	for _, l := range keys {
		slices.Sort(l)
	}
	return out, keys
}
