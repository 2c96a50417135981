package database

import (
	"context"
	"errors"
	"math/bits"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// maxParams gives the number of bind parameters one statement may carry. PostgreSQL
// allows 65,535; a quarter keeps write transactions short. SQLite would allow 32,766,
// but its driver looks each parameter up in the whole list, so that the cost of a
// statement grows with the square of their number: many small statements are faster.
func maxParams(d Dialect) int {
	if d == SQLite {
		return 800
	}
	return 16_000
}

// Insert creates rows in statements of a size both databases accept. Clauses such
// as clause.OnConflict apply to each statement. It reports the number of rows
// that were really written (fewer than given with DO NOTHING).
//
// PostgreSQL gets a power of two rows in each statement: it then meets few different
// statements and keeps them prepared. On the live floor, where every group has
// another size, this halves the time of a commit.
func Insert[T any](tx *Tx, rows []T, conds ...clause.Expression) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	stmt := &gorm.Statement{DB: tx.DB}
	if err := stmt.Parse(&rows[0]); err != nil {
		return 0, err
	}
	size := max(1, maxParams(tx.Dialect())/max(1, len(stmt.Schema.DBNames)))
	var written int64
	for start := 0; start < len(rows); {
		n := min(size, len(rows)-start)
		if tx.Dialect() == PostgreSQL {
			n = 1 << (bits.Len(uint(n)) - 1)
		}
		batch := rows[start : start+n]
		start += n
		r := tx.Clauses(conds...).Create(&batch)
		if r.Error != nil {
			return written, r.Error
		}
		written += r.RowsAffected
	}
	return written, nil
}

// One loads the single row that the query selects into out; no row is the
// NotFound fault with the code.
func One[T any](query *gorm.DB, code, detail string) (T, error) {
	var out T
	err := query.Take(&out).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return out, fault.New(fault.NotFound, code, detail)
	}
	return out, err
}

// keysMost is how many keys one statement names.
const keysMost = 512

// eachKeys runs the statement on the query narrowed to rows whose column holds one
// of the keys. The number of keys is rounded up to a power of two by repeating the
// last: the database then meets few different statements and keeps them prepared.
func eachKeys[K any](query *gorm.DB, column string, keys []K, run func(*gorm.DB) error) error {
	query = query.Session(&gorm.Session{})
	for start := 0; start < len(keys); start += keysMost {
		part := keys[start:min(start+keysMost, len(keys))]
		size := 1
		for size < len(part) {
			size *= 2
		}
		values := make([]any, size)
		for i := range values {
			values[i] = part[min(i, len(part)-1)]
		}
		if err := run(query.Where(clause.IN{Column: clause.Column{Name: column}, Values: values})); err != nil {
			return err
		}
	}
	return nil
}

// Lookup loads the rows of the query whose column holds one of the keys.
func Lookup[T, K any](query *gorm.DB, column string, keys []K) ([]T, error) {
	var out []T
	err := eachKeys(query, column, keys, func(q *gorm.DB) error {
		var rows []T
		err := q.Find(&rows).Error
		out = append(out, rows...)
		return err
	})
	return out, err
}

// Change sets one column of the rows of the query's model whose column holds one of the keys.
func Change[K any](query *gorm.DB, column string, keys []K, set string, value any) error {
	return eachKeys(query, column, keys, func(q *gorm.DB) error { return q.Update(set, value).Error })
}

// Remove deletes the rows of T whose column holds one of the keys.
func Remove[T, K any](query *gorm.DB, column string, keys []K) error {
	return eachKeys(query, column, keys, func(q *gorm.DB) error {
		var model T
		return q.Delete(&model).Error
	})
}

// EnsureMonths makes the partitions that hold the interval. Services call it
// before, and outside of, the transaction that writes there; on SQLite it does nothing.
func (d *DB) EnsureMonths(ctx context.Context, v calendar.Interval) error {
	if d.dialect == SQLite || v.End < v.Start {
		return nil
	}
	if d.joined(ctx) != nil {
		return errors.New("database: EnsureMonths must run outside of a transaction")
	}
	missing := false
	first, last := monthOf(v.Start), monthOf(v.End)
	for m := first; m <= last; m++ {
		if _, ok := d.months.Load(m); !ok {
			missing = true
		}
	}
	if !missing {
		return nil
	}
	if err := d.writer.WithContext(ctx).Exec("SELECT muster_ensure_months(?, ?)", int64(v.Start), int64(v.End)).Error; err != nil {
		return err
	}
	for m := first; m <= last; m++ {
		d.months.Store(m, true)
	}
	return nil
}

// monthOf numbers the UTC month of the instant.
func monthOf(i calendar.Instant) int {
	t := i.Time()
	return t.Year()*12 + int(t.Month()) - int(time.January)
}

// ForUpdate locks the selected rows until the transaction ends; SQLite, which has
// one writer, ignores it.
func ForUpdate() clause.Expression { return clause.Locking{Strength: "UPDATE"} }
