-- +goose Up

-- Planning: who published and committed, what is agreed about forecasts, what was
-- committed, scenarios, special days, reports of the nightly training, capacity.

ALTER TABLE forecasts ADD COLUMN published_by BLOB;
ALTER TABLE forecasts ADD COLUMN committed_by BLOB;

CREATE TABLE commitment_terms (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    version INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    document TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, version)
) STRICT;

CREATE TABLE commitments (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    forecast_id BLOB NOT NULL REFERENCES forecasts (id),
    terms_id BLOB REFERENCES commitment_terms (id),
    month INTEGER NOT NULL,
    stage TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    breaches TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (forecast_id, month)
) STRICT;
CREATE INDEX commitments_client ON commitments (client_id, month, created_at);

CREATE TABLE forecast_scenarios (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    forecast_id BLOB NOT NULL REFERENCES forecasts (id),
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    adjustments TEXT NOT NULL,
    edition INTEGER NOT NULL,
    promoted_to BLOB,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX forecast_scenarios_client ON forecast_scenarios (client_id, created_at);

CREATE TABLE day_proposals (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    calendar_id BLOB NOT NULL REFERENCES calendars (id),
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    tag TEXT NOT NULL,
    size REAL NOT NULL,
    actual REAL NOT NULL,
    expected REAL NOT NULL,
    score REAL NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    UNIQUE (calendar_id, day)
) STRICT;

CREATE TABLE calendar_events (
    id BLOB NOT NULL PRIMARY KEY,
    calendar_id BLOB NOT NULL REFERENCES calendars (id),
    client_id BLOB REFERENCES clients (id),
    name TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    size REAL NOT NULL
) STRICT;
CREATE INDEX calendar_events_calendar ON calendar_events (calendar_id, from_day);

CREATE TABLE holiday_presets (
    id TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    edition INTEGER NOT NULL,
    updated_by BLOB,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tier_costs (
    id BLOB NOT NULL PRIMARY KEY,
    tier TEXT NOT NULL,
    skill_id BLOB,
    hourly_cost TEXT NOT NULL,
    currency TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tier_costs_tier ON tier_costs (tier, valid_from);

CREATE TABLE forecast_reports (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    forecast_id BLOB,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX forecast_reports_client ON forecast_reports (client_id, created_at);

CREATE TABLE capacity_plans (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    name TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    edition INTEGER NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX capacity_plans_client ON capacity_plans (client_id, created_at);

-- Roles that exist already get the two rights that are new.
INSERT INTO role_permissions (role_id, object, action)
SELECT id, 'forecasts', 'upload' FROM roles WHERE built_in = 1 AND key IN ('admin', 'manager', 'planner', 'client') ON CONFLICT DO NOTHING;
INSERT INTO role_permissions (role_id, object, action)
SELECT id, 'forecasts', 'unlock' FROM roles WHERE built_in = 1 AND key IN ('admin', 'manager') ON CONFLICT DO NOTHING;
UPDATE policy_version SET version = version + 1;
