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

ALTER TABLE routing_set_aside ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON routing_set_aside USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
