package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// envPrefix begins the name of each environment variable that is a setting.
const envPrefix = "MUSTER_"

// FileVariable is the environment variable that names the settings file when
// no flag does.
const FileVariable = "MUSTER_CONFIG"

// testPrefix begins variables that only the test suite reads.
const testPrefix = "MUSTER_TEST_"

// Input says where the layers come from.
type Input struct {
	File    string            // YAML file; empty means the one named by FileVariable, or none
	Environ []string          // as os.Environ gives it
	Flags   map[string]string // dotted key to value, only flags that were given
}

// Problem is one wrong key or value.
type Problem struct {
	Key     string // dotted key, or the name of the variable when no key fits
	Source  string // "file settings.yaml", "environment MUSTER_MODE", "flag", "default"
	Value   string // the value, hidden when secret; empty when the key itself is wrong
	Message string // cause and cure
}

// String gives the problem on one line.
func (p Problem) String() string {
	if p.Value == "" {
		return fmt.Sprintf("%s (%s): %s", p.Key, p.Source, p.Message)
	}
	return fmt.Sprintf("%s = %q (%s): %s", p.Key, p.Value, p.Source, p.Message)
}

// Error lists everything that is wrong with the settings.
type Error struct{ Problems []Problem }

// Error gives one line per problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "settings: " + strings.Join(lines, "\nsettings: ")
}

// Load merges the layers and checks the result. The error is an *Error that
// names every wrong key and value, or says why the file cannot be read.
func Load(in Input) (Settings, error) {
	loaded, err := load(in)
	if err != nil {
		return Settings{}, err
	}
	if len(loaded.problems) > 0 {
		return Settings{}, &Error{Problems: loaded.problems}
	}
	return loaded.settings, nil
}

// loaded is the merged state: the settings as far as they could be read, what
// is wrong with them, and which layer decided each key.
type loaded struct {
	settings Settings
	sources  map[string]string
	problems []Problem
}

// layer is one source of values in text form.
type layer struct {
	name   func(key string) string
	values map[string]string
}

// load merges and checks; only an unreadable file is an error.
func load(in Input) (loaded, error) {
	fromEnv, result := readEnviron(in.Environ)
	path := in.File
	if path == "" {
		path = environValue(in.Environ, FileVariable)
	}
	var layers []layer
	if path != "" {
		fromFile, problems, err := readFile(path)
		if err != nil {
			return loaded{}, err
		}
		layers = append(layers, fromFile)
		result.problems = append(problems, result.problems...)
	}
	layers = append(layers, fromEnv, layer{values: in.Flags, name: func(string) string { return "flag" }})

	merged := koanf.New(".")
	result.sources = map[string]string{}
	for _, l := range layers {
		known := flat{}
		for _, name := range slices.Sorted(maps.Keys(l.values)) {
			if _, ok := findKey(name); !ok {
				result.problems = append(result.problems, Problem{Key: name, Source: l.name(name), Message: unknown(name)})
				continue
			}
			known[name] = l.values[name]
			result.sources[name] = l.name(name)
		}
		if err := merged.Load(known, nil); err != nil {
			return loaded{}, fmt.Errorf("settings: merge: %w", err)
		}
	}
	result.apply(merged)
	result.problems = append(result.problems, result.judge()...)
	return result, nil
}

// apply reads the merged texts over the defaults of their mode.
func (l *loaded) apply(merged *koanf.Koanf) {
	mode := Demo
	if merged.String("mode") == string(Production) {
		mode = Production
	}
	l.settings = Defaults(mode)
	for _, k := range keys {
		if !merged.Exists(k.name) {
			continue
		}
		v := merged.String(k.name)
		if err := k.set(&l.settings, v); err != nil {
			l.problems = append(l.problems, Problem{Key: k.name, Source: l.sources[k.name], Value: k.shown(v), Message: err.Error()})
		}
	}
}

// unknown says what to write instead of a key that does not exist.
func unknown(name string) string {
	if isSection(name) {
		return "is a section, not a setting; its keys stand below it"
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return "unknown key" + maybe(name, names) + `; "muster config show" lists all keys`
}

// shown gives a value without its secret.
func (k key) shown(v string) string {
	if k.hide != nil && v != "" {
		return k.hide(v)
	}
	return v
}

// flat is a koanf provider of dotted keys and text values.
type flat map[string]string

// ReadBytes is not offered by this provider.
func (flat) ReadBytes() ([]byte, error) { return nil, errors.ErrUnsupported }

// Read gives the values as the nested map koanf merges.
func (f flat) Read() (map[string]any, error) {
	k := koanf.New(".")
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if err := k.Set(name, f[name]); err != nil {
			return nil, err
		}
	}
	return k.Raw(), nil
}

// readFile reads a YAML file into text values; the error says why it cannot be read.
func readFile(path string) (layer, []Problem, error) {
	source := "file " + path
	k := koanf.New(".")
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return layer{}, nil, fmt.Errorf("settings file %s does not exist; maybe the path after --config or in %s is wrong", path, FileVariable)
		}
		return layer{}, nil, fmt.Errorf("settings file %s cannot be read as YAML: %w", path, err)
	}
	values := map[string]string{}
	var problems []Problem
	all := k.All()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		v, err := textOf(all[name])
		switch {
		case all[name] == nil && isSection(name): // "http:" with nothing below it
		case err != nil:
			problems = append(problems, Problem{Key: name, Source: source, Message: err.Error()})
		default:
			values[name] = v
		}
	}
	return layer{values: values, name: func(string) string { return source }}, problems, nil
}

// textOf gives the text form of a YAML value.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool, int, int64, uint64:
		return fmt.Sprint(v), nil
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			s, err := textOf(item)
			if err != nil {
				return "", err
			}
			items[i] = s
		}
		return strings.Join(items, ","), nil
	default:
		return "", fmt.Errorf("a text, number, true/false or list is needed, not %v", v)
	}
}

// readEnviron reads the variables that are settings and lists those that only look like one.
func readEnviron(environ []string) (layer, loaded) {
	names := map[string]string{} // variable to key
	var variables []string
	for _, k := range keys {
		names[k.environ()] = k.name
		variables = append(variables, k.environ())
	}
	var found loaded
	k := koanf.New(".")
	provider := env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(variable, value string) (string, any) {
			name, known := names[variable]
			if !known && variable != FileVariable && !strings.HasPrefix(variable, testPrefix) {
				found.problems = append(found.problems, Problem{Key: variable, Source: "environment",
					Message: "unknown variable" + maybe(variable, variables)})
			}
			return name, value
		},
	})
	values := map[string]string{}
	if err := k.Load(provider, nil); err == nil { // the provider reads memory and cannot fail
		for name, v := range k.All() {
			values[name] = fmt.Sprint(v)
		}
	}
	return layer{values: values, name: func(name string) string {
		known, _ := findKey(name)
		return "environment " + known.environ()
	}}, found
}

// environValue gives the last value of a variable, as the shell would.
func environValue(environ []string, name string) string {
	value := ""
	for _, e := range environ {
		if v, found := strings.CutPrefix(e, name+"="); found {
			value = v
		}
	}
	return value
}
