-- +goose Up

-- Inputs that the floor could not take, each with its cause, until somebody plays
-- them again or lets them be.

CREATE TABLE routing_set_aside (
    id uuid NOT NULL PRIMARY KEY,
    domain_id uuid NOT NULL REFERENCES routing_domains (id),
    client_id uuid,
    contact_id uuid,
    kind text NOT NULL,
    v integer NOT NULL,
    event text NOT NULL,
    cause text NOT NULL,
    seq bigint NOT NULL,
    received_at bigint NOT NULL,
    at bigint NOT NULL,
    closed_at bigint,
    closed_by uuid,
    closing text NOT NULL,
    replay_id uuid
);
CREATE INDEX routing_set_aside_at ON routing_set_aside (at);

-- A reason that was not recorded is nothing, not an empty document.
UPDATE live_contacts SET reason = '' WHERE reason = '{}';
UPDATE live_segments SET reason = '' WHERE reason = '{}';

-- A contact changes its status with every step of its life. Without the status in an
-- index such a change touches no index at all, provided that the page has room.
DROP INDEX live_contacts_domain;
CREATE INDEX live_contacts_domain ON live_contacts (domain_id);
ALTER TABLE live_contacts SET (fillfactor = 50);
ALTER TABLE live_segments SET (fillfactor = 50);
ALTER TABLE live_agents SET (fillfactor = 50);

ALTER TABLE routing_set_aside ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON routing_set_aside USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
