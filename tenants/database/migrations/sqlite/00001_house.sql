-- +goose Up

-- The provider and its house.

CREATE TABLE provider (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    currency TEXT NOT NULL,
    demo INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE legal_entities (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    tax_id TEXT NOT NULL,
    bank TEXT NOT NULL,
    country TEXT NOT NULL,
    invoice_series TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE clients (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    colour TEXT NOT NULL,
    zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    currency TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER
) STRICT;

CREATE TABLE lobs (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    UNIQUE (client_id, slug)
) STRICT;

CREATE TABLE calendars (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB REFERENCES clients (id),
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE calendar_hours (
    calendar_id BLOB NOT NULL REFERENCES calendars (id),
    client_id BLOB,
    weekday INTEGER NOT NULL,
    open_minute INTEGER NOT NULL,
    close_minute INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, weekday, open_minute)
) STRICT;

CREATE TABLE calendar_days (
    calendar_id BLOB NOT NULL REFERENCES calendars (id),
    client_id BLOB,
    day INTEGER NOT NULL,
    kind TEXT NOT NULL,
    tag TEXT NOT NULL,
    name TEXT NOT NULL,
    hours TEXT NOT NULL,
    PRIMARY KEY (calendar_id, day)
) STRICT;

CREATE TABLE skills (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE queues (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    lob_id BLOB NOT NULL REFERENCES lobs (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    skill_id BLOB NOT NULL REFERENCES skills (id),
    calendar_id BLOB REFERENCES calendars (id),
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    UNIQUE (client_id, slug)
) STRICT;

CREATE TABLE queue_terms (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    queue_id BLOB NOT NULL REFERENCES queues (id),
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    threshold_ms INTEGER NOT NULL,
    short_abandon_ms INTEGER NOT NULL,
    service_level_goal REAL NOT NULL,
    abandon_goal REAL,
    patience_ms INTEGER,
    occupancy_cap REAL,
    shrinkage REAL NOT NULL,
    concurrency INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (queue_id, valid_from)
) STRICT;

CREATE TABLE contracts (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    legal_entity_id BLOB NOT NULL REFERENCES legal_entities (id),
    version INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    currency TEXT NOT NULL,
    zone TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, version)
) STRICT;

CREATE TABLE measures (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    lob_id BLOB REFERENCES lobs (id),
    queue_id BLOB REFERENCES queues (id),
    key TEXT NOT NULL,
    formula TEXT NOT NULL,
    threshold_ms INTEGER,
    target TEXT NOT NULL,
    better TEXT NOT NULL,
    critical INTEGER NOT NULL,
    bands TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE rate_cards (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, version)
) STRICT;

-- People. Names live in agent_profiles, which can be erased.

CREATE TABLE sites (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    country TEXT NOT NULL,
    calendar_id BLOB REFERENCES calendars (id),
    week_start INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE teams (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES sites (id),
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agents (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    hired_on INTEGER,
    left_on INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agent_profiles (
    agent_id BLOB NOT NULL PRIMARY KEY REFERENCES agents (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    erased_at INTEGER
) STRICT;

CREATE TABLE agent_sources (
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    agent_id BLOB NOT NULL REFERENCES agents (id),
    PRIMARY KEY (source, external_id)
) STRICT;

CREATE TABLE memberships (
    id BLOB NOT NULL PRIMARY KEY,
    agent_id BLOB NOT NULL REFERENCES agents (id),
    site_id BLOB NOT NULL REFERENCES sites (id),
    team_id BLOB NOT NULL REFERENCES teams (id),
    tier TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    UNIQUE (agent_id, valid_from)
) STRICT;

CREATE TABLE employments (
    id BLOB NOT NULL PRIMARY KEY,
    agent_id BLOB NOT NULL REFERENCES agents (id),
    weekly_minutes INTEGER NOT NULL,
    hourly_cost TEXT NOT NULL,
    currency TEXT NOT NULL,
    document TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    UNIQUE (agent_id, valid_from)
) STRICT;

CREATE TABLE agent_skills (
    id BLOB NOT NULL PRIMARY KEY,
    agent_id BLOB NOT NULL REFERENCES agents (id),
    skill_id BLOB NOT NULL REFERENCES skills (id),
    proficiency INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    UNIQUE (agent_id, skill_id, valid_from)
) STRICT;

CREATE TABLE agent_clients (
    client_id BLOB NOT NULL REFERENCES clients (id),
    agent_id BLOB NOT NULL REFERENCES agents (id),
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    PRIMARY KEY (client_id, agent_id, valid_from)
) STRICT;
CREATE INDEX agent_clients_agent ON agent_clients (agent_id);

-- Who may do what.

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    display TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    locale TEXT NOT NULL,
    agent_id BLOB UNIQUE REFERENCES agents (id),
    must_change INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE signin_throttle (
    key TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;

CREATE TABLE roles (
    id BLOB NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    built_in INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE role_permissions (
    role_id BLOB NOT NULL REFERENCES roles (id),
    object TEXT NOT NULL,
    action TEXT NOT NULL,
    PRIMARY KEY (role_id, object, action)
) STRICT;

CREATE TABLE role_grants (
    user_id BLOB NOT NULL REFERENCES users (id),
    role_id BLOB NOT NULL REFERENCES roles (id),
    domain TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (user_id, role_id, domain)
) STRICT;

CREATE TABLE policy_version (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO policy_version (id, version) VALUES (1, 1);

-- Machinery: audit, events, jobs, files, idempotency.

CREATE TABLE audit_log (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    client_id BLOB,
    actor_id BLOB,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id BLOB,
    request_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    subject_id BLOB,
    sealed BLOB
) STRICT;
CREATE INDEX audit_log_at ON audit_log (at, id);

CREATE TABLE subject_keys (
    subject_id BLOB NOT NULL PRIMARY KEY,
    sealed_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    xid INTEGER NOT NULL DEFAULT 0,
    id BLOB NOT NULL UNIQUE,
    type TEXT NOT NULL,
    v INTEGER NOT NULL,
    at INTEGER NOT NULL,
    client_id BLOB,
    subject TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;

CREATE INDEX outbox_order ON outbox (xid, seq);

CREATE TABLE event_cursors (
    name TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    args TEXT NOT NULL,
    unique_key TEXT,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    lease_until INTEGER,
    lease_owner TEXT NOT NULL,
    cancel_requested INTEGER NOT NULL,
    progress REAL NOT NULL,
    progress_note TEXT NOT NULL,
    result TEXT NOT NULL,
    error TEXT NOT NULL,
    actor_id BLOB,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
) STRICT;
CREATE INDEX jobs_ready ON jobs (status, priority DESC, run_at, id);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key IS NOT NULL AND status IN ('waiting', 'running');

CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    kind TEXT NOT NULL,
    args TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    last_due_at INTEGER NOT NULL
) STRICT;

CREATE TABLE schedule_runs (
    name TEXT NOT NULL REFERENCES schedules (name),
    due_at INTEGER NOT NULL,
    job_id BLOB NOT NULL,
    claimed_at INTEGER NOT NULL,
    PRIMARY KEY (name, due_at)
) STRICT;

CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT;
CREATE INDEX idempotency_keys_at ON idempotency_keys (created_at);

CREATE TABLE files (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE TABLE file_chunks (
    file_id BLOB NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    client_id BLOB,
    seq INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (file_id, seq)
) STRICT;

-- Intake.

CREATE TABLE import_mappings (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB REFERENCES clients (id),
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    header TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX import_mappings_client ON import_mappings (client_id, kind, source, version) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX import_mappings_provider ON import_mappings (kind, source, version) WHERE client_id IS NULL;

CREATE TABLE imports (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB REFERENCES clients (id),
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_sha256 BLOB NOT NULL,
    file_id BLOB,
    mapping_id BLOB,
    status TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    rows_new INTEGER NOT NULL,
    rows_changed INTEGER NOT NULL,
    rows_unchanged INTEGER NOT NULL,
    rows_refused INTEGER NOT NULL,
    rows_ignored INTEGER NOT NULL,
    rows_total INTEGER NOT NULL,
    resume_line INTEGER NOT NULL,
    summary TEXT NOT NULL,
    actor_id BLOB,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    reverted_at INTEGER
) STRICT;

CREATE TABLE import_issues (
    import_id BLOB NOT NULL REFERENCES imports (id),
    seq INTEGER NOT NULL,
    client_id BLOB,
    line INTEGER NOT NULL,
    severity TEXT NOT NULL,
    code TEXT NOT NULL,
    column_name TEXT NOT NULL,
    value TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (import_id, seq)
) STRICT;

CREATE TABLE state_maps (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB REFERENCES clients (id),
    source TEXT NOT NULL,
    code TEXT NOT NULL,
    activity TEXT NOT NULL,
    paid INTEGER NOT NULL,
    billable INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER
) STRICT;
CREATE UNIQUE INDEX state_maps_client ON state_maps (client_id, source, code, valid_from) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX state_maps_provider ON state_maps (source, code, valid_from) WHERE client_id IS NULL;

CREATE TABLE customers (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    created_at INTEGER NOT NULL,
    erased_at INTEGER
) STRICT;

CREATE TABLE customer_identities (
    client_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    PRIMARY KEY (client_id, kind, value)
) STRICT;

-- Records: written once per revision, never updated except that a newer revision
-- takes over "current". Partitioned by month on PostgreSQL, so no foreign keys point here.

CREATE TABLE contact_keys (
    client_id BLOB NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    contact_id BLOB NOT NULL,
    arrived_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    PRIMARY KEY (client_id, source, external_id)
) STRICT;
CREATE INDEX contact_keys_contact ON contact_keys (contact_id);

CREATE TABLE contacts (
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id BLOB,
    priority INTEGER NOT NULL,
    queued_at INTEGER,
    answered_at INTEGER,
    ended_at INTEGER,
    outcome TEXT NOT NULL,
    wait_ms INTEGER NOT NULL,
    handle_ms INTEGER NOT NULL,
    agent_id BLOB,
    attributes TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    import_id BLOB,
    recorded_at INTEGER NOT NULL,
    is_current INTEGER NOT NULL,
    PRIMARY KEY (id, revision, arrived_at)
) STRICT;
CREATE INDEX contacts_queue_at ON contacts (queue_id, arrived_at);
CREATE INDEX contacts_client_at ON contacts (client_id, arrived_at, id);
CREATE INDEX contacts_import ON contacts (import_id);

CREATE TABLE segments (
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    contact_revision INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    agent_id BLOB NOT NULL,
    tier TEXT NOT NULL,
    site_id BLOB,
    team_id BLOB,
    offered_at INTEGER NOT NULL,
    accepted_at INTEGER,
    ended_at INTEGER,
    wrapped_at INTEGER,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    import_id BLOB,
    recorded_at INTEGER NOT NULL,
    is_current INTEGER NOT NULL,
    PRIMARY KEY (id, offered_at)
) STRICT;
CREATE INDEX segments_contact ON segments (contact_id, contact_revision);
CREATE INDEX segments_agent_at ON segments (agent_id, offered_at);
CREATE INDEX segments_import ON segments (import_id);

CREATE TABLE state_keys (
    agent_id BLOB NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    client_id BLOB,
    state_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    PRIMARY KEY (agent_id, source, external_id)
) STRICT;

CREATE TABLE agent_states (
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    agent_id BLOB NOT NULL,
    client_id BLOB,
    lob_id BLOB,
    site_id BLOB,
    team_id BLOB,
    tier TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    code TEXT NOT NULL,
    activity TEXT NOT NULL,
    paid INTEGER NOT NULL,
    billable INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    import_id BLOB,
    recorded_at INTEGER NOT NULL,
    is_current INTEGER NOT NULL,
    PRIMARY KEY (id, revision, started_at)
) STRICT;
CREATE INDEX agent_states_agent_at ON agent_states (agent_id, started_at);
CREATE INDEX agent_states_client_at ON agent_states (client_id, started_at);
CREATE INDEX agent_states_import ON agent_states (import_id);

CREATE TABLE interval_records (
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    source TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    length_ms INTEGER NOT NULL,
    offered INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    abandoned INTEGER NOT NULL,
    within_threshold INTEGER NOT NULL,
    wait_ms INTEGER NOT NULL,
    handle_ms INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    import_id BLOB,
    recorded_at INTEGER NOT NULL,
    is_current INTEGER NOT NULL,
    PRIMARY KEY (queue_id, source, start_at, revision)
) STRICT;
CREATE INDEX interval_records_import ON interval_records (import_id);

-- Facts: views on the records, on the 15-minute UTC grid; rebuilt from them at any time.

CREATE TABLE dirty_buckets (
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    client_id BLOB,
    marked_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key, start_at)
) STRICT;

CREATE TABLE queue_facts (
    queue_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    offered INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    answered_within INTEGER NOT NULL,
    abandoned INTEGER NOT NULL,
    abandoned_within INTEGER NOT NULL,
    abandoned_short INTEGER NOT NULL,
    overflowed INTEGER NOT NULL,
    other INTEGER NOT NULL,
    wait_answered_ms INTEGER NOT NULL,
    wait_abandoned_ms INTEGER NOT NULL,
    wait_max_ms INTEGER NOT NULL,
    handle_ms INTEGER NOT NULL,
    PRIMARY KEY (queue_id, start_at)
) STRICT;
CREATE INDEX queue_facts_client_at ON queue_facts (client_id, start_at);

CREATE TABLE agent_facts (
    agent_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    slot TEXT NOT NULL,
    client_id BLOB,
    lob_id BLOB,
    activity TEXT NOT NULL,
    paid_ms INTEGER NOT NULL,
    billable_ms INTEGER NOT NULL,
    total_ms INTEGER NOT NULL,
    handle_ms INTEGER NOT NULL,
    PRIMARY KEY (agent_id, start_at, slot)
) STRICT;
CREATE INDEX agent_facts_client_at ON agent_facts (client_id, start_at);

-- Planning.

CREATE TABLE forecasts (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    origin_at INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    interval_ms INTEGER NOT NULL,
    zone TEXT NOT NULL,
    settings TEXT NOT NULL,
    explain TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    committed_at INTEGER,
    UNIQUE (client_id, version)
) STRICT;

CREATE TABLE forecast_points (
    forecast_id BLOB NOT NULL REFERENCES forecasts (id),
    queue_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    volume REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    aht_ms REAL NOT NULL,
    PRIMARY KEY (forecast_id, queue_id, start_at)
) STRICT;

CREATE TABLE staffing_plans (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    forecast_id BLOB NOT NULL REFERENCES forecasts (id),
    version INTEGER NOT NULL,
    settings TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, version)
) STRICT;

CREATE TABLE staffing_points (
    plan_id BLOB NOT NULL REFERENCES staffing_plans (id),
    queue_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    seats INTEGER NOT NULL,
    scheduled REAL NOT NULL,
    service_level REAL NOT NULL,
    abandonment REAL NOT NULL,
    occupancy REAL NOT NULL,
    asa_ms REAL NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (plan_id, queue_id, start_at)
) STRICT;

CREATE TABLE rosters (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    zone TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    plans TEXT NOT NULL,
    problem TEXT NOT NULL,
    summary TEXT NOT NULL,
    based_on BLOB,
    edition INTEGER NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    locked_at INTEGER,
    UNIQUE (name, version)
) STRICT;

CREATE TABLE roster_shifts (
    id BLOB NOT NULL PRIMARY KEY,
    roster_id BLOB NOT NULL REFERENCES rosters (id),
    agent_id BLOB NOT NULL,
    business_day INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    template TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    UNIQUE (roster_id, agent_id, business_day)
) STRICT;
CREATE INDEX roster_shifts_agent ON roster_shifts (agent_id, start_at);

CREATE TABLE shift_activities (
    shift_id BLOB NOT NULL REFERENCES roster_shifts (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    roster_id BLOB NOT NULL,
    agent_id BLOB NOT NULL,
    client_id BLOB,
    queue_id BLOB,
    kind TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    PRIMARY KEY (shift_id, seq)
) STRICT;
CREATE INDEX shift_activities_roster ON shift_activities (roster_id, start_at);

CREATE TABLE roster_coverage (
    roster_id BLOB NOT NULL REFERENCES rosters (id),
    queue_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    required REAL NOT NULL,
    scheduled REAL NOT NULL,
    PRIMARY KEY (roster_id, queue_id, start_at)
) STRICT;

CREATE TABLE simulations (
    id BLOB NOT NULL PRIMARY KEY,
    roster_id BLOB REFERENCES rosters (id),
    seed INTEGER NOT NULL,
    replications INTEGER NOT NULL,
    summary TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE simulation_points (
    simulation_id BLOB NOT NULL REFERENCES simulations (id),
    queue_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    offered REAL NOT NULL,
    service_level REAL NOT NULL,
    service_level_low REAL NOT NULL,
    service_level_high REAL NOT NULL,
    abandonment REAL NOT NULL,
    asa_ms REAL NOT NULL,
    occupancy REAL NOT NULL,
    overflow REAL NOT NULL,
    PRIMARY KEY (simulation_id, queue_id, start_at)
) STRICT;

-- The live floor.

CREATE TABLE pools (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pool_agents (
    pool_id BLOB NOT NULL REFERENCES pools (id),
    agent_id BLOB NOT NULL REFERENCES agents (id),
    PRIMARY KEY (pool_id, agent_id)
) STRICT;

CREATE TABLE overflow_plans (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    queue_id BLOB NOT NULL REFERENCES queues (id),
    document TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    UNIQUE (queue_id, valid_from)
) STRICT;

CREATE TABLE routing_domains (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    leader TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    config_version INTEGER NOT NULL
) STRICT;

CREATE TABLE routing_log (
    domain_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (domain_id, seq, at)
) STRICT;

CREATE TABLE routing_snapshots (
    domain_id BLOB NOT NULL REFERENCES routing_domains (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    engine_version INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (domain_id, seq)
) STRICT;

CREATE TABLE routing_inbox (
    id BLOB NOT NULL PRIMARY KEY,
    domain_id BLOB NOT NULL REFERENCES routing_domains (id),
    dedupe TEXT NOT NULL,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    event TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    applied_seq INTEGER,
    outcome TEXT NOT NULL,
    UNIQUE (domain_id, dedupe)
) STRICT;
CREATE INDEX routing_inbox_open ON routing_inbox (domain_id, id) WHERE applied_seq IS NULL;

CREATE TABLE live_contacts (
    contact_id BLOB NOT NULL PRIMARY KEY,
    domain_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id BLOB,
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,
    agent_id BLOB,
    segment_id BLOB,
    arrived_at INTEGER NOT NULL,
    queued_at INTEGER,
    offered_at INTEGER,
    accepted_at INTEGER,
    ended_at INTEGER,
    deadline_at INTEGER,
    offers INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (client_id, source, external_id)
) STRICT;
CREATE INDEX live_contacts_domain ON live_contacts (domain_id, status);
CREATE INDEX live_contacts_agent ON live_contacts (agent_id);

CREATE TABLE live_segments (
    domain_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    segment_id BLOB NOT NULL UNIQUE,
    contact_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    queue_id BLOB NOT NULL,
    agent_id BLOB NOT NULL,
    status TEXT NOT NULL,
    offered_at INTEGER NOT NULL,
    accepted_at INTEGER,
    ended_at INTEGER,
    wrapped_at INTEGER,
    deadline_at INTEGER,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (domain_id, number)
) STRICT;
CREATE INDEX live_segments_contact ON live_segments (contact_id);
CREATE INDEX live_segments_agent ON live_segments (agent_id);

CREATE TABLE live_agents (
    agent_id BLOB NOT NULL PRIMARY KEY,
    domain_id BLOB NOT NULL,
    state TEXT NOT NULL,
    code TEXT NOT NULL,
    client_id BLOB,
    since INTEGER NOT NULL,
    idle_since INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    state_id BLOB NOT NULL
) STRICT;

-- Billing.

CREATE TABLE billing_periods (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    status TEXT NOT NULL,
    locked_at INTEGER,
    locked_by BLOB,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (client_id, from_day)
) STRICT;

CREATE TABLE invoice_series (
    legal_entity_id BLOB NOT NULL REFERENCES legal_entities (id),
    series TEXT NOT NULL,
    next_number INTEGER NOT NULL,
    PRIMARY KEY (legal_entity_id, series)
) STRICT;

CREATE TABLE invoices (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    legal_entity_id BLOB NOT NULL REFERENCES legal_entities (id),
    period_id BLOB NOT NULL REFERENCES billing_periods (id),
    kind TEXT NOT NULL,
    corrects BLOB REFERENCES invoices (id),
    status TEXT NOT NULL,
    series TEXT NOT NULL,
    number INTEGER,
    currency TEXT NOT NULL,
    net_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    rate_card_id BLOB NOT NULL REFERENCES rate_cards (id),
    document TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    issued_by BLOB,
    issued_at INTEGER,
    file_id BLOB,
    UNIQUE (legal_entity_id, series, number)
) STRICT;
CREATE INDEX invoices_client ON invoices (client_id, created_at);

CREATE TABLE invoice_lines (
    id BLOB NOT NULL PRIMARY KEY,
    invoice_id BLOB NOT NULL REFERENCES invoices (id),
    client_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    lob_id BLOB,
    meter TEXT NOT NULL,
    rule TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity TEXT NOT NULL,
    unit TEXT NOT NULL,
    unit_price TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    tax_rate TEXT NOT NULL,
    trace TEXT NOT NULL,
    UNIQUE (invoice_id, seq)
) STRICT;

CREATE TABLE invoice_sources (
    line_id BLOB NOT NULL REFERENCES invoice_lines (id),
    seq INTEGER NOT NULL,
    invoice_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    lob_id BLOB,
    queue_id BLOB,
    agent_id BLOB,
    activity TEXT NOT NULL,
    quantity TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (line_id, seq)
) STRICT;
CREATE INDEX invoice_sources_invoice ON invoice_sources (invoice_id);
