package config

import (
	"strings"
	"time"
)

// A key is one setting: its dotted name, what it means, and how its text form
// is read into and written from Settings.
type key struct {
	name string
	doc  string
	hide func(string) string // renders the value without its secret; nil when it has none
	set  func(*Settings, string) error
	get  func(*Settings) string
}

// environ gives the environment variable of a key: http.listen is MUSTER_HTTP_LISTEN.
func (k key) environ() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// keys lists every setting in the order of "muster config show".
var keys = []key{
	choice("mode", "demo (loopback only, for trying out) or production",
		func(s *Settings) *Mode { return &s.Mode }, Demo, Production),
	text("data_dir", "directory of the embedded database",
		func(s *Settings) *string { return &s.DataDir }, notEmpty),
	choice("locale", "language of texts without a reader",
		func(s *Settings) *string { return &s.Locale }, "zh-CN", "en"),
	text("zone", "IANA zone of the provider, such as Asia/Shanghai",
		func(s *Settings) *string { return &s.Zone }, isZone),

	text("database.url", "PostgreSQL URL of the application role; empty = embedded SQLite in data_dir",
		func(s *Settings) *string { return &s.Database.URL }, isPostgresURL).hiding(withoutPassword),
	text("database.admin_url", "PostgreSQL URL of the owner, for migrations and partitions",
		func(s *Settings) *string { return &s.Database.AdminURL }, isPostgresURL).hiding(withoutPassword),
	number("database.max_connections", "connections of one process",
		func(s *Settings) *int { return &s.Database.MaxConnections }, 2, 1000),

	text("http.listen", "address to listen on, host:port",
		func(s *Settings) *string { return &s.HTTP.Listen }, isListenAddress),
	text("http.public_url", "origin that people use, such as https://muster.example.com",
		func(s *Settings) *string { return &s.HTTP.PublicURL }, isOrigin),
	list("http.trusted_proxies", "addresses or CIDR blocks whose X-Forwarded-For is believed, separated by commas",
		func(s *Settings) *[]string { return &s.HTTP.TrustedProxies }, isAddressBlock),
	size("http.body_limit", "largest ordinary request body, such as 1MiB",
		func(s *Settings) *int64 { return &s.HTTP.BodyLimit }, 1<<10, 64<<20),
	size("http.upload_limit", "largest uploaded file, such as 256MiB",
		func(s *Settings) *int64 { return &s.HTTP.UploadLimit }, 1<<10, 8<<30),
	duration("http.request_timeout", "deadline of an ordinary request, such as 30s",
		func(s *Settings) *time.Duration { return &s.HTTP.RequestTimeout }, time.Second, 10*time.Minute),
	duration("http.shutdown_timeout", "time to finish accepted work on shutdown",
		func(s *Settings) *time.Duration { return &s.HTTP.ShutdownTimeout }, time.Second, 10*time.Minute),
	boolean("http.insecure_cookies", "leave the Secure attribute off cookies (demo mode only)",
		func(s *Settings) *bool { return &s.HTTP.InsecureCookies }),

	boolean("access.demo_sign_ins", "offer one-click sign-in as each demo role (demo mode only)",
		func(s *Settings) *bool { return &s.Access.DemoSignIns }),
	duration("access.session_idle", "a session unused for so long ends",
		func(s *Settings) *time.Duration { return &s.Access.SessionIdle }, time.Minute, 30*24*time.Hour),
	duration("access.session_lifetime", "a session ends at this age in any case",
		func(s *Settings) *time.Duration { return &s.Access.SessionLifetime }, time.Minute, 90*24*time.Hour),

	text("secrets.key_file", "file with the key that seals stored secrets and personal values",
		func(s *Settings) *string { return &s.Secrets.KeyFile }, nil),

	choice("log.level", "least severe line that is written",
		func(s *Settings) *string { return &s.Log.Level }, "debug", "info", "warn", "error"),
	choice("log.format", "text for people, json for machines",
		func(s *Settings) *string { return &s.Log.Format }, "text", "json"),

	number("jobs.workers", "jobs worked on at once by this process; 0 = none",
		func(s *Settings) *int { return &s.Jobs.Workers }, 0, 256),
	duration("jobs.poll_interval", "time between two looks for work when no hint arrives",
		func(s *Settings) *time.Duration { return &s.Jobs.PollInterval }, 10*time.Millisecond, time.Minute),
	duration("jobs.lease", "a worker silent for so long loses its job",
		func(s *Settings) *time.Duration { return &s.Jobs.Lease }, time.Second, time.Hour),

	duration("routing.inbox_retention", "a contact reported twice is recognised for so long; then its input is removed from the inbox",
		func(s *Settings) *time.Duration { return &s.Routing.InboxRetention }, 48*time.Hour, 400*24*time.Hour),
}

// findKey gives the key of a name.
func findKey(name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

// isSection reports whether a name is the first part of known keys, such as "http".
func isSection(name string) bool {
	for _, k := range keys {
		if strings.HasPrefix(k.name, name+".") {
			return true
		}
	}
	return false
}
