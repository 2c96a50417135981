package main

import (
	"fmt"
	"slices"
	"strings"
)

// floors gives the floor of each top-level folder; a package imports only
// floors below its own, or its own.
var floors = map[string]int{
	"config":     0,
	"frontend":   0, // the embed of the built screens; imports nothing of the house
	"tenants":    1,
	"routing":    2,
	"scheduling": 3,
	"billing":    4,
	"reporting":  5,
	"server":     6,
	"cmd":        7,
}

// engines are pure: values in, values out.
var engines = []string{
	"routing/engine", "routing/simulation", "routing/triage", "routing/knowledge",
	"scheduling/forecast", "scheduling/staffing", "scheduling/roster",
	"billing/rating", "reporting/insight",
}

// values are the types any engine may import. They import what an engine may,
// but may also own the system clock and the source of ids that services inject.
var values = []string{
	"tenants/ids", "tenants/calendar", "tenants/money", "tenants/scope", "tenants/fault",
}

// outside lists imports that an engine may not have: rows, the network, the
// process, global randomness.
var outside = []string{
	"database/sql", "gorm.io/", "github.com/jackc/", "github.com/glebarez/", "github.com/gofiber/",
	"github.com/danielgtaylor/huma", "net/http", "os/exec", "log", "log/slog", "github.com/spf13/",
	"github.com/knadh/", "github.com/prometheus/", "github.com/robfig/cron", "math/rand",
}

// within reports whether a package is one of the listed or below one.
func within(path string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		return path == p || strings.HasPrefix(path, p+"/")
	})
}

// isPure reports whether a package must be pure.
func isPure(path string) bool { return within(path, engines) || within(path, values) }

// top gives the first folder of a path.
func top(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// checkImports applies the rules of who may import whom. Tests of a package
// may use what its floor may use, and tests of an engine may read files.
func checkImports(p *pkg) []string {
	var findings []string
	for _, f := range p.files {
		imports := f.imports()
		for _, imported := range sortedKeys(imports) {
			at := f.at(imports[imported])
			if why := refuseImport(p.path, imported, f.test); why != "" {
				findings = append(findings, fmt.Sprintf("%s: %s imports %s: %s", at, p.path, imported, why))
			}
		}
	}
	return findings
}

// refuseImport says why a package may not import another, or nothing.
func refuseImport(importer, imported string, test bool) string {
	inside, house := strings.CutPrefix(imported, module+"/")
	if !house {
		if isPure(importer) && !test {
			for _, o := range outside {
				if imported == o || (strings.HasSuffix(o, "/") || strings.Contains(o, ".")) && strings.HasPrefix(imported, o) {
					return "an engine takes values and gives values; leave rows, network, log and chance to its service"
				}
			}
		}
		return ""
	}
	from, known := floors[top(importer)]
	to, knownTo := floors[top(inside)]
	switch {
	case !known || !knownTo:
		return "" // checkPlace reports unknown folders
	case importer == inside: // a test from outside of its package
		return ""
	case top(importer) == "frontend":
		return "frontend is only the embed of the built screens"
	case top(inside) == "frontend" && top(importer) != "server" && top(importer) != "cmd" && top(importer) != "frontend":
		return "only the server serves the screens"
	case top(inside) == "config" && top(importer) != "config" && isPure(importer):
		return "an engine takes its settings as values"
	case to > from:
		return "a package imports only lower floors; push the value down or move the code up"
	case isPure(importer) && !isPure(inside):
		if test && strings.HasPrefix(inside, "tenants/") {
			return ""
		}
		return "an engine never imports a service"
	case within(importer, values) && within(inside, engines):
		return "a value type never imports an engine"
	}
	return ""
}
