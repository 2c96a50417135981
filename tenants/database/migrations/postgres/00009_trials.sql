-- +goose Up

-- A day played on the routing engine, alone or against another.

CREATE TABLE trials (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    seed bigint NOT NULL,
    replications integer NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL
);
CREATE INDEX trials_created ON trials (created_at);

ALTER TABLE trials ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON trials USING ((SELECT muster_provider()));
