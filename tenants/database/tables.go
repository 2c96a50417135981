package database

// Class says who may see the rows of a table.
type Class string

// The classes of tables. An unregistered table, or one without its class's
// policy on PostgreSQL, fails a test.
const (
	// Client rows carry the client that owns them; a NULL client means the provider alone.
	Client Class = "client"
	// Provider rows are for provider-wide scopes.
	Provider Class = "provider"
	// Slice rows belong to a shared agent and are visible to every client the agent serves.
	Slice Class = "slice"
	// System rows belong to the machinery (sessions, roles, schedules); services guard them.
	System Class = "system"
)

// Table is the registration of one table: its class and, for Client and Slice,
// the column that holds the client or the agent.
type Table struct {
	Class  Class
	Column string
}

// tables registers every table of the schema.
var tables = map[string]Table{
	"provider":            {System, ""},
	"legal_entities":      {Provider, ""},
	"clients":             {Client, "id"},
	"lobs":                {Client, "client_id"},
	"calendars":           {Client, "client_id"},
	"calendar_hours":      {Client, "client_id"},
	"calendar_days":       {Client, "client_id"},
	"skills":              {Provider, ""},
	"queues":              {Client, "client_id"},
	"queue_terms":         {Client, "client_id"},
	"contracts":           {Client, "client_id"},
	"measures":            {Client, "client_id"},
	"rate_cards":          {Client, "client_id"},
	"sites":               {Provider, ""},
	"teams":               {Provider, ""},
	"agents":              {Slice, "id"},
	"agent_profiles":      {Provider, ""},
	"agent_sources":       {Provider, ""},
	"memberships":         {Slice, "agent_id"},
	"employments":         {Provider, ""},
	"agent_skills":        {Slice, "agent_id"},
	"agent_clients":       {Client, "client_id"},
	"users":               {System, ""},
	"sessions":            {System, ""},
	"api_tokens":          {System, ""},
	"signin_throttle":     {System, ""},
	"roles":               {System, ""},
	"role_permissions":    {System, ""},
	"role_grants":         {System, ""},
	"policy_version":      {System, ""},
	"audit_log":           {Client, "client_id"},
	"subject_keys":        {System, ""},
	"outbox":              {Client, "client_id"},
	"event_cursors":       {System, ""},
	"jobs":                {Client, "client_id"},
	"schedules":           {System, ""},
	"schedule_runs":       {System, ""},
	"idempotency_keys":    {System, ""},
	"files":               {Client, "client_id"},
	"file_chunks":         {Client, "client_id"},
	"import_mappings":     {Client, "client_id"},
	"imports":             {Client, "client_id"},
	"import_issues":       {Client, "client_id"},
	"state_maps":          {Client, "client_id"},
	"customers":           {Client, "client_id"},
	"customer_identities": {Client, "client_id"},
	"customer_links":      {Client, "client_id"},
	"contact_keys":        {Client, "client_id"},
	"contacts":            {Client, "client_id"},
	"segments":            {Client, "client_id"},
	"state_keys":          {Client, "client_id"},
	"agent_states":        {Client, "client_id"},
	"interval_records":    {Client, "client_id"},
	"dirty_buckets":       {Client, "client_id"},
	"queue_facts":         {Client, "client_id"},
	"agent_facts":         {Client, "client_id"},
	"forecasts":           {Client, "client_id"},
	"forecast_points":     {Client, "client_id"},
	"staffing_plans":      {Client, "client_id"},
	"staffing_points":     {Client, "client_id"},
	"rosters":             {Provider, ""},
	"roster_shifts":       {Provider, ""},
	"shift_activities":    {Client, "client_id"},
	"roster_coverage":     {Client, "client_id"},
	"roster_operations":   {Provider, ""},
	"calendar_links":      {Provider, ""},
	"simulations":         {Provider, ""},
	"simulation_points":   {Client, "client_id"},
	"trials":              {Provider, ""},
	"routing_settings":    {Client, "client_id"},
	"live_pools":          {Provider, ""},
	"live_queues":         {Client, "client_id"},
	"handovers":           {Client, "client_id"},
	"callbacks":           {Client, "client_id"},
	"floor_alerts":        {Client, "client_id"},
	"floor_actions":       {Client, "client_id"},
	"routing_domains":     {System, ""},
	"routing_log":         {Provider, ""},
	"routing_snapshots":   {Provider, ""},
	"routing_inbox":       {Provider, ""},
	"routing_set_aside":   {Client, "client_id"},
	"live_contacts":       {Client, "client_id"},
	"live_segments":       {Client, "client_id"},
	"live_agents":         {Provider, ""},
	"billing_periods":     {Client, "client_id"},
	"invoice_series":      {Provider, ""},
	"invoices":            {Client, "client_id"},
	"invoice_lines":       {Client, "client_id"},
	"invoice_sources":     {Client, "client_id"},
	"webhook_endpoints":   {Client, "client_id"},
	"webhook_deliveries":  {Client, "client_id"},
	"feeds":               {Client, "client_id"},
	"feed_names":          {Client, "client_id"},
	"feed_events":         {Client, "client_id"},
	"feed_agents":         {Client, "client_id"},
	"feed_contacts":       {Client, "client_id"},
	"feed_refusals":       {Client, "client_id"},
	"commitment_terms":    {Client, "client_id"},
	"commitments":         {Client, "client_id"},
	"forecast_scenarios":  {Client, "client_id"},
	"day_proposals":       {Client, "client_id"},
	"calendar_events":     {Client, "client_id"},
	"holiday_presets":     {System, ""},
	"tier_costs":          {Provider, ""},
	"forecast_reports":    {Client, "client_id"},
	"capacity_plans":      {Client, "client_id"},
	"long_forecasts":      {Client, "client_id"},
	"tier_studies":        {Client, "client_id"},
	"labour_laws":         {Provider, ""},
	"site_laws":           {Provider, ""},
	"received_plans":      {Provider, ""},
	"received_lines":      {Provider, ""},
}

// appendOnly lists the tables whose rows the app role may add and read but never change.
var appendOnly = map[string]bool{"audit_log": true, "routing_log": true}

// partitioned lists the tables that PostgreSQL partitions by UTC month.
var partitioned = []string{"agent_facts", "agent_states", "contacts", "queue_facts", "routing_log", "segments"}
