package scheduling

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// NewClientForecast is a forecast that the client made.
type NewClientForecast struct {
	Client   ids.Client
	Name     string
	FileName string
	Text     []byte // CSV or .xlsx with the columns queue (slug), start, volume[, low, high, aht_seconds]
	Actor    ids.User
}

// UploadCheck is what a client's file holds, told before it is handed in.
type UploadCheck struct {
	Rows    int           `json:"rows"` // lines that can be used
	From    calendar.Date `json:"from"`
	To      calendar.Date `json:"to"` // exclusive
	Queues  []UploadQueue `json:"queues"`
	Missing []ids.Queue   `json:"missing"` // queues of the client that the file does not have
	Issues  []FileIssue   `json:"issues"`  // lines that cannot be used: they must be mended first
	SHA256  string        `json:"sha256"`
	// SameAs is the version that was made of the same file, 0 when there is none.
	SameAs int `json:"same_as,omitempty"`
}

// UploadQueue is what a file says of one queue.
type UploadQueue struct {
	QueueID ids.Queue `json:"queue_id"`
	Rows    int       `json:"rows"`
	Volume  float64   `json:"volume"`
}

// clientFile is a client's file as it was read.
type clientFile struct {
	client contract.Client
	queues []contract.Queue
	*forecastFile
	from, to calendar.Date // of the usable lines; to is exclusive
	sum      string
}

// readClientFile reads a file without judging it; what it cannot read at all is an error.
func (s *Service) readClientFile(ctx context.Context, sc scope.Scope, n NewClientForecast) (clientFile, error) {
	out := clientFile{}
	var err error
	if out.client, err = s.Contracts.Client(ctx, sc, n.Client); err != nil {
		return out, err
	}
	zone, err := zoneOf(out.client.Zone)
	if err != nil {
		return out, err
	}
	if out.queues, err = s.Contracts.Queues(ctx, sc, n.Client); err != nil {
		return out, err
	}
	if out.forecastFile, err = readForecastFile(n.Text, zone, out.queues); err != nil {
		return out, err
	}
	for i, p := range out.points {
		day := calendar.DateOf(p.StartAt, zone)
		if i == 0 || day < out.from {
			out.from = day
		}
		out.to = max(out.to, day+1)
	}
	sum := sha256.Sum256(n.Text)
	out.sum = hex.EncodeToString(sum[:])
	return out, nil
}

// CheckClientForecast says what a file would be taken in as and which of its lines
// cannot be used; nothing is stored. A file that is no table is an error.
func (s *Service) CheckClientForecast(ctx context.Context, sc scope.Scope, n NewClientForecast) (UploadCheck, error) {
	file, err := s.readClientFile(ctx, sc, n)
	if err != nil {
		return UploadCheck{}, err
	}
	out := UploadCheck{Rows: len(file.points), From: file.from, To: file.to, Queues: []UploadQueue{}, Missing: []ids.Queue{}, Issues: file.issues, SHA256: file.sum}
	if out.Issues == nil {
		out.Issues = []FileIssue{}
	}
	for _, q := range file.queues {
		v := UploadQueue{QueueID: q.ID}
		for _, p := range file.points {
			if p.QueueID == q.ID {
				v.Rows++
				v.Volume += p.Volume
			}
		}
		switch {
		case v.Rows > 0:
			out.Queues = append(out.Queues, v)
		case q.ArchivedAt == nil:
			out.Missing = append(out.Missing, q.ID)
		}
	}
	known, err := s.Forecasts(ctx, sc, n.Client, false)
	if i := slices.IndexFunc(known, func(f Forecast) bool { return f.Settings.FileSHA256 == file.sum }); i >= 0 {
		out.SameAs = known[i].Version
	}
	return out, err
}

// ImportForecast stores a client's own forecast beside ours, as a received version
// that never changes, with the file itself, its hash and who sent it. Times without
// zone are local to the client. Low and high default to the volume, handling times to
// those of facts being unknown: three minutes. In a workbook every sheet with the
// columns is read, a sheet without the column queue as the queue of its title.
// Every wrong line is an error that names it. The file is kept as long as was agreed
// (CommitmentDocument.KeepFilesMonths).
func (s *Service) ImportForecast(ctx context.Context, sc scope.Scope, n NewClientForecast) (Forecast, error) {
	file, err := s.readClientFile(ctx, sc, n)
	if err != nil {
		return Forecast{}, err
	}
	if len(file.issues) > 0 {
		return Forecast{}, file.issues[0].fault()
	}
	if len(file.points) == 0 {
		return Forecast{}, fault.New(fault.Invalid, "forecast.file", "The file has no line with a volume.")
	}
	if int(file.to-file.from) > maxDays {
		return Forecast{}, fault.Newf(fault.Invalid, "forecast.days", "A forecast covers 1 to %d days, not %d.", maxDays, int(file.to-file.from)).With("days", int(file.to-file.from))
	}
	points := make([]ForecastPoint, len(file.points))
	for i, p := range file.points {
		p.ClientID = n.Client
		points[i] = p.ForecastPoint
	}
	if n.Name == "" {
		n.Name = file.client.Name + " own " + file.from.String()
	}
	kept, err := s.keepFile(ctx, sc, file, n)
	if err != nil {
		return Forecast{}, err
	}
	zone, err := zoneOf(file.client.Zone)
	if err != nil {
		return Forecast{}, err
	}
	f := Forecast{ClientID: n.Client, Name: n.Name, Status: Received, OriginAt: s.db.Now(), StartAt: file.from.At(0, zone), EndAt: file.to.At(0, zone), IntervalMS: int64(grid / calendar.Millisecond), Zone: file.client.Zone,
		CreatedBy: n.Actor, Explain: ForecastExplain{Queues: []QueueExplain{}},
		Settings: ForecastSettings{Source: SourceClient, Days: int(file.to - file.from), FileName: n.FileName, FileSHA256: file.sum, FileID: kept.ID, FileUntil: kept.ExpiresAt}}
	stored, err := s.storeForecast(ctx, sc, f, points)
	if err != nil {
		_ = s.files.Delete(context.WithoutCancel(ctx), sc, kept.ID) // where even this fails, the file expires
	}
	return stored, err
}

// fileTypes are the media types of what a client hands in, by the name's ending.
var fileTypes = map[string]string{".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".csv": "text/csv"}

// keepFile stores the file as it came, the client's own.
func (s *Service) keepFile(ctx context.Context, sc scope.Scope, file clientFile, n NewClientForecast) (files.File, error) {
	terms, err := s.CommitmentTermsOf(ctx, sc, n.Client)
	if err != nil {
		return files.File{}, err
	}
	zone, err := zoneOf(file.client.Zone)
	if err != nil {
		return files.File{}, err
	}
	today := calendar.DateOf(s.db.Now(), zone)
	spec := files.Spec{Client: n.Client, Name: n.FileName, MediaType: fileTypes[strings.ToLower(path.Ext(n.FileName))], By: n.Actor, ExpiresAt: agreed(terms).on(today).Terms.keepUntil(today).At(0, zone)}
	if strings.TrimSpace(spec.Name) == "" {
		spec.Name = "forecast.csv"
	}
	return s.files.Create(ctx, sc, spec, bytes.NewReader(n.Text))
}

// OriginalFile gives the file that a version was made of, as the client handed it in.
// NotFound forecast.no_file for a version of ours and for a file that has expired.
func (s *Service) OriginalFile(ctx context.Context, sc scope.Scope, id ids.Forecast) (files.File, []byte, error) {
	f, err := s.briefForecast(ctx, sc, id)
	if err != nil {
		return files.File{}, nil, err
	}
	gone := fault.New(fault.NotFound, "forecast.no_file", "The version has no file: it was not handed in, or the time for which its file is kept is over.")
	if f.Settings.FileID.IsZero() {
		return files.File{}, nil, gone
	}
	file, content, err := s.files.Open(ctx, sc.Within(f.ClientID), f.Settings.FileID)
	if fault.CodeOf(err) == "files.not_found" {
		return file, nil, gone
	}
	if err != nil {
		return file, nil, err
	}
	defer func() { _ = content.Close() }()
	text, err := io.ReadAll(content)
	return file, text, err
}
