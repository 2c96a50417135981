package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
)

// minKeyBytes is the least length of a key file: 256 bits.
const minKeyBytes = 32

// judge applies the rules that look at more than one value or at the machine.
// Keys that could not be read keep their default here and are reported once, by apply.
func (l *loaded) judge() []Problem {
	var problems []Problem
	s := &l.settings
	refuse := func(name, message string) {
		k, _ := findKey(name)
		source := l.sources[name]
		if source == "" {
			source = "default"
		}
		problems = append(problems, Problem{Key: name, Source: source, Value: k.shown(k.get(s)), Message: message})
	}
	if s.Database.AdminURL != "" && s.Database.URL == "" {
		refuse("database.admin_url", "is set without database.url; set both, or neither for the embedded database")
	}
	if s.Access.SessionIdle > s.Access.SessionLifetime {
		refuse("access.session_idle", fmt.Sprintf("is longer than access.session_lifetime (%s)", s.Access.SessionLifetime))
	}
	if s.HTTP.BodyLimit > s.HTTP.UploadLimit {
		refuse("http.body_limit", fmt.Sprintf("is larger than http.upload_limit (%s)", formatSize(s.HTTP.UploadLimit)))
	}
	if s.Mode == Demo {
		if !isLoopback(s.HTTP.Listen) {
			refuse("http.listen", "demo mode binds to loopback only; use 127.0.0.1, or set mode to production")
		}
	} else {
		judgeProduction(s, refuse)
	}
	if s.Secrets.KeyFile != "" {
		if err := checkKeyFile(s.Secrets.KeyFile); err != nil {
			refuse("secrets.key_file", err.Error())
		}
	}
	return problems
}

// judgeProduction refuses what is tolerable only on one's own machine.
func judgeProduction(s *Settings, refuse func(name, message string)) {
	if s.Secrets.KeyFile == "" {
		refuse("secrets.key_file", `is needed in production; make one with: head -c 32 /dev/urandom > muster.key && chmod 600 muster.key`)
	}
	if s.Access.DemoSignIns {
		refuse("access.demo_sign_ins", "is refused in production; remove it or set it to false")
	}
	if s.HTTP.InsecureCookies {
		refuse("http.insecure_cookies", "is refused in production; remove it and serve by https")
	}
	if u, err := url.Parse(s.HTTP.PublicURL); err != nil || u.Scheme != "https" {
		refuse("http.public_url", "must be an https origin in production, such as https://muster.example.com")
	}
	if s.Database.URL != "" && sameUser(s.Database.URL, s.Database.AdminURL) {
		refuse("database.url", "uses the same role as database.admin_url; row-level security does not bind an owner, so give the application a role of its own")
	}
}

// sameUser reports whether two URLs sign in as one role.
func sameUser(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.User != nil && ub.User != nil && ua.User.Username() == ub.User.Username()
}

// isLoopback reports whether an address accepts connections of this machine only.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// checkKeyFile says what is wrong with the key file; its content is never shown.
func checkKeyFile(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the file does not exist; make one with: head -c 32 /dev/urandom > muster.key && chmod 600 muster.key")
	}
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a regular file")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others may read the file (mode %04o); do: chmod 600 %s", info.Mode().Perm(), path)
	}
	if info.Size() < minKeyBytes {
		return fmt.Errorf("holds %d bytes; at least %d are needed", info.Size(), minKeyBytes)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	return f.Close()
}
