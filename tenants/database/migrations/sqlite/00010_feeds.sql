-- +goose Up

-- Feeds of other exchanges: events as they were told, what their names mean, and
-- what is going on there now.

CREATE TABLE feeds (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB REFERENCES clients (id),
    name TEXT NOT NULL,
    source TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    active INTEGER NOT NULL,
    offset_ms INTEGER NOT NULL,
    late_ms INTEGER NOT NULL,
    stale_ms INTEGER NOT NULL,
    open_ms INTEGER NOT NULL,
    last_event_at INTEGER,
    last_received_at INTEGER,
    lag_ms INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    ignored INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE feed_names (
    id BLOB NOT NULL PRIMARY KEY,
    feed_id BLOB NOT NULL REFERENCES feeds (id),
    client_id BLOB,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    target_id BLOB,
    activity TEXT NOT NULL,
    paid INTEGER NOT NULL,
    billable INTEGER NOT NULL,
    automatic INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    UNIQUE (feed_id, kind, name, valid_from)
) STRICT;
CREATE INDEX feed_names_target ON feed_names (feed_id, target_id);

CREATE TABLE feed_events (
    feed_id BLOB NOT NULL REFERENCES feeds (id),
    key TEXT NOT NULL,
    client_id BLOB,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    agent TEXT NOT NULL,
    queue TEXT NOT NULL,
    code TEXT NOT NULL,
    status TEXT NOT NULL,
    blocked TEXT NOT NULL,
    memory TEXT NOT NULL,
    document TEXT NOT NULL,
    hash BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (feed_id, key)
) STRICT;
CREATE INDEX feed_events_subject ON feed_events (feed_id, subject, at);
CREATE INDEX feed_events_at ON feed_events (feed_id, at);
CREATE INDEX feed_events_unsettled ON feed_events (feed_id, status, blocked) WHERE status <> 'applied';

CREATE TABLE feed_agents (
    feed_id BLOB NOT NULL REFERENCES feeds (id),
    agent_id BLOB NOT NULL,
    client_id BLOB,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    activity TEXT NOT NULL,
    word TEXT NOT NULL,
    since INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    memory TEXT NOT NULL,
    pending_from INTEGER,
    PRIMARY KEY (feed_id, agent_id)
) STRICT;

CREATE TABLE feed_contacts (
    feed_id BLOB NOT NULL REFERENCES feeds (id),
    subject TEXT NOT NULL,
    client_id BLOB,
    queue_id BLOB,
    agent_id BLOB,
    status TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    recorded TEXT NOT NULL,
    PRIMARY KEY (feed_id, subject)
) STRICT;
CREATE INDEX feed_contacts_open ON feed_contacts (feed_id, last_at) WHERE status <> 'done';
CREATE INDEX feed_contacts_at ON feed_contacts (feed_id, last_at);

CREATE TABLE feed_refusals (
    id BLOB NOT NULL PRIMARY KEY,
    feed_id BLOB NOT NULL REFERENCES feeds (id),
    client_id BLOB,
    at INTEGER NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX feed_refusals_feed ON feed_refusals (feed_id, id);
