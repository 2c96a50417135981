package database

import (
	"context"
	"fmt"
)

// horizonQuery gives a transaction number below which no transaction of this
// database and role runs any more. Transactions of other databases, which may
// run for hours, do not count. The number of the next transaction is taken
// first: whoever begins later lies at or above it. backend_xid has 32 bits and
// is lifted to the present epoch.
const horizonQuery = `
WITH next AS (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xid),
running AS (
	SELECT (n.xid - n.xid % 4294967296) + a.backend_xid::text::bigint AS xid
	FROM next n, pg_stat_get_activity(NULL) a
	WHERE a.backend_xid IS NOT NULL
	AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND a.usesysid = (SELECT oid FROM pg_roles WHERE rolname = session_user))
SELECT least(
	(SELECT xid FROM next),
	(SELECT min(CASE WHEN r.xid >= n.xid + 2147483648 THEN r.xid - 4294967296 ELSE r.xid END) FROM running r, next n))`

// Horizon gives a number such that every Write whose transaction number
// (pg_current_xact_id) lies below it has ended before the call returned: a
// transaction opened afterwards sees all of their rows, and no more will come.
// Readers of logs use it to go forward without gaps. On SQLite, where writers
// go one by one, it gives ok = false and nothing needs leaving out. Call it
// outside of a transaction.
func (d *DB) Horizon(ctx context.Context) (xid int64, ok bool, err error) {
	if d.dialect == SQLite {
		return 0, false, nil
	}
	if d.joined(ctx) != nil {
		return 0, false, fmt.Errorf("database: Horizon must be asked outside of a transaction")
	}
	if err := d.reader.WithContext(ctx).Raw(horizonQuery).Scan(&xid).Error; err != nil {
		return 0, false, unavailable(ctx, err)
	}
	return xid, true, nil
}
