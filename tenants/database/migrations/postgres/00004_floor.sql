-- +goose Up

-- Settings of the live floor, one row per version; the row of the present has no end.

DROP TABLE overflow_plans;
DROP TABLE pool_agents;
DROP TABLE pools;

CREATE TABLE routing_settings (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    client_id uuid REFERENCES clients (id),
    version integer NOT NULL,
    document text NOT NULL,
    changed_by uuid,
    valid_from bigint NOT NULL,
    valid_to bigint,
    UNIQUE (kind, key, version)
);
CREATE UNIQUE INDEX routing_settings_present ON routing_settings (kind, key) WHERE valid_to IS NULL;

-- What the leader knows of pools and queues beside the contacts.

CREATE TABLE live_pools (
    domain_id uuid NOT NULL,
    slug text NOT NULL,
    open integer NOT NULL,
    cause text NOT NULL,
    since bigint NOT NULL,
    until bigint,
    PRIMARY KEY (domain_id, slug)
);

CREATE TABLE live_queues (
    queue_id uuid NOT NULL PRIMARY KEY,
    domain_id uuid NOT NULL,
    client_id uuid NOT NULL,
    raised integer NOT NULL,
    since bigint NOT NULL
);

ALTER TABLE live_agents ADD COLUMN pool text NOT NULL DEFAULT '';
ALTER TABLE live_agents ADD COLUMN slice_id uuid;
ALTER TABLE live_agents ADD COLUMN before_state text NOT NULL DEFAULT '';
ALTER TABLE live_contacts ADD COLUMN entry_queue_id uuid;
ALTER TABLE live_contacts ADD COLUMN step integer NOT NULL DEFAULT 0;
ALTER TABLE live_contacts ADD COLUMN invitation text NOT NULL DEFAULT '';
ALTER TABLE live_contacts ADD COLUMN partner text NOT NULL DEFAULT '';

-- Contacts handed to a partner provider: what was sent, how often, what came back.

CREATE TABLE handovers (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    partner text NOT NULL,
    status text NOT NULL,
    arrived_at bigint NOT NULL,
    handed_at bigint NOT NULL,
    deadline_at bigint NOT NULL,
    attempts integer NOT NULL,
    next_at bigint NOT NULL,
    delivered_at bigint,
    settled_at bigint,
    problem text NOT NULL
);
CREATE INDEX handovers_due ON handovers (next_at) WHERE status = 'pending';
CREATE INDEX handovers_contact ON handovers (contact_id);

-- Call-backs and messages that customers asked for instead of waiting.

CREATE TABLE callbacks (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    agent_id uuid,
    kind text NOT NULL,
    status text NOT NULL,
    due_at bigint NOT NULL,
    priority integer NOT NULL,
    attributes text NOT NULL,
    next_contact_id uuid,
    created_at bigint NOT NULL
);
CREATE INDEX callbacks_due ON callbacks (due_at) WHERE status = 'planned';

-- The team leader's alerts and actions.

CREATE TABLE floor_alerts (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid,
    rule text NOT NULL,
    subject text NOT NULL,
    severity text NOT NULL,
    value double precision NOT NULL,
    threshold double precision NOT NULL,
    proposal text,
    opened_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    closed_at bigint,
    acknowledged_at bigint,
    acknowledged_by uuid,
    note text NOT NULL
);
CREATE UNIQUE INDEX floor_alerts_open ON floor_alerts (rule, subject) WHERE closed_at IS NULL;

CREATE TABLE floor_actions (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid,
    kind text NOT NULL,
    document text NOT NULL,
    inverse text NOT NULL,
    done_at bigint NOT NULL,
    done_by uuid,
    undone_at bigint,
    undone_by uuid
);
CREATE INDEX floor_actions_done ON floor_actions (done_at);

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['routing_settings', 'live_queues', 'handovers', 'callbacks', 'floor_alerts', 'floor_actions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY client_rows ON %I USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['live_pools'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY provider_rows ON %I USING ((SELECT muster_provider()))', t);
    END LOOP;
END $$;
-- +goose StatementEnd
