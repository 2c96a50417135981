-- +goose Up

-- Edits of a draft, in order, so that each can be undone and made again.
CREATE TABLE roster_operations (
    id BLOB NOT NULL PRIMARY KEY,
    roster_id BLOB NOT NULL REFERENCES rosters (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    cells TEXT NOT NULL,
    changed INTEGER NOT NULL,
    undone INTEGER NOT NULL,
    actor_id BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (roster_id, seq)
) STRICT;

-- Which address of an agent's calendar feed is in force; no row means the first.
CREATE TABLE calendar_links (
    agent_id BLOB NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    revoked_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT;

-- The edition of the roster that was tested; another edition makes the test stale.
ALTER TABLE simulations ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
