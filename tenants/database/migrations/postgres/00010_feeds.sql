-- +goose Up

-- Feeds of other exchanges: events as they were told, what their names mean, and
-- what is going on there now.

CREATE TABLE feeds (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid REFERENCES clients (id),
    name text NOT NULL,
    source text NOT NULL UNIQUE,
    kind text NOT NULL,
    token_hash bytea NOT NULL,
    active boolean NOT NULL,
    offset_ms bigint NOT NULL,
    late_ms bigint NOT NULL,
    stale_ms bigint NOT NULL,
    open_ms bigint NOT NULL,
    last_event_at bigint,
    last_received_at bigint,
    lag_ms bigint NOT NULL,
    accepted bigint NOT NULL,
    duplicates bigint NOT NULL,
    refused bigint NOT NULL,
    ignored bigint NOT NULL,
    version integer NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE feed_names (
    id uuid NOT NULL PRIMARY KEY,
    feed_id uuid NOT NULL REFERENCES feeds (id),
    client_id uuid,
    kind text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    target_id uuid,
    activity text NOT NULL,
    paid boolean NOT NULL,
    billable boolean NOT NULL,
    automatic boolean NOT NULL,
    seen_at bigint NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint,
    UNIQUE (feed_id, kind, name, valid_from)
);
CREATE INDEX feed_names_target ON feed_names (feed_id, target_id);

CREATE TABLE feed_events (
    feed_id uuid NOT NULL REFERENCES feeds (id),
    key text NOT NULL,
    client_id uuid,
    subject text NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    seq bigint NOT NULL,
    agent text NOT NULL,
    queue text NOT NULL,
    code text NOT NULL,
    status text NOT NULL,
    blocked text NOT NULL,
    memory text NOT NULL,
    document text NOT NULL,
    hash bytea NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (feed_id, key)
);
CREATE INDEX feed_events_subject ON feed_events (feed_id, subject, at);
CREATE INDEX feed_events_at ON feed_events (feed_id, at);
CREATE INDEX feed_events_unsettled ON feed_events (feed_id, status, blocked) WHERE status <> 'applied';

CREATE TABLE feed_agents (
    feed_id uuid NOT NULL REFERENCES feeds (id),
    agent_id uuid NOT NULL,
    client_id uuid,
    name text NOT NULL,
    state text NOT NULL,
    activity text NOT NULL,
    word text NOT NULL,
    since bigint NOT NULL,
    last_at bigint NOT NULL,
    memory text NOT NULL,
    pending_from bigint,
    PRIMARY KEY (feed_id, agent_id)
);

CREATE TABLE feed_contacts (
    feed_id uuid NOT NULL REFERENCES feeds (id),
    subject text NOT NULL,
    client_id uuid,
    queue_id uuid,
    agent_id uuid,
    status text NOT NULL,
    arrived_at bigint NOT NULL,
    since bigint NOT NULL,
    last_at bigint NOT NULL,
    recorded text NOT NULL,
    PRIMARY KEY (feed_id, subject)
);
CREATE INDEX feed_contacts_open ON feed_contacts (feed_id, last_at) WHERE status <> 'done';
CREATE INDEX feed_contacts_at ON feed_contacts (feed_id, last_at);

CREATE TABLE feed_refusals (
    id uuid NOT NULL PRIMARY KEY,
    feed_id uuid NOT NULL REFERENCES feeds (id),
    client_id uuid,
    at bigint NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    event text NOT NULL
);
CREATE INDEX feed_refusals_feed ON feed_refusals (feed_id, id);

ALTER TABLE feeds ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON feeds USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE feed_names ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON feed_names USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE feed_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON feed_events USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE feed_agents ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON feed_agents USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE feed_contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON feed_contacts USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE feed_refusals ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON feed_refusals USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
