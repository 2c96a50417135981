-- +goose Up

-- Settings of the live floor, one row per version; the row of the present has no end.

DROP TABLE overflow_plans;
DROP TABLE pool_agents;
DROP TABLE pools;

CREATE TABLE routing_settings (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    client_id BLOB REFERENCES clients (id),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    changed_by BLOB,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    UNIQUE (kind, key, version)
) STRICT;
CREATE UNIQUE INDEX routing_settings_present ON routing_settings (kind, key) WHERE valid_to IS NULL;

-- What the leader knows of pools and queues beside the contacts.

CREATE TABLE live_pools (
    domain_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    open INTEGER NOT NULL,
    cause TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (domain_id, slug)
) STRICT;

CREATE TABLE live_queues (
    queue_id BLOB NOT NULL PRIMARY KEY,
    domain_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    raised INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT;

ALTER TABLE live_agents ADD COLUMN pool TEXT NOT NULL DEFAULT '';
ALTER TABLE live_agents ADD COLUMN slice_id BLOB;
ALTER TABLE live_agents ADD COLUMN before_state TEXT NOT NULL DEFAULT '';
ALTER TABLE live_contacts ADD COLUMN entry_queue_id BLOB;
ALTER TABLE live_contacts ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE live_contacts ADD COLUMN invitation TEXT NOT NULL DEFAULT '';
ALTER TABLE live_contacts ADD COLUMN partner TEXT NOT NULL DEFAULT '';

-- Contacts handed to a partner provider: what was sent, how often, what came back.

CREATE TABLE handovers (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    partner TEXT NOT NULL,
    status TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    handed_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    delivered_at INTEGER,
    settled_at INTEGER,
    problem TEXT NOT NULL
) STRICT;
CREATE INDEX handovers_due ON handovers (next_at) WHERE status = 'pending';
CREATE INDEX handovers_contact ON handovers (contact_id);

-- Call-backs and messages that customers asked for instead of waiting.

CREATE TABLE callbacks (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    agent_id BLOB,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    next_contact_id BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX callbacks_due ON callbacks (due_at) WHERE status = 'planned';

-- The team leader's alerts and actions.

CREATE TABLE floor_alerts (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    value REAL NOT NULL,
    threshold REAL NOT NULL,
    proposal TEXT,
    opened_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    closed_at INTEGER,
    acknowledged_at INTEGER,
    acknowledged_by BLOB,
    note TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX floor_alerts_open ON floor_alerts (rule, subject) WHERE closed_at IS NULL;

CREATE TABLE floor_actions (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    inverse TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    done_by BLOB,
    undone_at INTEGER,
    undone_by BLOB
) STRICT;
CREATE INDEX floor_actions_done ON floor_actions (done_at);
