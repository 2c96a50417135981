-- +goose Up

-- Inputs that the floor could not take, each with its cause, until somebody plays
-- them again or lets them be.

CREATE TABLE routing_set_aside (
    id BLOB NOT NULL PRIMARY KEY,
    domain_id BLOB NOT NULL REFERENCES routing_domains (id),
    client_id BLOB,
    contact_id BLOB,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    event TEXT NOT NULL,
    cause TEXT NOT NULL,
    seq INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    closed_at INTEGER,
    closed_by BLOB,
    closing TEXT NOT NULL,
    replay_id BLOB
) STRICT;
CREATE INDEX routing_set_aside_at ON routing_set_aside (at);

-- A reason that was not recorded is nothing, not an empty document.
UPDATE live_contacts SET reason = '' WHERE reason = '{}';
UPDATE live_segments SET reason = '' WHERE reason = '{}';

-- A contact changes its status with every step of its life. Without the status in an
-- index such a change touches no index at all, provided that the page has room.
DROP INDEX live_contacts_domain;
CREATE INDEX live_contacts_domain ON live_contacts (domain_id);
