-- +goose Up

-- What the requirement of an interval was computed for, so that a roster knows what
-- one agent more is worth there; 0 in plans made before.
ALTER TABLE staffing_points ADD COLUMN contacts double precision NOT NULL DEFAULT 0;
ALTER TABLE staffing_points ADD COLUMN aht_ms double precision NOT NULL DEFAULT 0;

-- Labour laws of the installation: each replacement is another edition, none changes.
-- They take the place of those that come with the product, or stand beside them.
CREATE TABLE labour_laws (
    id uuid NOT NULL PRIMARY KEY,
    law text NOT NULL,
    edition integer NOT NULL,
    document text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    UNIQUE (law, edition)
);

-- Which law and which days of rest and holidays hold at a site, from a business date on.
CREATE TABLE site_laws (
    id uuid NOT NULL PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES sites (id),
    law text NOT NULL,
    holidays text NOT NULL,
    rest_days text NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    created_by uuid,
    created_at bigint NOT NULL
);
CREATE INDEX site_laws_site ON site_laws (site_id, valid_from);

-- Staffing that others hand in: the file as it came, and its rows.
CREATE TABLE received_plans (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL,
    file_id uuid NOT NULL,
    sha256 text NOT NULL,
    zone text NOT NULL,
    start_at bigint NOT NULL,
    end_at bigint NOT NULL,
    lines integer NOT NULL,
    agent_minutes bigint NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE received_lines (
    plan_id uuid NOT NULL REFERENCES received_plans (id),
    seq integer NOT NULL,
    source text NOT NULL,
    skills text NOT NULL,
    start_at bigint NOT NULL,
    end_at bigint NOT NULL,
    agents integer NOT NULL,
    PRIMARY KEY (plan_id, seq)
);

-- Which of them a roster stands on, and as what.
ALTER TABLE rosters ADD COLUMN received text NOT NULL DEFAULT '[]';

-- Edits too large for one transaction are stored in parts that are undone together.
ALTER TABLE roster_operations ADD COLUMN batch uuid;

ALTER TABLE labour_laws ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON labour_laws USING ((SELECT muster_provider()));
ALTER TABLE site_laws ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON site_laws USING ((SELECT muster_provider()));
ALTER TABLE received_plans ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON received_plans USING ((SELECT muster_provider()));
ALTER TABLE received_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY provider_rows ON received_lines USING ((SELECT muster_provider()));
