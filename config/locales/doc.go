// Package locales owns the texts that people read, in zh-CN and en.
//
// The two catalogues are flat JSON files of dotted keys, sorted, with
// parameters in single braces: "import.done": "{count} rows imported". They are
// read here by Go and imported as they are by the screens (i18next with the
// prefix "{" and the suffix "}"). Keys begin with who shows them: "screen." for
// the screens, "error." + code for coded errors, "report." and "mail." for what
// the server writes itself. A test refuses a key or parameter that one
// language has and the other has not.
package locales
