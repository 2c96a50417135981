-- +goose Up

-- Addresses that hear of events, and what became of each event they were to hear of.

CREATE TABLE webhook_endpoints (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB REFERENCES clients (id),
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    sealed BLOB NOT NULL,
    active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoints (id),
    client_id BLOB,
    event_id BLOB NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    problem TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    UNIQUE (endpoint_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE status = 'waiting';
