-- +goose Up

-- The provider and its house.

CREATE TABLE provider (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    name text NOT NULL,
    zone text NOT NULL,
    locale text NOT NULL,
    currency text NOT NULL,
    demo boolean NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE legal_entities (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    address text NOT NULL,
    tax_id text NOT NULL,
    bank text NOT NULL,
    country text NOT NULL,
    invoice_series text NOT NULL UNIQUE,
    created_at bigint NOT NULL
);

CREATE TABLE clients (
    id uuid NOT NULL PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    colour text NOT NULL,
    zone text NOT NULL,
    locale text NOT NULL,
    currency text NOT NULL,
    version integer NOT NULL,
    created_at bigint NOT NULL,
    archived_at bigint
);

CREATE TABLE lobs (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    slug text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    archived_at bigint,
    UNIQUE (client_id, slug)
);

CREATE TABLE calendars (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid REFERENCES clients (id),
    name text NOT NULL,
    zone text NOT NULL,
    version integer NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE calendar_hours (
    calendar_id uuid NOT NULL REFERENCES calendars (id),
    client_id uuid,
    weekday integer NOT NULL,
    open_minute integer NOT NULL,
    close_minute integer NOT NULL,
    PRIMARY KEY (calendar_id, weekday, open_minute)
);

CREATE TABLE calendar_days (
    calendar_id uuid NOT NULL REFERENCES calendars (id),
    client_id uuid,
    day integer NOT NULL,
    kind text NOT NULL,
    tag text NOT NULL,
    name text NOT NULL,
    hours text NOT NULL,
    PRIMARY KEY (calendar_id, day)
);

CREATE TABLE skills (
    id uuid NOT NULL PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE queues (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    lob_id uuid NOT NULL REFERENCES lobs (id),
    slug text NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    skill_id uuid NOT NULL REFERENCES skills (id),
    calendar_id uuid REFERENCES calendars (id),
    created_at bigint NOT NULL,
    archived_at bigint,
    UNIQUE (client_id, slug)
);

CREATE TABLE queue_terms (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    queue_id uuid NOT NULL REFERENCES queues (id),
    valid_from bigint NOT NULL,
    valid_to bigint,
    threshold_ms bigint NOT NULL,
    short_abandon_ms bigint NOT NULL,
    service_level_goal double precision NOT NULL,
    abandon_goal double precision,
    patience_ms bigint,
    occupancy_cap double precision,
    shrinkage double precision NOT NULL,
    concurrency integer NOT NULL,
    priority integer NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (queue_id, valid_from)
);

CREATE TABLE contracts (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    legal_entity_id uuid NOT NULL REFERENCES legal_entities (id),
    version integer NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    currency text NOT NULL,
    zone text NOT NULL,
    document text NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (client_id, version)
);

CREATE TABLE measures (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    lob_id uuid REFERENCES lobs (id),
    queue_id uuid REFERENCES queues (id),
    key text NOT NULL,
    formula text NOT NULL,
    threshold_ms bigint,
    target text NOT NULL,
    better text NOT NULL,
    critical boolean NOT NULL,
    bands text NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    created_at bigint NOT NULL
);

CREATE TABLE rate_cards (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    version integer NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    document text NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (client_id, version)
);

-- People. Names live in agent_profiles, which can be erased.

CREATE TABLE sites (
    id uuid NOT NULL PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    zone text NOT NULL,
    country text NOT NULL,
    calendar_id uuid REFERENCES calendars (id),
    week_start integer NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE teams (
    id uuid NOT NULL PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES sites (id),
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE agents (
    id uuid NOT NULL PRIMARY KEY,
    number text NOT NULL UNIQUE,
    label text NOT NULL,
    hired_on integer,
    left_on integer,
    version integer NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE agent_profiles (
    agent_id uuid NOT NULL PRIMARY KEY REFERENCES agents (id),
    name text NOT NULL,
    email text NOT NULL,
    erased_at bigint
);

CREATE TABLE agent_sources (
    source text NOT NULL,
    external_id text NOT NULL,
    agent_id uuid NOT NULL REFERENCES agents (id),
    PRIMARY KEY (source, external_id)
);

CREATE TABLE memberships (
    id uuid NOT NULL PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents (id),
    site_id uuid NOT NULL REFERENCES sites (id),
    team_id uuid NOT NULL REFERENCES teams (id),
    tier text NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint,
    UNIQUE (agent_id, valid_from)
);

CREATE TABLE employments (
    id uuid NOT NULL PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents (id),
    weekly_minutes integer NOT NULL,
    hourly_cost text NOT NULL,
    currency text NOT NULL,
    document text NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    UNIQUE (agent_id, valid_from)
);

CREATE TABLE agent_skills (
    id uuid NOT NULL PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents (id),
    skill_id uuid NOT NULL REFERENCES skills (id),
    proficiency integer NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint,
    UNIQUE (agent_id, skill_id, valid_from)
);

CREATE TABLE agent_clients (
    client_id uuid NOT NULL REFERENCES clients (id),
    agent_id uuid NOT NULL REFERENCES agents (id),
    valid_from bigint NOT NULL,
    valid_to bigint,
    PRIMARY KEY (client_id, agent_id, valid_from)
);
CREATE INDEX agent_clients_agent ON agent_clients (agent_id);

-- Who may do what.

CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    login text NOT NULL UNIQUE,
    display text NOT NULL,
    password_hash text NOT NULL,
    locale text NOT NULL,
    agent_id uuid UNIQUE REFERENCES agents (id),
    must_change boolean NOT NULL,
    demo boolean NOT NULL,
    version integer NOT NULL,
    created_at bigint NOT NULL,
    disabled_at bigint
);

CREATE TABLE sessions (
    token_hash bytea NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    csrf text NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    address text NOT NULL,
    agent text NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);

CREATE TABLE signin_throttle (
    key text NOT NULL PRIMARY KEY,
    failures integer NOT NULL,
    first_at bigint NOT NULL,
    blocked_until bigint NOT NULL
);

CREATE TABLE roles (
    id uuid NOT NULL PRIMARY KEY,
    key text NOT NULL UNIQUE,
    name text NOT NULL,
    built_in boolean NOT NULL,
    version integer NOT NULL
);

CREATE TABLE role_permissions (
    role_id uuid NOT NULL REFERENCES roles (id),
    object text NOT NULL,
    action text NOT NULL,
    PRIMARY KEY (role_id, object, action)
);

CREATE TABLE role_grants (
    user_id uuid NOT NULL REFERENCES users (id),
    role_id uuid NOT NULL REFERENCES roles (id),
    domain text NOT NULL,
    granted_at bigint NOT NULL,
    expires_at bigint,
    PRIMARY KEY (user_id, role_id, domain)
);

CREATE TABLE policy_version (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO policy_version (id, version) VALUES (1, 1);

-- Machinery: audit, events, jobs, files, idempotency.

CREATE TABLE audit_log (
    id uuid NOT NULL PRIMARY KEY,
    at bigint NOT NULL,
    client_id uuid,
    actor_id uuid,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    object_id uuid,
    request_id text NOT NULL,
    detail text NOT NULL,
    subject_id uuid,
    sealed bytea
);
CREATE INDEX audit_log_at ON audit_log (at, id);

CREATE TABLE subject_keys (
    subject_id uuid NOT NULL PRIMARY KEY,
    sealed_key bytea NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE outbox (
    seq bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    xid bigint NOT NULL DEFAULT 0,
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    v integer NOT NULL,
    at bigint NOT NULL,
    client_id uuid,
    subject text NOT NULL,
    data text NOT NULL
);

CREATE INDEX outbox_order ON outbox (xid, seq);

CREATE TABLE event_cursors (
    name text NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    updated_at bigint NOT NULL
);

CREATE TABLE jobs (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid,
    kind text NOT NULL,
    v integer NOT NULL,
    args text NOT NULL,
    unique_key text,
    status text NOT NULL,
    priority integer NOT NULL,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    run_at bigint NOT NULL,
    lease_until bigint,
    lease_owner text NOT NULL,
    cancel_requested boolean NOT NULL,
    progress double precision NOT NULL,
    progress_note text NOT NULL,
    result text NOT NULL,
    error text NOT NULL,
    actor_id uuid,
    created_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint
);
CREATE INDEX jobs_ready ON jobs (status, priority DESC, run_at, id);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key IS NOT NULL AND status IN ('waiting', 'running');

CREATE TABLE schedules (
    name text NOT NULL PRIMARY KEY,
    cron text NOT NULL,
    zone text NOT NULL,
    kind text NOT NULL,
    args text NOT NULL,
    enabled boolean NOT NULL,
    last_due_at bigint NOT NULL
);

CREATE TABLE schedule_runs (
    name text NOT NULL REFERENCES schedules (name),
    due_at bigint NOT NULL,
    job_id uuid NOT NULL,
    claimed_at bigint NOT NULL,
    PRIMARY KEY (name, due_at)
);

CREATE TABLE idempotency_keys (
    actor text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    headers text NOT NULL,
    body bytea NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_at ON idempotency_keys (created_at);

CREATE TABLE files (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid,
    name text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    expires_at bigint
);

CREATE TABLE file_chunks (
    file_id uuid NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    client_id uuid,
    seq integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (file_id, seq)
);

-- Intake.

CREATE TABLE import_mappings (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid REFERENCES clients (id),
    kind text NOT NULL,
    source text NOT NULL,
    version integer NOT NULL,
    document text NOT NULL,
    header text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL
);
CREATE UNIQUE INDEX import_mappings_client ON import_mappings (client_id, kind, source, version) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX import_mappings_provider ON import_mappings (kind, source, version) WHERE client_id IS NULL;

CREATE TABLE imports (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid REFERENCES clients (id),
    kind text NOT NULL,
    source text NOT NULL,
    file_name text NOT NULL,
    file_sha256 bytea NOT NULL,
    file_id uuid,
    mapping_id uuid,
    status text NOT NULL,
    rows_read bigint NOT NULL,
    rows_new bigint NOT NULL,
    rows_changed bigint NOT NULL,
    rows_unchanged bigint NOT NULL,
    rows_refused bigint NOT NULL,
    rows_ignored bigint NOT NULL,
    rows_total bigint NOT NULL,
    resume_line bigint NOT NULL,
    summary text NOT NULL,
    actor_id uuid,
    started_at bigint NOT NULL,
    finished_at bigint,
    reverted_at bigint
);

CREATE TABLE import_issues (
    import_id uuid NOT NULL REFERENCES imports (id),
    seq bigint NOT NULL,
    client_id uuid,
    line bigint NOT NULL,
    severity text NOT NULL,
    code text NOT NULL,
    column_name text NOT NULL,
    value text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (import_id, seq)
);

CREATE TABLE state_maps (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid REFERENCES clients (id),
    source text NOT NULL,
    code text NOT NULL,
    activity text NOT NULL,
    paid boolean NOT NULL,
    billable boolean NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint
);
CREATE UNIQUE INDEX state_maps_client ON state_maps (client_id, source, code, valid_from) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX state_maps_provider ON state_maps (source, code, valid_from) WHERE client_id IS NULL;

CREATE TABLE customers (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    created_at bigint NOT NULL,
    erased_at bigint
);

CREATE TABLE customer_identities (
    client_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    PRIMARY KEY (client_id, kind, value)
);

-- Records: written once per revision, never updated except that a newer revision
-- takes over "current". Partitioned by month on PostgreSQL, so no foreign keys point here.

CREATE TABLE contact_keys (
    client_id uuid NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    contact_id uuid NOT NULL,
    arrived_at bigint NOT NULL,
    revision integer NOT NULL,
    content_hash bytea NOT NULL,
    PRIMARY KEY (client_id, source, external_id)
);
CREATE INDEX contact_keys_contact ON contact_keys (contact_id);

CREATE TABLE contacts (
    id uuid NOT NULL,
    revision integer NOT NULL,
    arrived_at bigint NOT NULL,
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    channel text NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    customer_id uuid,
    priority integer NOT NULL,
    queued_at bigint,
    answered_at bigint,
    ended_at bigint,
    outcome text NOT NULL,
    wait_ms bigint NOT NULL,
    handle_ms bigint NOT NULL,
    agent_id uuid,
    attributes text NOT NULL,
    content_hash bytea NOT NULL,
    import_id uuid,
    recorded_at bigint NOT NULL,
    is_current boolean NOT NULL,
    PRIMARY KEY (id, revision, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE INDEX contacts_queue_at ON contacts (queue_id, arrived_at);
CREATE INDEX contacts_client_at ON contacts (client_id, arrived_at, id);
CREATE INDEX contacts_import ON contacts (import_id);

CREATE TABLE segments (
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    contact_revision integer NOT NULL,
    seq integer NOT NULL,
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    tier text NOT NULL,
    site_id uuid,
    team_id uuid,
    offered_at bigint NOT NULL,
    accepted_at bigint,
    ended_at bigint,
    wrapped_at bigint,
    outcome text NOT NULL,
    reason text NOT NULL,
    import_id uuid,
    recorded_at bigint NOT NULL,
    is_current boolean NOT NULL,
    PRIMARY KEY (id, offered_at)
) PARTITION BY RANGE (offered_at);
CREATE INDEX segments_contact ON segments (contact_id, contact_revision);
CREATE INDEX segments_agent_at ON segments (agent_id, offered_at);
CREATE INDEX segments_import ON segments (import_id);

CREATE TABLE state_keys (
    agent_id uuid NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    client_id uuid,
    state_id uuid NOT NULL,
    started_at bigint NOT NULL,
    revision integer NOT NULL,
    content_hash bytea NOT NULL,
    PRIMARY KEY (agent_id, source, external_id)
);

CREATE TABLE agent_states (
    id uuid NOT NULL,
    revision integer NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    agent_id uuid NOT NULL,
    client_id uuid,
    lob_id uuid,
    site_id uuid,
    team_id uuid,
    tier text NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    code text NOT NULL,
    activity text NOT NULL,
    paid boolean NOT NULL,
    billable boolean NOT NULL,
    content_hash bytea NOT NULL,
    import_id uuid,
    recorded_at bigint NOT NULL,
    is_current boolean NOT NULL,
    PRIMARY KEY (id, revision, started_at)
) PARTITION BY RANGE (started_at);
CREATE INDEX agent_states_agent_at ON agent_states (agent_id, started_at);
CREATE INDEX agent_states_client_at ON agent_states (client_id, started_at);
CREATE INDEX agent_states_import ON agent_states (import_id);

CREATE TABLE interval_records (
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    source text NOT NULL,
    start_at bigint NOT NULL,
    revision integer NOT NULL,
    length_ms bigint NOT NULL,
    offered bigint NOT NULL,
    answered bigint NOT NULL,
    abandoned bigint NOT NULL,
    within_threshold bigint NOT NULL,
    wait_ms bigint NOT NULL,
    handle_ms bigint NOT NULL,
    content_hash bytea NOT NULL,
    import_id uuid,
    recorded_at bigint NOT NULL,
    is_current boolean NOT NULL,
    PRIMARY KEY (queue_id, source, start_at, revision)
);
CREATE INDEX interval_records_import ON interval_records (import_id);

-- Facts: views on the records, on the 15-minute UTC grid; rebuilt from them at any time.

CREATE TABLE dirty_buckets (
    kind text NOT NULL,
    key uuid NOT NULL,
    start_at bigint NOT NULL,
    client_id uuid,
    marked_at bigint NOT NULL,
    PRIMARY KEY (kind, key, start_at)
);

CREATE TABLE queue_facts (
    queue_id uuid NOT NULL,
    start_at bigint NOT NULL,
    client_id uuid NOT NULL,
    offered bigint NOT NULL,
    queued bigint NOT NULL,
    answered bigint NOT NULL,
    answered_within bigint NOT NULL,
    abandoned bigint NOT NULL,
    abandoned_within bigint NOT NULL,
    abandoned_short bigint NOT NULL,
    overflowed bigint NOT NULL,
    other bigint NOT NULL,
    wait_answered_ms bigint NOT NULL,
    wait_abandoned_ms bigint NOT NULL,
    wait_max_ms bigint NOT NULL,
    handle_ms bigint NOT NULL,
    PRIMARY KEY (queue_id, start_at)
) PARTITION BY RANGE (start_at);
CREATE INDEX queue_facts_client_at ON queue_facts (client_id, start_at);

CREATE TABLE agent_facts (
    agent_id uuid NOT NULL,
    start_at bigint NOT NULL,
    slot text NOT NULL,
    client_id uuid,
    lob_id uuid,
    activity text NOT NULL,
    paid_ms bigint NOT NULL,
    billable_ms bigint NOT NULL,
    total_ms bigint NOT NULL,
    handle_ms bigint NOT NULL,
    PRIMARY KEY (agent_id, start_at, slot)
) PARTITION BY RANGE (start_at);
CREATE INDEX agent_facts_client_at ON agent_facts (client_id, start_at);

-- Planning.

CREATE TABLE forecasts (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    name text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    origin_at bigint NOT NULL,
    start_at bigint NOT NULL,
    end_at bigint NOT NULL,
    interval_ms bigint NOT NULL,
    zone text NOT NULL,
    settings text NOT NULL,
    explain text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    published_at bigint,
    committed_at bigint,
    UNIQUE (client_id, version)
);

CREATE TABLE forecast_points (
    forecast_id uuid NOT NULL REFERENCES forecasts (id),
    queue_id uuid NOT NULL,
    start_at bigint NOT NULL,
    client_id uuid NOT NULL,
    volume double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    aht_ms double precision NOT NULL,
    PRIMARY KEY (forecast_id, queue_id, start_at)
);

CREATE TABLE staffing_plans (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    forecast_id uuid NOT NULL REFERENCES forecasts (id),
    version integer NOT NULL,
    settings text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    UNIQUE (client_id, version)
);

CREATE TABLE staffing_points (
    plan_id uuid NOT NULL REFERENCES staffing_plans (id),
    queue_id uuid NOT NULL,
    start_at bigint NOT NULL,
    client_id uuid NOT NULL,
    seats integer NOT NULL,
    scheduled double precision NOT NULL,
    service_level double precision NOT NULL,
    abandonment double precision NOT NULL,
    occupancy double precision NOT NULL,
    asa_ms double precision NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (plan_id, queue_id, start_at)
);

CREATE TABLE rosters (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    zone text NOT NULL,
    from_day integer NOT NULL,
    to_day integer NOT NULL,
    plans text NOT NULL,
    problem text NOT NULL,
    summary text NOT NULL,
    based_on uuid,
    edition integer NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    published_at bigint,
    locked_at bigint,
    UNIQUE (name, version)
);

CREATE TABLE roster_shifts (
    id uuid NOT NULL PRIMARY KEY,
    roster_id uuid NOT NULL REFERENCES rosters (id),
    agent_id uuid NOT NULL,
    business_day integer NOT NULL,
    start_at bigint NOT NULL,
    end_at bigint NOT NULL,
    template text NOT NULL,
    pinned boolean NOT NULL,
    UNIQUE (roster_id, agent_id, business_day)
);
CREATE INDEX roster_shifts_agent ON roster_shifts (agent_id, start_at);

CREATE TABLE shift_activities (
    shift_id uuid NOT NULL REFERENCES roster_shifts (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    roster_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    client_id uuid,
    queue_id uuid,
    kind text NOT NULL,
    start_at bigint NOT NULL,
    end_at bigint NOT NULL,
    paid boolean NOT NULL,
    PRIMARY KEY (shift_id, seq)
);
CREATE INDEX shift_activities_roster ON shift_activities (roster_id, start_at);

CREATE TABLE roster_coverage (
    roster_id uuid NOT NULL REFERENCES rosters (id),
    queue_id uuid NOT NULL,
    start_at bigint NOT NULL,
    client_id uuid NOT NULL,
    required double precision NOT NULL,
    scheduled double precision NOT NULL,
    PRIMARY KEY (roster_id, queue_id, start_at)
);

CREATE TABLE simulations (
    id uuid NOT NULL PRIMARY KEY,
    roster_id uuid REFERENCES rosters (id),
    seed bigint NOT NULL,
    replications integer NOT NULL,
    summary text NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL
);

CREATE TABLE simulation_points (
    simulation_id uuid NOT NULL REFERENCES simulations (id),
    queue_id uuid NOT NULL,
    start_at bigint NOT NULL,
    client_id uuid NOT NULL,
    offered double precision NOT NULL,
    service_level double precision NOT NULL,
    service_level_low double precision NOT NULL,
    service_level_high double precision NOT NULL,
    abandonment double precision NOT NULL,
    asa_ms double precision NOT NULL,
    occupancy double precision NOT NULL,
    overflow double precision NOT NULL,
    PRIMARY KEY (simulation_id, queue_id, start_at)
);

-- The live floor.

CREATE TABLE pools (
    id uuid NOT NULL PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    document text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE pool_agents (
    pool_id uuid NOT NULL REFERENCES pools (id),
    agent_id uuid NOT NULL REFERENCES agents (id),
    PRIMARY KEY (pool_id, agent_id)
);

CREATE TABLE overflow_plans (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    queue_id uuid NOT NULL REFERENCES queues (id),
    document text NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint,
    UNIQUE (queue_id, valid_from)
);

CREATE TABLE routing_domains (
    id uuid NOT NULL PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    leader text NOT NULL,
    epoch bigint NOT NULL,
    lease_until bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_at bigint NOT NULL,
    config_version bigint NOT NULL
);

CREATE TABLE routing_log (
    domain_id uuid NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    epoch bigint NOT NULL,
    kind text NOT NULL,
    v integer NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (domain_id, seq, at)
) PARTITION BY RANGE (at);

CREATE TABLE routing_snapshots (
    domain_id uuid NOT NULL REFERENCES routing_domains (id),
    seq bigint NOT NULL,
    at bigint NOT NULL,
    engine_version integer NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (domain_id, seq)
);

CREATE TABLE routing_inbox (
    id uuid NOT NULL PRIMARY KEY,
    domain_id uuid NOT NULL REFERENCES routing_domains (id),
    dedupe text NOT NULL,
    kind text NOT NULL,
    v integer NOT NULL,
    event text NOT NULL,
    received_at bigint NOT NULL,
    applied_seq bigint,
    outcome text NOT NULL,
    UNIQUE (domain_id, dedupe)
);
CREATE INDEX routing_inbox_open ON routing_inbox (domain_id, id) WHERE applied_seq IS NULL;

CREATE TABLE live_contacts (
    contact_id uuid NOT NULL PRIMARY KEY,
    domain_id uuid NOT NULL,
    number bigint NOT NULL,
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    channel text NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    customer_id uuid,
    priority integer NOT NULL,
    status text NOT NULL,
    agent_id uuid,
    segment_id uuid,
    arrived_at bigint NOT NULL,
    queued_at bigint,
    offered_at bigint,
    accepted_at bigint,
    ended_at bigint,
    deadline_at bigint,
    offers integer NOT NULL,
    reason text NOT NULL,
    attributes text NOT NULL,
    UNIQUE (client_id, source, external_id)
);
CREATE INDEX live_contacts_domain ON live_contacts (domain_id, status);
CREATE INDEX live_contacts_agent ON live_contacts (agent_id);

CREATE TABLE live_segments (
    domain_id uuid NOT NULL,
    number bigint NOT NULL,
    segment_id uuid NOT NULL UNIQUE,
    contact_id uuid NOT NULL,
    client_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    status text NOT NULL,
    offered_at bigint NOT NULL,
    accepted_at bigint,
    ended_at bigint,
    wrapped_at bigint,
    deadline_at bigint,
    outcome text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (domain_id, number)
);
CREATE INDEX live_segments_contact ON live_segments (contact_id);
CREATE INDEX live_segments_agent ON live_segments (agent_id);

CREATE TABLE live_agents (
    agent_id uuid NOT NULL PRIMARY KEY,
    domain_id uuid NOT NULL,
    state text NOT NULL,
    code text NOT NULL,
    client_id uuid,
    since bigint NOT NULL,
    idle_since bigint NOT NULL,
    heartbeat_at bigint NOT NULL,
    state_id uuid NOT NULL
);

-- Billing.

CREATE TABLE billing_periods (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    from_day integer NOT NULL,
    to_day integer NOT NULL,
    status text NOT NULL,
    locked_at bigint,
    locked_by uuid,
    version integer NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (client_id, from_day)
);

CREATE TABLE invoice_series (
    legal_entity_id uuid NOT NULL REFERENCES legal_entities (id),
    series text NOT NULL,
    next_number bigint NOT NULL,
    PRIMARY KEY (legal_entity_id, series)
);

CREATE TABLE invoices (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES clients (id),
    legal_entity_id uuid NOT NULL REFERENCES legal_entities (id),
    period_id uuid NOT NULL REFERENCES billing_periods (id),
    kind text NOT NULL,
    corrects uuid REFERENCES invoices (id),
    status text NOT NULL,
    series text NOT NULL,
    number bigint,
    currency text NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    rate_card_id uuid NOT NULL REFERENCES rate_cards (id),
    document text NOT NULL,
    content_hash bytea NOT NULL,
    version integer NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    issued_by uuid,
    issued_at bigint,
    file_id uuid,
    UNIQUE (legal_entity_id, series, number)
);
CREATE INDEX invoices_client ON invoices (client_id, created_at);

CREATE TABLE invoice_lines (
    id uuid NOT NULL PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES invoices (id),
    client_id uuid NOT NULL,
    seq integer NOT NULL,
    lob_id uuid,
    meter text NOT NULL,
    rule text NOT NULL,
    description text NOT NULL,
    quantity numeric NOT NULL,
    unit text NOT NULL,
    unit_price numeric NOT NULL,
    amount_minor bigint NOT NULL,
    tax_rate numeric NOT NULL,
    trace text NOT NULL,
    UNIQUE (invoice_id, seq)
);

CREATE TABLE invoice_sources (
    line_id uuid NOT NULL REFERENCES invoice_lines (id),
    seq integer NOT NULL,
    invoice_id uuid NOT NULL,
    client_id uuid NOT NULL,
    day integer NOT NULL,
    lob_id uuid,
    queue_id uuid,
    agent_id uuid,
    activity text NOT NULL,
    quantity numeric NOT NULL,
    counts text NOT NULL,
    PRIMARY KEY (line_id, seq)
);
CREATE INDEX invoice_sources_invoice ON invoice_sources (invoice_id);

-- Partitions. Only the owner may make them; the app role calls this function before
-- it writes into a month for the first time.

-- +goose StatementBegin
CREATE FUNCTION muster_ensure_months(from_at bigint, to_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    parent text;
    month timestamptz := date_trunc('month', to_timestamp(from_at / 1000000.0) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    following timestamptz;
    child text;
BEGIN
    IF to_at - from_at > 40 * 366 * 86400000000::bigint THEN
        RAISE EXCEPTION 'more than forty years of partitions asked for';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('muster_ensure_months'));
    WHILE month <= to_timestamp(to_at / 1000000.0) LOOP
        following := (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
        FOREACH parent IN ARRAY ARRAY['contacts', 'segments', 'agent_states', 'queue_facts', 'agent_facts', 'routing_log'] LOOP
            child := parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYYMM');
            IF to_regclass('public.' || child) IS NULL THEN
                EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%s) TO (%s)', child, parent,
                    (extract(epoch FROM month) * 1000000)::bigint, (extract(epoch FROM following) * 1000000)::bigint);
                EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', child);
            END IF;
        END LOOP;
        month := following;
    END LOOP;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION muster_ensure_months(bigint, bigint) FROM PUBLIC;

-- Row-level security repeats the scope that the door sets for each transaction.
-- app.provider = 'on' opens everything; app.clients lists the clients of a client
-- scope; app.door = 'on' only says that the door was used. Unset means no rows.

-- +goose StatementBegin
CREATE FUNCTION muster_provider() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('app.provider', true), '') = 'on' $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION muster_clients() RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('app.clients', true), '')::uuid[] $$;
-- +goose StatementEnd

-- muster_enter opens the door for the running transaction and gives the policy
-- version in the same round trip, so that a revoked right acts at the next request.
-- +goose StatementBegin
CREATE FUNCTION muster_enter(provider text, clients text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.door', 'on', true), set_config('app.provider', provider, true), set_config('app.clients', clients, true);
    RETURN (SELECT version FROM public.policy_version WHERE id = 1);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['agent_clients', 'agent_facts', 'agent_states', 'audit_log', 'billing_periods', 'calendar_days', 'calendar_hours', 'calendars', 'clients', 'contact_keys', 'contacts', 'contracts', 'customer_identities', 'customers', 'dirty_buckets', 'file_chunks', 'files', 'forecast_points', 'forecasts', 'import_issues', 'import_mappings', 'imports', 'interval_records', 'invoice_lines', 'invoice_sources', 'invoices', 'jobs', 'live_contacts', 'live_segments', 'lobs', 'measures', 'outbox', 'overflow_plans', 'queue_facts', 'queue_terms', 'queues', 'rate_cards', 'roster_coverage', 'segments', 'shift_activities', 'simulation_points', 'staffing_plans', 'staffing_points', 'state_keys', 'state_maps'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY client_rows ON %I USING ((SELECT muster_provider()) OR %I = ANY ((SELECT muster_clients())::uuid[]))', t,
            CASE t WHEN 'clients' THEN 'id' ELSE 'client_id' END);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['legal_entities', 'skills', 'sites', 'teams', 'agent_profiles', 'agent_sources', 'employments', 'rosters', 'roster_shifts', 'simulations', 'pools', 'pool_agents', 'routing_log', 'routing_snapshots', 'routing_inbox', 'live_agents', 'invoice_series'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY provider_rows ON %I USING ((SELECT muster_provider()))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['agents', 'memberships', 'agent_skills'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY slice_rows ON %I USING ((SELECT muster_provider()) OR EXISTS (SELECT 1 FROM agent_clients s WHERE s.agent_id = %I.%I AND s.client_id = ANY ((SELECT muster_clients())::uuid[]))) WITH CHECK ((SELECT muster_provider()))', t, t,
            CASE t WHEN 'agents' THEN 'id' ELSE 'agent_id' END);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['provider', 'policy_version', 'users', 'sessions', 'api_tokens', 'signin_throttle', 'roles', 'role_permissions', 'role_grants', 'subject_keys', 'event_cursors', 'schedules', 'schedule_runs', 'idempotency_keys', 'routing_domains'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY system_rows ON %I USING (current_setting(''app.door'', true) = ''on'')', t);
    END LOOP;
END $$;
-- +goose StatementEnd
