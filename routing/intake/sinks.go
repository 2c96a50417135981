package intake

import (
	"encoding/binary"
	"hash/fnv"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/tabular"
)

// sink gathers the drafts of one kind and stores a batch of them.
type sink interface {
	// holds reports whether the batch already has a draft with the record's key.
	holds(f *fields) bool
	// take makes a draft of the record; an issue refuses it.
	take(f *fields) *tabular.Issue
	// pass remembers what later rows need to know of a row that is stored already.
	pass(f *fields)
	// put stores the batch, or classifies it when the import is a dry run.
	put(tx *database.Tx) ([]records.Verdict, error)
	// span gives the time of the batch's events, empty when the kind has none.
	span() calendar.Interval
	// line gives the line of the batch's i-th draft.
	line(i int) int64
	// fingerprint gives short hashes of the i-th draft's key and content.
	fingerprint(i int) (key, content uint64)
	reset()
}

// sink makes the sink of the import's kind.
func (s *Service) sink(d *job) sink {
	book := records.NewBook(s.db, d.names.place)
	base := batch{job: d, book: book, keys: map[string]bool{}}
	switch d.request.Kind {
	case Contacts:
		return &contactSink{batch: base}
	case Intervals:
		return &intervalSink{batch: base, minutes: d.mapping.Interval.Minutes}
	case States:
		return &stateSink{batch: base}
	case People:
		return &peopleSink{batch: base, service: s}
	default:
		return &codeSink{batch: base, service: s}
	}
}

// batch is what all sinks share.
type batch struct {
	job   *job
	book  *records.Book
	keys  map[string]bool
	lines []int64
	reach calendar.Interval
}

func (b *batch) origin() records.Origin {
	o := records.Origin{Client: b.job.client.ID, Source: b.job.mapping.Source}
	if b.job.row != nil {
		o.Import = b.job.row.ID
	}
	return o
}

func (b *batch) pass(*fields) {}

func (b *batch) line(i int) int64 { return b.lines[i] }

func (b *batch) span() calendar.Interval { return b.reach }

// note remembers a draft's key, line and time.
func (b *batch) note(key string, line int64, from, to calendar.Instant) {
	b.keys[key] = true
	b.lines = append(b.lines, line)
	if b.reach.End == 0 {
		b.reach = calendar.Interval{Start: from, End: to}
	}
	b.reach.Start, b.reach.End = min(b.reach.Start, from), max(b.reach.End, to)
}

func (b *batch) reset() {
	clear(b.keys)
	b.lines, b.reach = b.lines[:0], calendar.Interval{}
}

func short(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

func shortText(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

type contactSink struct {
	batch
	drafts []records.ContactDraft
}

func (s *contactSink) holds(f *fields) bool { return s.keys[f.get("external_id").Text] }

func (s *contactSink) take(f *fields) *tabular.Issue {
	draft, problem := s.job.names.contactDraft(f)
	if problem != nil {
		return problem
	}
	s.drafts = append(s.drafts, draft)
	last := draft.ArrivedAt
	for _, segment := range draft.Segments {
		last = max(last, *segment.WrappedAt)
	}
	s.note(draft.ExternalID, f.record.Line, draft.ArrivedAt, last)
	return nil
}

func (s *contactSink) put(tx *database.Tx) ([]records.Verdict, error) {
	if s.job.row == nil {
		return s.book.ClassifyContacts(tx, s.origin(), s.drafts)
	}
	return s.book.PutContacts(tx, s.origin(), s.drafts)
}

func (s *contactSink) fingerprint(i int) (uint64, uint64) {
	return shortText(s.drafts[i].ExternalID), short(s.drafts[i].Hash())
}

func (s *contactSink) reset() {
	s.drafts = s.drafts[:0]
	s.batch.reset()
}

type intervalSink struct {
	batch
	minutes int
	drafts  []records.IntervalDraft
}

// intervalKey names an interval within its source.
func intervalKey(queue ids.Queue, start calendar.Instant) string {
	return string(queue[:]) + start.String()
}

// holds asks by queue name and label, so a repeated hour may cut a batch early.
func (s *intervalSink) holds(f *fields) bool {
	queue, problem := s.job.names.queue(0, f.get("queue").Text)
	return problem == nil && s.keys[intervalKey(queue.ID, f.get("start").Instant())]
}

func (s *intervalSink) take(f *fields) *tabular.Issue {
	draft, problem := s.job.names.intervalDraft(f, s.minutes, s.job.seen)
	if problem != nil {
		return problem
	}
	s.drafts = append(s.drafts, draft)
	v := draft.Span()
	s.note(intervalKey(draft.QueueID, draft.StartAt), f.record.Line, v.Start, v.End)
	return nil
}

func (s *intervalSink) pass(f *fields) {
	_, _ = s.job.names.intervalDraft(f, s.minutes, s.job.seen) // it notes the labels of repeated hours
}

func (s *intervalSink) put(tx *database.Tx) ([]records.Verdict, error) {
	if s.job.row == nil {
		return s.book.ClassifyIntervals(tx, s.origin(), s.drafts)
	}
	return s.book.PutIntervals(tx, s.origin(), s.drafts)
}

func (s *intervalSink) fingerprint(i int) (uint64, uint64) {
	d := s.drafts[i]
	return shortText(intervalKey(d.QueueID, d.StartAt)), short(d.Hash())
}

func (s *intervalSink) reset() {
	s.drafts = s.drafts[:0]
	s.batch.reset()
}

type stateSink struct {
	batch
	drafts []records.StateDraft
}

func (s *stateSink) holds(f *fields) bool {
	draft, problem := s.job.names.stateDraft(f)
	return problem == nil && s.keys[draft.AgentID.String()+draft.Key()]
}

func (s *stateSink) take(f *fields) *tabular.Issue {
	draft, problem := s.job.names.stateDraft(f)
	if problem != nil {
		return problem
	}
	s.drafts = append(s.drafts, draft)
	s.note(draft.AgentID.String()+draft.Key(), f.record.Line, draft.StartedAt, *draft.EndedAt)
	return nil
}

func (s *stateSink) put(tx *database.Tx) ([]records.Verdict, error) {
	if s.job.row == nil {
		return s.book.ClassifyStates(tx, s.origin(), s.drafts)
	}
	return s.book.PutStates(tx, s.origin(), s.drafts)
}

func (s *stateSink) fingerprint(i int) (uint64, uint64) {
	d := s.drafts[i]
	return shortText(d.AgentID.String(), d.Key()), short(d.Hash())
}

func (s *stateSink) reset() {
	s.drafts = s.drafts[:0]
	s.batch.reset()
}

// codeSink stores what state codes mean.
type codeSink struct {
	batch
	service *Service
	drafts  []StateMap
}

func (s *codeSink) holds(f *fields) bool { return s.keys[fold(f.get("code").Text)] }

func (s *codeSink) take(f *fields) *tabular.Issue {
	s.drafts = append(s.drafts, StateMap{ClientID: s.job.client.ID, Source: s.job.mapping.Source, Code: f.get("code").Text, Activity: records.Activity(f.get("activity").Text),
		Paid: f.get("paid").Text == "yes", Billable: f.get("billable").Text == "yes"})
	s.note(fold(f.get("code").Text), f.record.Line, 0, 0)
	return nil
}

func (s *codeSink) put(tx *database.Tx) ([]records.Verdict, error) {
	verdicts := make([]records.Verdict, len(s.drafts))
	if s.job.row == nil {
		for i, m := range s.drafts {
			if old, found := s.job.names.code(m.Code, "", 0); found {
				verdicts[i].Fate = records.Changed
				if old.same(m) {
					verdicts[i].Fate = records.Unchanged
				}
			}
		}
		return verdicts, nil
	}
	for i := range s.drafts {
		m := s.drafts[i]
		fate, err := putStateMap(tx, s.service.db, &m)
		if err != nil {
			return nil, err
		}
		verdicts[i].Fate = fate
	}
	return verdicts, nil
}

func (s *codeSink) fingerprint(i int) (uint64, uint64) {
	m := s.drafts[i]
	return shortText(fold(m.Code)), shortText(string(m.Activity), yesNo[flag(m.Paid)], yesNo[flag(m.Billable)])
}

func flag(b bool) int {
	if b {
		return 0
	}
	return 1
}

func (s *codeSink) reset() {
	s.drafts = s.drafts[:0]
	s.batch.reset()
}
