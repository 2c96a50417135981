package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxLines is the most lines a file may have; one subject rarely needs 400.
const maxLines = 700

// sqlHome is the one place where SQL may be written out.
const sqlHome = "tenants/database"

var (
	leftover = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)
	// machine-readable beginnings of a statement; fragments for Where are not statements
	statement = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|create\s+(table|index|unique|view|role|function|database)|drop\s+(table|index|view|role)|alter\s+(table|role)|truncate\s|with\s+(recursive\s+)?\w+\s+as\s*\(|vacuum\b|pragma\s)`)
)

// refusedFolders are names that say nothing about what they hold.
var refusedFolders = []string{"internal", "pkg", "util", "utils", "common", "helpers", "misc", "shared"}

// sqlMethods write SQL by hand when called on a database handle.
var sqlMethods = []string{"Raw", "Exec", "ExecContext", "QueryContext", "QueryRowContext", "PrepareContext"}

// sortedKeys gives the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// checkPlace applies the rules of where a package stands and what it must have.
func checkPlace(p *pkg) []string {
	var findings []string
	if _, known := floors[top(p.path)]; !known {
		findings = append(findings, fmt.Sprintf("%s: unknown top-level folder; the floors are %s", p.path, strings.Join(sortedKeys(floors), ", ")))
	}
	for part := range strings.SplitSeq(p.path, "/") {
		if slices.Contains(refusedFolders, part) {
			findings = append(findings, fmt.Sprintf("%s: a folder named %q says nothing; put a helper where its one user lives", p.path, part))
		}
	}
	hasCode := slices.ContainsFunc(p.files, func(f *file) bool { return !f.test })
	documented := slices.ContainsFunc(p.files, func(f *file) bool { return f.syntax.Doc != nil && !f.test })
	inDoc := slices.ContainsFunc(p.files, func(f *file) bool { return f.syntax.Doc != nil && strings.HasSuffix(f.path, "/doc.go") })
	switch {
	case !hasCode:
	case p.name == "main" && !documented:
		findings = append(findings, fmt.Sprintf("%s: the command has no package comment", p.path))
	case p.name != "main" && !inDoc:
		findings = append(findings, fmt.Sprintf("%s: no doc.go that says what the package owns, what flows in and out, and where its method comes from", p.path))
	}
	return findings
}

// checkFile applies the rules of one file.
func checkFile(p *pkg, f *file) []string {
	var findings []string
	if f.lines > maxLines && !f.generated {
		findings = append(findings, fmt.Sprintf("%s: %d lines; a file has one subject and at most %d", f.path, f.lines, maxLines))
	}
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			if word := leftover.FindString(c.Text); word != "" {
				findings = append(findings, fmt.Sprintf("%s: %s left behind; do it or drop it", f.at(c), word))
			}
		}
	}
	if !f.test && !within(p.path, []string{sqlHome}) {
		findings = append(findings, checkSQL(f)...)
	}
	if !f.test && within(p.path, engines) {
		findings = append(findings, checkPure(f)...)
	}
	return findings
}

// checkSQL finds SQL written by hand: statements as text, and the calls and
// packages that run them. Tests are free: they look at rows from outside.
func checkSQL(f *file) []string {
	var findings []string
	refuse := func(n ast.Node, what string) {
		findings = append(findings, fmt.Sprintf("%s: %s outside %s", f.at(n), what, sqlHome))
	}
	imports := f.imports()
	for _, path := range sortedKeys(imports) {
		if path == "database/sql" || strings.HasPrefix(path, "github.com/jackc/pgx") || strings.HasPrefix(path, "github.com/glebarez/") || strings.HasPrefix(path, "gorm.io/driver/") {
			refuse(imports[path], "import of "+path)
		}
	}
	_, gorm := imports["gorm.io/gorm"]
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.SelectorExpr); ok && gorm && slices.Contains(sqlMethods, called.Sel.Name) {
				refuse(n, "raw SQL by "+called.Sel.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && statement.MatchString(strings.Trim(n.Value, "`\"")) {
				refuse(n, "an SQL statement")
			}
		}
		return true
	})
	return findings
}

// clockAndChance are functions whose answer differs from run to run.
var clockAndChance = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"},
	"os":   {"Getenv", "LookupEnv", "Environ", "Exit"},
}

// checkPure finds calls of the clock and the process in an engine, and global
// randomness; math/rand/v2 is allowed for its keyed sources alone.
func checkPure(f *file) []string {
	var findings []string
	imports := f.imports()
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		called, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name, ok := called.X.(*ast.Ident)
		if !ok {
			return true
		}
		if _, imported := imports[name.Name]; imported && slices.Contains(clockAndChance[name.Name], called.Sel.Name) {
			findings = append(findings, fmt.Sprintf("%s: %s.%s in an engine; take the instant or value as an argument", f.at(n), name.Name, called.Sel.Name))
		}
		if _, imported := imports["math/rand/v2"]; imported && name.Name == "rand" && !keyed(called.Sel.Name) {
			findings = append(findings, fmt.Sprintf("%s: rand.%s in an engine; use a stream keyed by seed, replication and entity", f.at(n), called.Sel.Name))
		}
		return true
	})
	return findings
}

// keyed reports whether a name of math/rand/v2 makes or names a seeded source.
func keyed(name string) bool {
	return slices.Contains([]string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "PCG", "ChaCha8", "Source", "Zipf"}, name)
}
