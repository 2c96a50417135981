-- +goose Up

-- Planning: long-range forecasts by day, and what pools of agents were found to need.

CREATE TABLE long_forecasts (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    zone TEXT NOT NULL,
    settings TEXT NOT NULL,
    queues TEXT NOT NULL,
    total TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, version)
) STRICT;

CREATE TABLE tier_studies (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    plan_id BLOB NOT NULL REFERENCES staffing_plans (id),
    start_at INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tier_studies_plan ON tier_studies (plan_id, created_at);
