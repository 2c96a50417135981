-- +goose Up

-- Planning: long-range forecasts by day, and what pools of agents were found to need.

CREATE TABLE long_forecasts (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    name text NOT NULL,
    version integer NOT NULL,
    from_day integer NOT NULL,
    to_day integer NOT NULL,
    zone text NOT NULL,
    settings text NOT NULL,
    queues text NOT NULL,
    total text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    UNIQUE (client_id, version)
);

CREATE TABLE tier_studies (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    plan_id uuid NOT NULL REFERENCES staffing_plans (id),
    start_at bigint NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL
);
CREATE INDEX tier_studies_plan ON tier_studies (plan_id, created_at);

ALTER TABLE long_forecasts ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON long_forecasts USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE tier_studies ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON tier_studies USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
