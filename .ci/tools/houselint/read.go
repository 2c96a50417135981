package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// module is the path that imports of the house begin with.
const module = "muster"

// A pkg is one directory of Go files.
type pkg struct {
	path  string // below the module, such as "tenants/jobs"
	name  string
	files []*file
}

// A file is one parsed Go file.
type file struct {
	path      string
	test      bool
	generated bool
	lines     int
	set       *token.FileSet
	syntax    *ast.File
}

// at gives "path:line" of a node.
func (f *file) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path, f.set.Position(n.Pos()).Line)
}

// imports gives the imported paths with the node of each.
func (f *file) imports() map[string]ast.Node {
	found := map[string]ast.Node{}
	for _, spec := range f.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			found[p] = spec
		}
	}
	return found
}

// read parses every package below root, in path order.
func read(root string) ([]*pkg, error) {
	var packages []*pkg
	byPath := map[string]*pkg{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f, err := readFile(name, filepath.ToSlash(relative))
		if err != nil {
			return err
		}
		dir := path.Dir(f.path)
		p := byPath[dir]
		if p == nil {
			p = &pkg{path: dir}
			byPath[dir] = p
			packages = append(packages, p)
		}
		if !f.test || p.name == "" {
			p.name = strings.TrimSuffix(f.syntax.Name.Name, "_test")
		}
		p.files = append(p.files, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", root, err)
	}
	return packages, nil
}

// readFile parses one file; relative is its path below the module.
func readFile(name, relative string) (*file, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &file{
		path:      relative,
		test:      strings.HasSuffix(relative, "_test.go"),
		generated: ast.IsGenerated(syntax),
		lines:     strings.Count(string(content), "\n"),
		set:       set,
		syntax:    syntax,
	}
	return f, nil
}
