package feeds

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"muster/routing/records"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/tabular"
)

// ReadItems reads the body of a request: a JSON array or one JSON object per line
// (application/json, application/x-ndjson), a table (text/csv), or lines of queue_log
// (text/plain) for a feed of that kind. Without a known content type the feed's kind
// decides. What cannot be read as a whole is an error; a line that cannot is an item
// with its problem.
func (f Feed) ReadItems(contentType string, body []byte) ([]Item, error) {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(kind) {
	case "application/json", "application/x-ndjson", "application/jsonl", "application/ndjson":
		return f.readJSON(body)
	case "text/csv":
		return f.readTable(body)
	case "text/plain":
		if f.Kind == QueueLog {
			return f.readLines(body)
		}
	}
	switch f.Kind {
	case QueueLog:
		return f.readLines(body)
	case CSV:
		return f.readTable(body)
	}
	return f.readJSON(body)
}

// tooMany refuses a request before the rest of it is read.
func tooMany(items []Item) error {
	if len(items) > MostEvents {
		return fault.Newf(fault.TooLarge, "feed.too_many", "A request may carry %d events; send the rest in further ones.", MostEvents)
	}
	return nil
}

// readJSON reads an array, or one object per line.
func (f Feed) readJSON(body []byte) ([]Item, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	if len(body) == 0 {
		return nil, nil
	}
	if body[0] != '[' {
		return f.eachLine(body, func(line []byte) Item { return f.readObject(line) })
	}
	var all []json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fault.New(fault.Invalid, "feed.malformed", "The body is no JSON array; nothing of it was taken. One object per line would let the rest in.").Wrap(err)
	}
	out := make([]Item, 0, len(all))
	for i, raw := range all {
		item := f.readObject(raw)
		item.Line = i + 1
		out = append(out, item)
	}
	return out, tooMany(out)
}

// longestLine bounds a line of a body, in bytes.
const longestLine = 64 << 10

// eachLine reads the lines that are not empty.
func (f Feed) eachLine(body []byte, read func([]byte) Item) ([]Item, error) {
	var out []Item
	in := bufio.NewScanner(bytes.NewReader(body))
	in.Buffer(make([]byte, 0, 4096), longestLine)
	for line := 1; in.Scan(); line++ {
		text := bytes.TrimSpace(in.Bytes())
		if len(text) == 0 {
			continue
		}
		item := read(text)
		item.Line = line
		if out = append(out, item); len(out) > MostEvents {
			return nil, tooMany(out)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fault.New(fault.Invalid, "feed.malformed", "A line of the body is longer than 64 KiB; nothing was taken.").Wrap(err)
	}
	return out, nil
}

// readObject reads one event; fields that are unknown are refused, so that a slip of
// the pen is seen.
func (f Feed) readObject(raw []byte) Item {
	item := Item{Raw: clip(string(raw), longestExcerpt)}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(&item.Event)
	if err == nil {
		if _, rest := d.Token(); !errors.Is(rest, io.EOF) {
			err = errors.New("there is more than one object")
		}
	}
	if err != nil {
		item.Problem = refuse("unreadable", "The event cannot be read: %s. Its fields are: %s.", clip(err.Error(), 200), strings.Join(fields, ", "))
		return item
	}
	if item.Event.Line != "" {
		return f.unfold(item)
	}
	return item
}

// unfold reads the queue_log line that an event carries.
func (f Feed) unfold(item Item) Item {
	if f.Kind != QueueLog {
		item.Problem = refuse("not_queue_log", "Only feeds of kind queue_log take lines of queue_log.")
		return item
	}
	e, tells, problem := parseQueueLog(item.Event.Line)
	e.ID, e.Seq = item.Event.ID, item.Event.Seq
	item.Event, item.Silent, item.Problem = e, !tells && problem == nil, problem
	return item
}

// readLines reads lines of queue_log.
func (f Feed) readLines(body []byte) ([]Item, error) {
	return f.eachLine(body, func(line []byte) Item {
		if line[0] == '{' {
			return f.readObject(line)
		}
		return f.unfold(Item{Raw: clip(string(line), longestExcerpt), Event: Event{Line: string(line)}})
	})
}

// fields are the columns of a table of events, and the fields of a JSON event.
var fields = []string{"id", "seq", "at", "type", "agent", "queue", "contact", "code", "customer", "channel", "priority", "intent", "outcome", "wait_ms", "talk_ms", "ring_ms"}

// readTable reads a table with a header of fields.
func (f Feed) readTable(body []byte) ([]Item, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	r, err := tabular.Open(bytes.NewReader(body), tabular.Options{HeaderRow: 1, Expect: fields})
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // bytes in memory
	header := slices.Clone(r.Header())
	for i, h := range header {
		header[i] = strings.ToLower(strings.TrimSpace(h))
		if !slices.Contains(fields, header[i]) {
			return nil, fault.Newf(fault.Invalid, "feed.unknown_column", "The column %q is unknown; the columns are: %s. Nothing was taken.", clip(h, 40), strings.Join(fields, ", ")).With("column", clip(h, 40))
		}
	}
	var out []Item
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, readRow(header, row)); len(out) > MostEvents {
			return nil, tooMany(out)
		}
	}
}

// readRow reads one event of a table.
func readRow(header []string, row tabular.Row) Item {
	item := Item{Line: int(row.Line), Raw: clip(strings.Join(row.Cells, ","), longestExcerpt)}
	if row.Problem != nil {
		item.Problem = refuse("unreadable", "The row cannot be read: %s", row.Problem.Sentence)
		return item
	}
	for i, name := range header {
		if i >= len(row.Cells) {
			break
		}
		if cell := strings.TrimSpace(row.Cells[i]); cell != "" {
			if err := item.Event.set(name, strings.Clone(cell)); err != nil {
				item.Problem = refuse("unreadable", "The field %s cannot be read: %s.", name, clip(err.Error(), 200))
				return item
			}
		}
	}
	return item
}

// set fills a field from text.
func (e *Event) set(name, text string) (err error) {
	number := func() *int64 {
		n, bad := strconv.ParseInt(text, 10, 64)
		err = bad
		return &n
	}
	switch name {
	case "id":
		e.ID = text
	case "seq":
		e.Seq = *number()
	case "at":
		e.At, err = ParseTime(text)
	case "type":
		e.Kind = Kind(text)
	case "agent":
		e.Agent = text
	case "queue":
		e.Queue = text
	case "contact":
		e.Contact = text
	case "code":
		e.Code = text
	case "customer":
		e.Customer = text
	case "channel":
		e.Channel = contract.Channel(text)
	case "priority":
		e.Priority, err = strconv.Atoi(text)
	case "intent":
		e.Intent = text
	case "outcome":
		e.Outcome = records.Outcome(text)
	case "wait_ms":
		e.WaitMS = number()
	case "talk_ms":
		e.TalkMS = number()
	case "ring_ms":
		e.RingMS = number()
	}
	return err
}
