package locales

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Locale is a language muster speaks.
type Locale string

// The languages.
const (
	Chinese Locale = "zh-CN"
	English Locale = "en"
)

// All lists the languages, the default first.
func All() []Locale { return []Locale{Chinese, English} }

//go:embed zh-CN.json en.json
var files embed.FS

// catalogues reads the embedded files once; they are part of the binary and a
// test reads them, so a failure is a broken build.
var catalogues = sync.OnceValue(func() map[Locale]map[string]string {
	read := map[Locale]map[string]string{}
	for _, l := range All() {
		texts, err := parse(string(l) + ".json")
		if err != nil {
			panic(err)
		}
		read[l] = texts
	}
	return read
})

// parse reads one catalogue.
func parse(name string) (map[string]string, error) {
	content, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("locales: %w", err)
	}
	var texts map[string]string
	if err := json.Unmarshal(content, &texts); err != nil {
		return nil, fmt.Errorf("locales: %s: %w", name, err)
	}
	return texts, nil
}

// Lookup gives the text of a key with its parameters filled in, and whether
// the catalogue has the key. An unknown locale is read as Chinese.
func Lookup(locale Locale, key string, params map[string]any) (string, bool) {
	texts, known := catalogues()[locale]
	if !known {
		texts = catalogues()[Chinese]
	}
	text, found := texts[key]
	if !found {
		return "", false
	}
	return Fill(text, params), true
}

// Text gives the text of a key with its parameters filled in, or the key
// itself when the catalogue has no such key, so that the gap can be seen.
func Text(locale Locale, key string, params map[string]any) string {
	if text, found := Lookup(locale, key, params); found {
		return text
	}
	return key
}

// Fault gives the text of a fault's code, error.<code>, or of its family,
// error.<first part>.other, and whether there is one. Besides the fault's own
// parameters a text may use {detail}, the sentence that the fault carries.
func Fault(locale Locale, code, detail string, params map[string]any) (string, bool) {
	all := map[string]any{"detail": detail}
	maps.Copy(all, params)
	if text, found := Lookup(locale, "error."+code, all); found {
		return text, true
	}
	family, _, _ := strings.Cut(code, ".")
	return Lookup(locale, "error."+family+".other", all)
}

// Fill replaces each {name} by its parameter; a name without parameter stays as it is.
func Fill(text string, params map[string]any) string {
	if len(params) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, 2*len(params))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, "{"+name+"}", fmt.Sprint(params[name]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Keys lists the keys of a catalogue, sorted.
func Keys(locale Locale) []string {
	return slices.Sorted(maps.Keys(catalogues()[locale]))
}

// Match gives the language of an Accept-Language header (RFC 9110, 12.5.4):
// the supported language of the highest quality, and fallback when none fits.
func Match(header string, fallback Locale) Locale {
	best, quality := fallback, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if value, found := strings.CutPrefix(strings.TrimSpace(parameter), "q="); found {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		language, _, _ := strings.Cut(strings.ToLower(tag), "-")
		candidate := map[string]Locale{"zh": Chinese, "en": English, "*": fallback}[language]
		if candidate != "" && q > quality && q <= 1 {
			best, quality = candidate, q
		}
	}
	return best
}
