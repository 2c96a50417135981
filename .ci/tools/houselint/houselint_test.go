package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lint writes the files as a module and gives the findings, one per line.
func lint(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	findings, err := check(root)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(findings, "\n")
}

func TestRules(t *testing.T) {
	tests := map[string]struct {
		path, code string
		want       string // empty: accepted
	}{
		"service imports a lower floor":     {"billing/a.go", `import _ "muster/routing"`, ""},
		"service imports a higher floor":    {"routing/a.go", `import _ "muster/billing"`, "only lower floors"},
		"service imports its engine":        {"routing/a.go", `import _ "muster/routing/engine"`, ""},
		"engine imports its service":        {"routing/engine/a.go", `import _ "muster/routing"`, "never imports a service"},
		"engine imports a lower service":    {"routing/engine/a.go", `import _ "muster/tenants/jobs"`, "never imports a service"},
		"engine imports a value type":       {"routing/engine/a.go", `import _ "muster/tenants/money"`, ""},
		"engine imports an engine":          {"routing/simulation/a.go", `import _ "muster/routing/engine"`, ""},
		"engine imports settings":           {"routing/engine/a.go", `import _ "muster/config"`, "settings as values"},
		"value imports a service":           {"tenants/money/a.go", `import _ "muster/tenants/access"`, "never imports a service"},
		"engine imports gorm":               {"routing/engine/a.go", `import _ "gorm.io/gorm"`, "takes values"},
		"engine imports the network":        {"routing/engine/a.go", `import _ "net/http"`, "takes values"},
		"engine imports math":               {"routing/engine/a.go", `import _ "math"`, ""},
		"engine test reads a service":       {"routing/engine/a_test.go", `import _ "muster/tenants/database"`, ""},
		"screens import the house":          {"frontend/a.go", `import _ "muster/config"`, "only the embed"},
		"a service serves the screens":      {"routing/a.go", `import _ "muster/frontend"`, "only the server"},
		"the server serves the screens":     {"server/a.go", `import _ "muster/frontend"`, ""},
		"engine reads the clock":            {"routing/engine/a.go", "import \"time\"\nvar _ = time.Now", "time.Now in an engine"},
		"service reads the clock":           {"routing/a.go", "import \"time\"\nvar _ = time.Now", ""},
		"engine counts durations":           {"routing/engine/a.go", "import \"time\"\nvar _ = time.Second", ""},
		"engine rolls global dice":          {"routing/engine/a.go", "import \"math/rand/v2\"\nvar _ = rand.IntN", "keyed by seed"},
		"engine rolls keyed dice":           {"routing/engine/a.go", "import \"math/rand/v2\"\nvar _ = rand.NewPCG", ""},
		"statement outside the door":        {"routing/a.go", "const q = `\n select a from b`", "an SQL statement outside"},
		"fragment of a condition":           {"routing/a.go", `const q = "client_id = ? and at >= ?"`, ""},
		"ordinary sentence":                 {"routing/a.go", `const q = "Update the rate card first"`, ""},
		"statement at the door":             {"tenants/database/a.go", "const q = `select a from b`", ""},
		"statement in a test":               {"routing/a_test.go", "const q = `select a from b`", ""},
		"database/sql outside the door":     {"routing/a.go", `import _ "database/sql"`, "import of database/sql"},
		"driver interface outside the door": {"routing/a.go", `import _ "database/sql/driver"`, ""},
		"raw call outside the door":         {"routing/a.go", "import \"gorm.io/gorm\"\nfunc f(d *gorm.DB) { d.Raw(x) }", "raw SQL by Raw"},
		"unknown folder":                    {"misc/a.go", "", "unknown top-level folder"},
		"folder that says nothing":          {"routing/utils/a.go", "", "says nothing"},
		"leftover":                          {"routing/a.go", "// TO" + "DO later", "left behind"},
		"long file":                         {"routing/a.go", strings.Repeat("\n", maxLines), "at most"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Dir(test.path)
			found := lint(t, map[string]string{
				test.path:       "package x\n" + test.code + "\n",
				dir + "/doc.go": "// Package x is documented.\npackage x\n",
			})
			if test.want == "" && found != "" {
				t.Fatalf("refused: %s", found)
			}
			if !strings.Contains(found, test.want) {
				t.Fatalf("want %q in %q", test.want, found)
			}
		})
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	found := lint(t, map[string]string{
		"routing/a.go":       "package routing\n",
		"billing/b.go":       "// Package billing has its comment in the wrong file.\npackage billing\n",
		"cmd/muster/main.go": "package main\n",
		"server/x_test.go":   "package server\n",
	})
	for _, want := range []string{"routing: no doc.go", "billing: no doc.go", "cmd/muster: the command has no package comment"} {
		if !strings.Contains(found, want) {
			t.Fatalf("want %q in %q", want, found)
		}
	}
	if strings.Contains(found, "server") {
		t.Fatalf("a folder of tests alone needs no doc.go: %q", found)
	}
}
