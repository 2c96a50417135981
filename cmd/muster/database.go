package main

import (
	"path/filepath"

	"muster/config"
	"muster/tenants/database"
)

// databaseFile is the name of the embedded database in data_dir.
const databaseFile = "muster.db"

// databaseOptions gives where the settings say that rows are.
func databaseOptions(s config.Settings) database.Options {
	return database.Options{
		URL:      s.Database.URL,
		AdminURL: s.Database.AdminURL,
		Path:     filepath.Join(s.DataDir, databaseFile),
		MaxConns: s.Database.MaxConnections,
	}
}
