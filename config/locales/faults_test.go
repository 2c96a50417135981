package locales

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// faultSite is one place of the sources that makes a fault.
type faultSite struct {
	code   string
	params map[string]bool
	at     string
}

// TestEveryFaultHasATextInEveryLanguage reads the sources for codes of faults. A
// code put together as "family."+rest is spoken for by error.family.other. A text
// may use only parameters that every fault of its code carries, and {detail}.
func TestEveryFaultHasATextInEveryLanguage(t *testing.T) {
	t.Parallel()
	sites := faultSites(t, "../..")
	require.Greater(t, len(sites), 300, "the sources were not found")
	for _, l := range All() {
		texts := catalogues()[l]
		for _, s := range sites {
			text, found := texts["error."+s.code]
			if !found {
				t.Errorf("%s: the fault %s has no text error.%s in %s.json", s.at, s.code, s.code, l)
			}
			for _, p := range parameters(text) {
				if name := strings.Trim(p, "{}"); name != "detail" && !s.params[name] {
					t.Errorf("%s: the %s text of %s uses %s, which the fault does not carry", s.at, l, s.code, p)
				}
			}
		}
	}
}

// TestChineseTextsOfFaultsAreChinese keeps a text from being the English sentence alone.
func TestChineseTextsOfFaultsAreChinese(t *testing.T) {
	t.Parallel()
	han := regexp.MustCompile(`\p{Han}{2}`)
	for key, text := range catalogues()[Chinese] {
		if strings.HasPrefix(key, "error.") {
			require.Regexp(t, han, text, key)
		}
	}
}

func TestFaultFallsBackToItsFamily(t *testing.T) {
	t.Parallel()
	text, found := Fault(English, "roster.template_id", "Template 3 has no id.", nil)
	require.True(t, found)
	require.Equal(t, "Template 3 has no id.", text)
	text, found = Fault(Chinese, "roster.template_id", "Template 3 has no id.", nil)
	require.True(t, found)
	require.Contains(t, text, "Template 3 has no id.")
	_, found = Fault(English, "nobody.knows", "", nil)
	require.False(t, found)
}

// faultSites reads every source file below a directory.
func faultSites(t *testing.T, root string) []faultSite {
	t.Helper()
	var out []faultSite
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, source, 0)
		if err != nil {
			return err
		}
		r := siteReader{carried: map[ast.Expr]map[string]bool{}}
		ast.Inspect(file, r.visit)
		for _, s := range r.sites {
			s.at = set.Position(s.pos).String()
			out = append(out, s.faultSite)
		}
		return nil
	}))
	return out
}

// siteReader collects the places of one file that make faults.
type siteReader struct {
	carried map[ast.Expr]map[string]bool // parameters that calls of With around an expression add
	sites   []struct {
		faultSite
		pos token.Pos
	}
}

// visit looks at one node; calls of With come before what they are called on.
func (r *siteReader) visit(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return true
	}
	name, on := called(call)
	if (name == "With" || name == "Wrap") && on != nil {
		params := map[string]bool{}
		for p := range r.carried[call] {
			params[p] = true
		}
		if p, ok := literal(call.Args[0]); ok && name == "With" {
			params[p] = true
		}
		r.carried[on] = params
		return true
	}
	place := map[string]int{"New": 1, "Newf": 1, "One": 1, "err": 0}
	at, known := place[name]
	if !known || at >= len(call.Args) {
		return true
	}
	if owner, ok := on.(*ast.Ident); (name == "New" || name == "Newf") && (!ok || owner.Name != "fault") {
		return true
	}
	if code, ok := codeOf(call.Args[at]); ok && code != "internal" { // the door writes that text itself
		params := r.carried[call]
		if name == "err" {
			params = map[string]bool{"issues": true}
		}
		r.sites = append(r.sites, struct {
			faultSite
			pos token.Pos
		}{faultSite{code: code, params: params}, call.Pos()})
	}
	return true
}

// called gives the name of the called function, and what it is selected from.
func called(call *ast.CallExpr) (string, ast.Expr) {
	f := call.Fun
	if i, ok := f.(*ast.IndexExpr); ok {
		f = i.X
	}
	switch v := f.(type) {
	case *ast.SelectorExpr:
		return v.Sel.Name, v.X
	case *ast.Ident:
		return v.Name, nil
	}
	return "", nil
}

var codeForm = regexp.MustCompile(`^[a-z_]+(\.[a-z_0-9]+)*$`)

// codeOf reads a code, or the family of one that is put together.
func codeOf(e ast.Expr) (string, bool) {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		family, found := literal(sum.X)
		return family + "other", found && strings.HasSuffix(family, ".")
	}
	code, ok := literal(e)
	return code, ok && codeForm.MatchString(code)
}

// literal gives the value of a string literal.
func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	v, err := strconv.Unquote(l.Value)
	return v, err == nil
}
