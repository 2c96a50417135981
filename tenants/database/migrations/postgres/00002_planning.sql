-- +goose Up

-- Planning: who published and committed, what is agreed about forecasts, what was
-- committed, scenarios, special days, reports of the nightly training, capacity.

ALTER TABLE forecasts ADD COLUMN published_by uuid;
ALTER TABLE forecasts ADD COLUMN committed_by uuid;

CREATE TABLE commitment_terms (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    version integer NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    document text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    UNIQUE (client_id, version)
);

CREATE TABLE commitments (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    forecast_id uuid NOT NULL REFERENCES forecasts (id),
    terms_id uuid REFERENCES commitment_terms (id),
    month integer NOT NULL,
    stage text NOT NULL,
    from_day integer NOT NULL,
    to_day integer NOT NULL,
    reason text NOT NULL,
    breaches text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    UNIQUE (forecast_id, month)
);
CREATE INDEX commitments_client ON commitments (client_id, month, created_at);

CREATE TABLE forecast_scenarios (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    forecast_id uuid NOT NULL REFERENCES forecasts (id),
    name text NOT NULL,
    note text NOT NULL,
    adjustments text NOT NULL,
    edition integer NOT NULL,
    promoted_to uuid,
    created_by uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX forecast_scenarios_client ON forecast_scenarios (client_id, created_at);

CREATE TABLE day_proposals (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    calendar_id uuid NOT NULL REFERENCES calendars (id),
    day integer NOT NULL,
    name text NOT NULL,
    tag text NOT NULL,
    size double precision NOT NULL,
    actual double precision NOT NULL,
    expected double precision NOT NULL,
    score double precision NOT NULL,
    reason text NOT NULL,
    status text NOT NULL,
    created_at bigint NOT NULL,
    decided_by uuid,
    decided_at bigint,
    UNIQUE (calendar_id, day)
);

CREATE TABLE calendar_events (
    id uuid NOT NULL PRIMARY KEY,
    calendar_id uuid NOT NULL REFERENCES calendars (id),
    client_id uuid REFERENCES clients (id),
    name text NOT NULL,
    from_day integer NOT NULL,
    to_day integer NOT NULL,
    size double precision NOT NULL
);
CREATE INDEX calendar_events_calendar ON calendar_events (calendar_id, from_day);

CREATE TABLE holiday_presets (
    id text NOT NULL PRIMARY KEY,
    document text NOT NULL,
    edition integer NOT NULL,
    updated_by uuid,
    updated_at bigint NOT NULL
);

CREATE TABLE tier_costs (
    id uuid NOT NULL PRIMARY KEY,
    tier text NOT NULL,
    skill_id uuid,
    hourly_cost text NOT NULL,
    currency text NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    created_by uuid,
    created_at bigint NOT NULL
);
CREATE INDEX tier_costs_tier ON tier_costs (tier, valid_from);

CREATE TABLE forecast_reports (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    forecast_id uuid,
    document text NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX forecast_reports_client ON forecast_reports (client_id, created_at);

CREATE TABLE capacity_plans (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    name text NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    edition integer NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX capacity_plans_client ON capacity_plans (client_id, created_at);

-- Roles that exist already get the two rights that are new.
INSERT INTO role_permissions (role_id, object, action)
SELECT id, 'forecasts', 'upload' FROM roles WHERE built_in = true AND key IN ('admin', 'manager', 'planner', 'client') ON CONFLICT DO NOTHING;
INSERT INTO role_permissions (role_id, object, action)
SELECT id, 'forecasts', 'unlock' FROM roles WHERE built_in = true AND key IN ('admin', 'manager') ON CONFLICT DO NOTHING;
UPDATE policy_version SET version = version + 1;

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['commitment_terms', 'commitments', 'forecast_scenarios', 'day_proposals', 'calendar_events', 'forecast_reports', 'capacity_plans'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY client_rows ON %I USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]))', t);
    END LOOP;
    ALTER TABLE tier_costs ENABLE ROW LEVEL SECURITY;
    CREATE POLICY provider_rows ON tier_costs USING ((SELECT muster_provider()));
    ALTER TABLE holiday_presets ENABLE ROW LEVEL SECURITY;
    CREATE POLICY system_rows ON holiday_presets USING (current_setting('app.door', true) = 'on');
END $$;
-- +goose StatementEnd
