package locales

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	keyForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	paramsOf = regexp.MustCompile(`\{[a-z][a-zA-Z0-9_]*\}`)
)

func TestLanguagesHaveTheSameKeysAndParameters(t *testing.T) {
	t.Parallel()
	chinese, english := catalogues()[Chinese], catalogues()[English]
	require.Equal(t, Keys(English), Keys(Chinese), "a key is in one catalogue and not in the other")
	for key, text := range chinese {
		require.NotEmpty(t, strings.TrimSpace(text), "zh-CN %s is empty", key)
		require.NotEmpty(t, strings.TrimSpace(english[key]), "en %s is empty", key)
		require.Equal(t, parameters(english[key]), parameters(text), "parameters of %s differ", key)
	}
}

// parameters lists the distinct parameters of a text, sorted.
func parameters(text string) []string {
	found := paramsOf.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestFilesAreFlatAndSorted reads the files as they lie, because a decoder
// would forgive doubled and unsorted keys.
func TestFilesAreFlatAndSorted(t *testing.T) {
	t.Parallel()
	for _, l := range All() {
		content, err := files.ReadFile(string(l) + ".json")
		require.NoError(t, err)
		decoder := json.NewDecoder(bytes.NewReader(content))
		token, err := decoder.Token()
		require.NoError(t, err)
		require.Equal(t, json.Delim('{'), token)
		var keys []string
		for decoder.More() {
			key, err := decoder.Token()
			require.NoError(t, err)
			keys = append(keys, key.(string))
			value, err := decoder.Token()
			require.NoError(t, err)
			require.IsType(t, "", value, "%s: %s must be a text", l, key)
		}
		require.True(t, slices.IsSorted(keys), "%s.json: keys must be sorted", l)
		require.Len(t, slices.Compact(keys), len(Keys(l)), "%s.json: a key stands twice", l)
		for _, key := range keys {
			require.Regexp(t, keyForm, key)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	text, found := Lookup(English, "error.internal", map[string]any{"id": "42"})
	require.True(t, found)
	require.Contains(t, text, "42")
	chinese, found := Lookup("fr", "error.internal", map[string]any{"id": "42"})
	require.True(t, found)
	require.NotEqual(t, text, chinese)

	_, found = Lookup(English, "no.such_key", nil)
	require.False(t, found)
	require.Equal(t, "no.such_key", Text(English, "no.such_key", nil))
}

func TestFill(t *testing.T) {
	t.Parallel()
	require.Equal(t, "3 of 4 {c}", Fill("{a} of {b} {c}", map[string]any{"a": 3, "b": 4}))
	require.Equal(t, "{b}", Fill("{a}", map[string]any{"a": "{b}", "b": "x"}), "values are not filled again")
	require.Equal(t, "{a}", Fill("{a}", nil))
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Locale{
		"":                         Chinese,
		"en":                       English,
		"en-GB,zh;q=0.5":           English,
		"fr, zh-TW;q=0.9, en;q=.8": Chinese,
		"en;q=0.2, zh;q=0.7":       Chinese,
		"de":                       Chinese,
		"*":                        Chinese,
		"zh;q=0, en;q=0.1":         English,
		"en;q=huge":                Chinese,
	} {
		require.Equal(t, want, Match(header, Chinese), header)
	}
}
