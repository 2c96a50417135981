-- +goose Up

-- Addresses that hear of events, and what became of each event they were to hear of.

CREATE TABLE webhook_endpoints (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid REFERENCES clients (id),
    url text NOT NULL,
    types text NOT NULL,
    sealed bytea NOT NULL,
    active boolean NOT NULL,
    version integer NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE webhook_deliveries (
    id uuid NOT NULL PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id),
    client_id uuid,
    event_id uuid NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    next_at bigint NOT NULL,
    problem text NOT NULL,
    created_at bigint NOT NULL,
    delivered_at bigint,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE status = 'waiting';

ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON webhook_endpoints USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON webhook_deliveries USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
