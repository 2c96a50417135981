-- +goose Up

-- Edits of a draft, in order, so that each can be undone and made again.
CREATE TABLE roster_operations (
    id uuid NOT NULL PRIMARY KEY,
    roster_id uuid NOT NULL REFERENCES rosters (id),
    seq integer NOT NULL,
    kind text NOT NULL,
    cells text NOT NULL,
    changed integer NOT NULL,
    undone boolean NOT NULL,
    actor_id uuid,
    created_at bigint NOT NULL,
    UNIQUE (roster_id, seq)
);

-- Which address of an agent's calendar feed is in force; no row means the first.
CREATE TABLE calendar_links (
    agent_id uuid NOT NULL PRIMARY KEY,
    generation integer NOT NULL,
    revoked_at bigint,
    updated_at bigint NOT NULL
);

-- The edition of the roster that was tested; another edition makes the test stale.
ALTER TABLE simulations ADD COLUMN edition integer NOT NULL DEFAULT 0;

ALTER TABLE roster_operations ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON roster_operations USING ((SELECT muster_provider()));
ALTER TABLE calendar_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON calendar_links USING ((SELECT muster_provider()));
