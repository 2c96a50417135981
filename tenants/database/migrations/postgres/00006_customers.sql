-- +goose Up

-- Two customers that are, or may be, one person.

CREATE TABLE customer_links (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    kept_id uuid NOT NULL REFERENCES customers (id),
    gone_id uuid NOT NULL REFERENCES customers (id),
    status text NOT NULL,
    moved text NOT NULL,
    created_at bigint NOT NULL,
    decided_at bigint,
    decided_by uuid,
    contact_id uuid
);
CREATE INDEX customer_links_kept ON customer_links (kept_id);
CREATE INDEX customer_links_gone ON customer_links (gone_id);
CREATE INDEX customer_identities_customer ON customer_identities (customer_id);
CREATE INDEX contacts_customer ON contacts (customer_id, arrived_at) WHERE customer_id IS NOT NULL;

ALTER TABLE customer_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_rows ON customer_links USING ((SELECT muster_provider()) OR client_id = ANY ((SELECT muster_clients())::uuid[]));
