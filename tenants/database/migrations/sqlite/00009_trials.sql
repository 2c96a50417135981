-- +goose Up

-- A day played on the routing engine, alone or against another.

CREATE TABLE trials (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    seed INTEGER NOT NULL,
    replications INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX trials_created ON trials (created_at);
