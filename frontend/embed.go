package frontend

//go:generate sh -c "go run ../cmd/muster openapi > openapi.json"

import (
	"embed"
	"io/fs"
)

// Index is the name of the page that starts the screens, in Files.
const Index = "index.html"

// ImmutablePrefix is the folder in Files whose names carry a content hash: a
// changed file has a new name, so a browser may keep the old one for ever.
const ImmutablePrefix = "assets/"

// Files gives the files to serve, rooted where index.html lies. It is the
// built screens in a binary made with the build tag "screens", and one
// placeholder page otherwise.
func Files() fs.FS { return within(embedded, folder) }

// within roots files at folder. The folder is a constant that go:embed has
// checked at compile time, so a failure is a defect of this package.
func within(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("frontend: " + err.Error())
	}
	return sub
}
