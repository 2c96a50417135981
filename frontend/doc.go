// Package frontend holds the screens that the binary serves.
//
// It owns nothing but the built files: the React sources beside it become
// dist by `npm run build`, and the build tag "screens" embeds that folder.
// Without the tag Files is one placeholder page, so that Go builds and tests
// run on a machine without Node. The door (package server) serves Files: names
// under assets/ carry a content hash and may be cached for ever, index.html
// never, and any other GET that accepts text/html answers index.html, because
// the pages route themselves.
package frontend
