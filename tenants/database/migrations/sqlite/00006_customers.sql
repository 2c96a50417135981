-- +goose Up

-- Two customers that are, or may be, one person.

CREATE TABLE customer_links (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    kept_id BLOB NOT NULL REFERENCES customers (id),
    gone_id BLOB NOT NULL REFERENCES customers (id),
    status TEXT NOT NULL,
    moved TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by BLOB,
    contact_id BLOB
) STRICT;
CREATE INDEX customer_links_kept ON customer_links (kept_id);
CREATE INDEX customer_links_gone ON customer_links (gone_id);
CREATE INDEX customer_identities_customer ON customer_identities (customer_id);
CREATE INDEX contacts_customer ON contacts (customer_id, arrived_at) WHERE customer_id IS NOT NULL;
