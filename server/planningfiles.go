package server

import (
	"context"
	"mime"
	"net/http"
	"strconv"

	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/ids"
)

// csvFile is an answer that is a CSV file.
type csvFile struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func newCSVFile(name string, text []byte) *csvFile {
	return &csvFile{ContentType: "text/csv; charset=utf-8", ContentDisposition: `attachment; filename="` + name + `"`, Body: text}
}

// maxForecastFile bounds an uploaded forecast.
const maxForecastFile = 32 << 20

// registerForecastFiles registers the exchange of forecasts as files.
func (s *Server) registerForecastFiles() {
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}/export", id: "export-forecast", summary: "A version as CSV, in the form that the import reads", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*csvFile, error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.VisibleForecast(ctx, call.Scope, id, call.Identity.May("forecasts", access.Edit))
			if err != nil {
				return nil, err
			}
			text, err := s.deps.Scheduling.ForecastCSV(ctx, call.Scope, f)
			return newCSVFile("forecast.csv", text), err
		})
	s.registerClientForecasts()
	type compareQuery struct {
		IDPath
		With string `query:"with" doc:"The other version; default the client's newest for ours, our newest published one for the client's"`
	}
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}/comparison", id: "compare-forecasts", summary: "Two versions side by side per week: WAPE and bias between them and of each against what came", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *compareQuery) (*one[scheduling.ForecastComparison], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			with, err := optionalID[ids.Forecast](in.With)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.CompareForecasts(ctx, call.Scope, id, with, call.Identity.May("forecasts", access.Edit))
			return &one[scheduling.ForecastComparison]{Body: v}, err
		})
}

// clientUpload is a client's file as callers send it.
type clientUpload struct {
	Client   string `json:"client_id" format:"uuid"`
	Name     string `json:"name,omitempty" maxLength:"200"`
	FileName string `json:"file_name,omitempty" maxLength:"200"`
	CSV      string `json:"csv,omitempty" doc:"The file as text, or file"`
	File     []byte `json:"file,omitempty" doc:"CSV or .xlsx, base64; columns queue, start, volume and perhaps low, high, aht_seconds"`
}

// read checks the client and gives what the service takes.
func (u clientUpload) read(ctx context.Context, s *Server, call *Call) (scheduling.NewClientForecast, error) {
	client, err := s.visibleClient(ctx, call, u.Client)
	n := scheduling.NewClientForecast{Client: client, Name: u.Name, FileName: u.FileName, Text: u.File, Actor: call.Identity.User.ID}
	if len(n.Text) == 0 {
		n.Text = []byte(u.CSV)
	}
	return n, err
}

// registerClientForecasts registers what clients hand in.
func (s *Server) registerClientForecasts() {
	type check struct {
		Body clientUpload
	}
	read(s, route{method: http.MethodPost, path: "/forecasts/import/preview", id: "preview-client-forecast", summary: "What a client's file would be taken in as, and every line that cannot be used; stores nothing", tag: "forecasts", need: uploadForecasts, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *check) (*one[scheduling.UploadCheck], error) {
			n, err := in.Body.read(ctx, s, call)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.CheckClientForecast(ctx, call.Scope, n)
			return &one[scheduling.UploadCheck]{Body: v}, err
		})
	type upload struct {
		Keyed
		Body clientUpload
	}
	change(s, route{method: http.MethodPost, path: "/forecasts/import", id: "import-forecast", summary: "Hand in the client's own forecast; it is kept beside ours with its file and never changes", tag: "forecasts", need: uploadForecasts, status: http.StatusCreated, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *upload) (*one[scheduling.Forecast], error) {
			n, err := in.Body.read(ctx, s, call)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.ImportForecast(ctx, call.Scope, n)
			call.Touch(f.ID, n.Client)
			call.Note("sha256", f.Settings.FileSHA256)
			return &one[scheduling.Forecast]{Body: f}, err
		})
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}/file", id: "get-client-forecast-file", summary: "The file that a client handed in, as it came", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*csvFile, error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			file, content, err := s.deps.Scheduling.OriginalFile(ctx, call.Scope, id)
			return &csvFile{ContentType: file.MediaType, ContentDisposition: mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}), Body: content}, err
		})
}

// registerForecastWorkbooks registers the round trip of a version through Excel or CSV.
func (s *Server) registerForecastWorkbooks() {
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}/workbook", id: "export-forecast-workbook", summary: "A version as .xlsx, a sheet per queue, to edit and send back", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*csvFile, error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.VisibleForecast(ctx, call.Scope, id, call.Identity.May("forecasts", access.Edit))
			if err != nil {
				return nil, err
			}
			book, err := s.deps.Scheduling.ForecastWorkbook(ctx, call.Scope, f)
			return &csvFile{ContentType: xlsxType, ContentDisposition: `attachment; filename="forecast-v` + strconv.Itoa(f.Version) + `.xlsx"`, Body: book}, err
		})
	type editsBody struct {
		Name     string `json:"name,omitempty" maxLength:"200" doc:"Of the adjustment; default the file's"`
		FileName string `json:"file_name,omitempty" maxLength:"200"`
		File     []byte `json:"file" doc:"The edited .xlsx or CSV of this version, base64"`
	}
	type edits struct {
		IDPath
		Body editsBody
	}
	read(s, route{method: http.MethodPost, path: "/forecasts/{id}/file/preview", id: "preview-forecast-file", summary: "What an edited file would change; stores nothing", tag: "forecasts", need: editForecasts, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *edits) (*one[scheduling.FileDifference], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.deps.Scheduling.PreviewEdits(ctx, call.Scope, id, scheduling.EditFile{Name: in.Body.Name, FileName: in.Body.FileName, Content: in.Body.File})
			return &one[scheduling.FileDifference]{Body: d}, err
		})
	type keyedEdits struct {
		IDPath
		Keyed
		Body editsBody
	}
	type applied struct {
		Forecast   scheduling.Forecast       `json:"forecast"`
		Difference scheduling.FileDifference `json:"difference"`
	}
	change(s, route{method: http.MethodPost, path: "/forecasts/{id}/file", id: "apply-forecast-file", summary: "Make what an edited file changes one named adjustment; a published version is copied into a new draft", tag: "forecasts", need: editForecasts, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *keyedEdits) (*one[applied], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			f, d, err := s.deps.Scheduling.ImportEdits(ctx, call.Scope, id, scheduling.EditFile{Name: in.Body.Name, FileName: in.Body.FileName, Content: in.Body.File, Actor: call.Identity.User.ID})
			call.Touch(f.ID, f.ClientID)
			call.Note("changed", d.Changed)
			return &one[applied]{Body: applied{f, d}}, err
		})
}
