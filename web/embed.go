// Package web holds the built pages (web/dist), so that one binary carries them. The hall server and the kiosk agent
// serve them; unbuilt, only dist/.gitkeep is in it.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Pages is the root of the built pages: home.html, kiosk.html, screen.html, window.html, manager.html, ticket.html,
// docs.html and assets/.
func Pages() fs.FS {
	pages, err := fs.Sub(dist, "dist")
	if err != nil { // only for an invalid path, which this one is not
		panic(err)
	}
	return pages
}
