package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same on a machine without a zone database
)

// check says what is wrong with a text value.
type check func(string) error

// hiding returns the key with its value shown through hide.
func (k key) hiding(hide func(string) string) key {
	k.hide = hide
	return k
}

func text(name, doc string, field func(*Settings) *string, valid check) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return *field(s) },
		set: func(s *Settings, v string) error {
			if valid != nil {
				if err := valid(v); err != nil {
					return err
				}
			}
			*field(s) = v
			return nil
		}}
}

func choice[T ~string](name, doc string, field func(*Settings) *T, allowed ...T) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return string(*field(s)) },
		set: func(s *Settings, v string) error {
			if !slices.Contains(allowed, T(v)) {
				names := make([]string, len(allowed))
				for i, a := range allowed {
					names[i] = string(a)
				}
				return fmt.Errorf("allowed are %s%s", strings.Join(names, ", "), maybe(v, names))
			}
			*field(s) = T(v)
			return nil
		}}
}

func number(name, doc string, field func(*Settings) *int, low, high int) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return strconv.Itoa(*field(s)) },
		set: func(s *Settings, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < low || n > high {
				return fmt.Errorf("a whole number from %d to %d is needed", low, high)
			}
			*field(s) = n
			return nil
		}}
}

func boolean(name, doc string, field func(*Settings) *bool) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return strconv.FormatBool(*field(s)) },
		set: func(s *Settings, v string) error {
			if v != "true" && v != "false" {
				return errors.New("true or false is needed")
			}
			*field(s) = v == "true"
			return nil
		}}
}

func duration(name, doc string, field func(*Settings) *time.Duration, low, high time.Duration) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return field(s).String() },
		set: func(s *Settings, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d < low || d > high {
				return fmt.Errorf("a time with its unit from %s to %s is needed, such as 30s or 5m", low, high)
			}
			*field(s) = d
			return nil
		}}
}

func size(name, doc string, field func(*Settings) *int64, low, high int64) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return formatSize(*field(s)) },
		set: func(s *Settings, v string) error {
			n, err := parseSize(v)
			if err != nil || n < low || n > high {
				return fmt.Errorf("a size from %s to %s is needed, such as 1MiB", formatSize(low), formatSize(high))
			}
			*field(s) = n
			return nil
		}}
}

func list(name, doc string, field func(*Settings) *[]string, valid check) key {
	return key{name: name, doc: doc,
		get: func(s *Settings) string { return strings.Join(*field(s), ",") },
		set: func(s *Settings, v string) error {
			var items []string
			for item := range strings.SplitSeq(v, ",") {
				item = strings.TrimSpace(item)
				if item == "" {
					continue
				}
				if err := valid(item); err != nil {
					return fmt.Errorf("%q: %w", item, err)
				}
				items = append(items, item)
			}
			*field(s) = items
			return nil
		}}
}

func notEmpty(v string) error {
	if strings.TrimSpace(v) == "" {
		return errors.New("must not be empty")
	}
	return nil
}

func isZone(v string) error {
	if _, err := time.LoadLocation(v); err != nil || v == "" || v == "Local" {
		return errors.New("an IANA zone is needed, such as Asia/Shanghai or Europe/Berlin")
	}
	return nil
}

func isPostgresURL(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return errors.New("a URL is needed, such as postgres://muster@db.example.com:5432/muster")
	}
	return nil
}

func isListenAddress(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("host:port is needed, such as 127.0.0.1:8080")
	}
	return nil
}

func isOrigin(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("an origin without path is needed, such as https://muster.example.com")
	}
	return nil
}

func isAddressBlock(v string) error {
	if _, err := netip.ParseAddr(v); err == nil {
		return nil
	}
	if _, err := netip.ParsePrefix(v); err == nil {
		return nil
	}
	return errors.New("an address or CIDR block is needed, such as 10.0.0.0/8")
}

// withoutPassword hides the password of a URL, also one given as a parameter.
func withoutPassword(v string) string {
	u, err := url.Parse(v)
	if err != nil {
		return "(hidden)"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// units of sizes, largest first so that formatting takes the coarsest exact one.
var units = []struct {
	suffix string
	bytes  int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// parseSize reads a count of bytes with an optional binary unit.
func parseSize(v string) (int64, error) {
	factor := int64(1)
	for _, u := range units {
		if rest, found := strings.CutSuffix(v, u.suffix); found {
			v, factor = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("size %q: %w", v, err)
	}
	if n > math.MaxInt64/factor || n < 0 {
		return 0, fmt.Errorf("size %q is out of range", v)
	}
	return n * factor, nil
}

// formatSize writes a count of bytes in the coarsest unit that is exact.
func formatSize(n int64) string {
	for _, u := range units {
		if n%u.bytes == 0 && n >= u.bytes {
			return strconv.FormatInt(n/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(n, 10)
}
