-- +goose Up

-- What the requirement of an interval was computed for, so that a roster knows what
-- one agent more is worth there; 0 in plans made before.
ALTER TABLE staffing_points ADD COLUMN contacts REAL NOT NULL DEFAULT 0;
ALTER TABLE staffing_points ADD COLUMN aht_ms REAL NOT NULL DEFAULT 0;

-- Labour laws of the installation: each replacement is another edition, none changes.
-- They take the place of those that come with the product, or stand beside them.
CREATE TABLE labour_laws (
    id BLOB NOT NULL PRIMARY KEY,
    law TEXT NOT NULL,
    edition INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (law, edition)
) STRICT;

-- Which law and which days of rest and holidays hold at a site, from a business date on.
CREATE TABLE site_laws (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES sites (id),
    law TEXT NOT NULL,
    holidays TEXT NOT NULL,
    rest_days TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX site_laws_site ON site_laws (site_id, valid_from);

-- Staffing that others hand in: the file as it came, and its rows.
CREATE TABLE received_plans (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    file_id BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    zone TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    agent_minutes INTEGER NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (name, version)
) STRICT;
CREATE TABLE received_lines (
    plan_id BLOB NOT NULL REFERENCES received_plans (id),
    seq INTEGER NOT NULL,
    source TEXT NOT NULL,
    skills TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    agents INTEGER NOT NULL,
    PRIMARY KEY (plan_id, seq)
) STRICT;

-- Which of them a roster stands on, and as what.
ALTER TABLE rosters ADD COLUMN received TEXT NOT NULL DEFAULT '[]';

-- Edits too large for one transaction are stored in parts that are undone together.
ALTER TABLE roster_operations ADD COLUMN batch BLOB;
