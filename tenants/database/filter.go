package database

import (
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/ids"
)

const filterName = "muster:scope"

// scopeFilter is the GORM plugin that adds the filter of the table's class to
// every query, update and delete and checks the client of every created row.
type scopeFilter struct{ door *DB }

// Name implements gorm.Plugin.
func (f *scopeFilter) Name() string { return filterName }

// Initialize implements gorm.Plugin.
func (f *scopeFilter) Initialize(g *gorm.DB) error {
	c := g.Callback()
	for _, register := range []error{
		c.Query().Before("gorm:query").Register(filterName, f.restrict),
		c.Row().Before("gorm:row").Register(filterName, f.restrict),
		c.Update().Before("gorm:update").Register(filterName, f.restrict),
		c.Delete().Before("gorm:delete").Register(filterName, f.restrict),
		c.Create().Before("gorm:create").Register(filterName, f.check),
	} {
		if register != nil {
			return register
		}
	}
	return nil
}

// tableOf gives the real table of the statement, also behind an alias.
func tableOf(s *gorm.Statement) string {
	if s.TableExpr != nil {
		if name, _, found := strings.Cut(strings.TrimSpace(s.TableExpr.SQL), " "); found {
			return strings.Trim(name, "`\"")
		}
	}
	return s.Table
}

// lookup finds transaction and registration of a statement, or reports what is wrong with it.
func (f *scopeFilter) lookup(g *gorm.DB) (*txState, Table, bool) {
	state := f.door.joined(g.Statement.Context)
	if state == nil {
		_ = g.AddError(fmt.Errorf("database: query on %q outside of Read and Write", g.Statement.Table))
		return nil, Table{}, false
	}
	name := tableOf(g.Statement)
	table, ok := tables[name]
	if !ok {
		_ = g.AddError(fmt.Errorf("database: table %q is not registered", name))
		return nil, Table{}, false
	}
	return state, table, true
}

// restrict adds the scope's condition to a statement that GORM builds; raw SQL
// exists in this package alone and carries its own.
func (f *scopeFilter) restrict(g *gorm.DB) {
	if g.Error != nil || g.Statement.SQL.Len() > 0 || f.door.filterOff {
		return
	}
	state, table, ok := f.lookup(g)
	if !ok || state.scope.IsProvider() || table.Class == System {
		return
	}
	column := clause.Column{Table: clause.CurrentTable, Name: table.Column}
	var condition clause.Expression
	switch {
	case table.Class == Provider || len(state.scope.ClientIDs()) == 0:
		condition = clause.Expr{SQL: "1 = 0"}
	case table.Class == Slice:
		condition = clause.Expr{SQL: "? IN (SELECT agent_id FROM agent_clients WHERE client_id IN ?)", Vars: []any{column, state.scope.ClientIDs()}}
	default:
		condition = clause.IN{Column: column, Values: anySlice(state.scope.ClientIDs())}
	}
	g.Statement.AddClause(clause.Where{Exprs: []clause.Expression{condition}})
}

// check refuses to create rows outside of the scope.
func (f *scopeFilter) check(g *gorm.DB) {
	if g.Error != nil || f.door.filterOff {
		return
	}
	state, table, ok := f.lookup(g)
	if !ok || state.scope.IsProvider() || table.Class == System {
		return
	}
	if table.Class != Client {
		_ = g.AddError(fmt.Errorf("database: %s rows can be written in a provider-wide scope only", g.Statement.Table))
		return
	}
	if g.Statement.Schema == nil {
		_ = g.AddError(fmt.Errorf("database: rows of %s must be created from a model", g.Statement.Table))
		return
	}
	field := g.Statement.Schema.LookUpField(table.Column)
	if field == nil {
		_ = g.AddError(fmt.Errorf("database: the model of %s has no column %s", g.Statement.Table, table.Column))
		return
	}
	rows := reflect.Indirect(g.Statement.ReflectValue)
	one := func(row reflect.Value) {
		value, _ := field.ValueOf(g.Statement.Context, reflect.Indirect(row))
		client, isID := value.(ids.Client)
		if !isID || !state.scope.HasClient(client) {
			_ = g.AddError(fmt.Errorf("database: a row of %s lies outside of the scope", g.Statement.Table))
		}
	}
	switch rows.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range rows.Len() {
			if g.Error == nil {
				one(rows.Index(i))
			}
		}
	default:
		one(rows)
	}
}

func anySlice[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
