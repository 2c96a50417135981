package config

import "time"

// Mode says how strict a process is about its surroundings.
type Mode string

// The modes.
const (
	// Demo is for trying muster out: it binds to loopback only and may use
	// cookies without TLS and one-click sign-ins.
	Demo Mode = "demo"
	// Production refuses demo sign-ins, a missing key file and insecure cookies.
	Production Mode = "production"
)

// Settings are the checked settings of one process. The zero value is not
// usable; make one with Load or Defaults.
type Settings struct {
	Mode     Mode
	DataDir  string // directory of the embedded database and of a demo's outputs
	Locale   string // language of texts that have no reader yet: "zh-CN" or "en"
	Zone     string // IANA zone of the provider, where no site or contract decides
	Database Database
	HTTP     HTTP
	Access   Access
	Secrets  Secrets
	Log      Log
	Jobs     Jobs
	Routing  Routing
}

// Database says where rows live.
type Database struct {
	// URL is the PostgreSQL URL of the application role; empty means the
	// embedded SQLite database in Settings.DataDir.
	URL string
	// AdminURL is the PostgreSQL URL of the owner, used by migrations and to
	// make partitions; empty means that this process may do neither.
	AdminURL string
	// MaxConnections bounds the pool of one process.
	MaxConnections int
}

// Embedded reports whether rows live in the embedded SQLite database.
func (d Database) Embedded() bool { return d.URL == "" }

// HTTP configures the door.
type HTTP struct {
	Listen          string        // host:port
	PublicURL       string        // origin that people use, without a path
	TrustedProxies  []string      // addresses or CIDR blocks whose X-Forwarded-For is believed
	BodyLimit       int64         // bytes of an ordinary request body
	UploadLimit     int64         // bytes of an uploaded file
	RequestTimeout  time.Duration // deadline of an ordinary request
	ShutdownTimeout time.Duration // time to finish accepted work on shutdown
	InsecureCookies bool          // leaves the Secure attribute off session cookies
}

// Access configures sign-in.
type Access struct {
	DemoSignIns     bool          // offers one-click sign-in as each demo role
	SessionIdle     time.Duration // a session unused for so long ends
	SessionLifetime time.Duration // a session ends at this age in any case
}

// Secrets says where key material is.
type Secrets struct {
	KeyFile string // file with the key that seals stored secrets and personal values
}

// Log configures the log on standard error.
type Log struct {
	Level  string // debug, info, warn or error
	Format string // text or json
}

// Jobs configures the background workers of one process.
type Jobs struct {
	Workers      int           // jobs worked on at once; 0 takes none
	PollInterval time.Duration // time between two looks for work when no hint arrives
	Lease        time.Duration // a worker silent for so long loses its job
}

// Routing configures the live floor.
type Routing struct {
	InboxRetention time.Duration // a repeated input is recognised for so long after it was applied
}

// Defaults gives the settings of a mode with nothing else set.
func Defaults(mode Mode) Settings {
	return Settings{
		Mode:     mode,
		DataDir:  "data",
		Locale:   "zh-CN",
		Zone:     "Asia/Shanghai",
		Database: Database{MaxConnections: 20},
		HTTP: HTTP{
			Listen:          "127.0.0.1:8080",
			BodyLimit:       1 << 20,
			UploadLimit:     256 << 20,
			RequestTimeout:  30 * time.Second,
			ShutdownTimeout: 30 * time.Second,
			InsecureCookies: mode == Demo,
		},
		Access: Access{SessionIdle: 8 * time.Hour, SessionLifetime: 24 * time.Hour},
		Log:    Log{Level: "info", Format: "text"},
		Jobs:   Jobs{Workers: 2, PollInterval: 2 * time.Second, Lease: 30 * time.Second},
		// A source that repeats a contact does so within hours; a week leaves room for a long weekend.
		Routing: Routing{InboxRetention: 7 * 24 * time.Hour},
	}
}
