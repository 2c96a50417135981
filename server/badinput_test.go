package server_test

import (
	"bytes"
	"compress/gzip"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/scope"
)

// upload makes a multipart body of fields, in order as pairs, and then a file.
func upload(t *testing.T, file []byte, fields ...string) (body, mediaType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		require.NoError(t, w.WriteField(fields[i], fields[i+1]))
	}
	if file != nil {
		part, err := w.CreateFormFile("file", "calls.csv")
		require.NoError(t, err)
		_, err = part.Write(file)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String(), w.FormDataContentType()
}

// TestBadUploadsAreRefused sends files and forms that are wrong; no import comes of them.
func TestBadUploadsAreRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		mine := d.as("mine", access.Manager, access.ClientDomain(d.one.ID))
		reader := d.as("reader", access.ClientRole, access.ClientDomain(d.one.ID))
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		_, err := w.Write([]byte(strings.Repeat("id,at\n1,2026-03-02 08:00\n", 100)))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		calls := []byte("id,at\n1,2026-03-02 08:00\n")
		for name, c := range map[string]struct {
			who    *caller
			file   []byte
			fields []string
			status int
			code   string
		}{
			"broken gzip":       {admin, zipped.Bytes()[:zipped.Len()/2], []string{"client", "client-0", "kind", "contacts"}, 422, "import.broken_gzip"},
			"empty file":        {admin, []byte{}, []string{"client", "client-0", "kind", "contacts"}, 422, "import.empty_file"},
			"web page":          {admin, []byte("<!doctype html><html><body>Sign in</body></html>"), []string{"client", "client-0", "kind", "contacts"}, 422, "import.not_a_table"},
			"unknown client":    {admin, calls, []string{"client", "nobody", "kind", "contacts"}, 404, "client.not_found"},
			"foreign client":    {mine, calls, []string{"client", "client-1", "kind", "contacts"}, 404, "client.not_found"},
			"unknown kind":      {admin, calls, []string{"client", "client-0", "kind", "calls"}, 422, "import.unknown_kind"},
			"unknown field":     {admin, calls, []string{"client", "client-0", "kind", "contacts", "colour", "red"}, 422, "http.unknown_field"},
			"unreadable map":    {admin, calls, []string{"client", "client-0", "kind", "contacts", "mapping", "kind: [contacts"}, 422, "import.mapping_unreadable"},
			"no fields":         {admin, calls, nil, 422, "import.fields_missing"},
			"no file":           {admin, nil, []string{"client", "client-0", "kind", "contacts"}, 422, "import.no_file"},
			"right is missing":  {reader, calls, []string{"client", "client-0", "kind", "contacts"}, 403, "access.forbidden"},
			"nobody signed in":  {&caller{door: d}, calls, []string{"client", "client-0", "kind", "contacts"}, 401, "access.no_session"},
			"ten megabyte line": {admin, append([]byte("id,at\n1,"), bytes.Repeat([]byte("x"), 10<<20)...), []string{"client", "client-0", "kind", "contacts"}, 413, "import.line_too_long"},
		} {
			t.Run(name, func(t *testing.T) {
				body, mediaType := upload(t, c.file, c.fields...)
				refused(t, c.who.send("POST", "/api/v1/imports/preview", body, "Content-Type", mediaType), c.status, c.code)
			})
		}
		refused(t, admin.send("POST", "/api/v1/imports", "id,at\n", "Content-Type", "text/csv"), 415, "http.content_type")
		none := admin.send("GET", "/api/v1/imports", nil)
		require.Equal(t, 200, none.status)
		require.Empty(t, none.field("items"))
	})
}

// TestBadBodiesLeaveNothingBehind sends clients and queues that are wrong in one place.
func TestBadBodiesLeaveNothingBehind(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		lob, err := d.deps.Contracts.CreateLOB(t.Context(), scope.Provider(), contract.LOB{ClientID: d.one.ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		clients, queues := "/api/v1/clients", "/api/v1/clients/"+d.one.ID.String()+"/queues"
		for name, c := range map[string]struct {
			path, body string
			status     int
			code, says string
		}{
			"unknown field":    {clients, `{"slug":"n","name":"N","zone":"UTC","currency":"EUR","colour_of_hair":"red"}`, 422, "http.malformed", "colour_of_hair"},
			"unknown zone":     {clients, `{"slug":"n","name":"N","zone":"Mars/Base","currency":"EUR"}`, 422, "contract.unknown_zone", "Mars/Base"},
			"unknown currency": {clients, `{"slug":"n","name":"N","zone":"UTC","currency":"XYZ"}`, 422, "contract.unknown_currency", "XYZ"},
			"bad slug":         {clients, `{"slug":"N n","name":"N","zone":"UTC","currency":"EUR"}`, 422, "contract.bad_slug", "lower-case"},
			"not a number":     {clients, `{"slug":NaN,"name":"N","zone":"UTC","currency":"EUR"}`, 400, "http.malformed", ""},
			"unknown channel":  {queues, `{"lob_id":"` + lob.ID.String() + `","slug":"q","name":"Q","channel":"fax"}`, 422, "http.malformed", "voice, chat, mail, app, social"},
		} {
			t.Run(name, func(t *testing.T) {
				a := admin.send("POST", c.path, c.body)
				require.Equal(t, c.status, a.status, a.body)
				if c.code != "" {
					require.Equal(t, c.code, a.field("code"))
				}
				require.Contains(t, a.body, c.says)
			})
		}
		all, err := d.deps.Contracts.Clients(t.Context(), scope.Provider())
		require.NoError(t, err)
		require.Len(t, all, 2)
		known, err := d.deps.Contracts.Queues(t.Context(), scope.Provider(), d.one.ID)
		require.NoError(t, err)
		require.Empty(t, known)
	})
}

func TestImportTemplatesAreForThoseWhoImport(t *testing.T) {
	d := open(t, databasetest.OpenSQLite(t))
	admin := d.as("admin", access.Admin, access.ProviderDomain)
	client := d.as("client", access.ClientRole, access.ClientDomain(d.one.ID))
	file := admin.send("GET", "/api/v1/import-templates/people", nil)
	require.Equal(t, 200, file.status, file.body)
	require.Equal(t, "PK", file.body[:2])
	require.Contains(t, file.header.Get("Content-Disposition"), "people-template.xlsx")
	refused(t, admin.send("GET", "/api/v1/import-templates/invoices", nil), 422, "import.unknown_kind")
	refused(t, client.send("GET", "/api/v1/import-templates/people", nil), 403, "access.forbidden")
}
