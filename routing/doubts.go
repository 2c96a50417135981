package routing

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"muster/tenants/database"
	"muster/tenants/fault"
)

// The guard against an input that the floor cannot take. An engine that failed, or
// whose rows were refused, is thrown away and rebuilt; what was in the failed group is
// doubted. Doubted inputs are then tried one by one, after a tick has shown that the
// floor itself is sound. Who fails alone, for the second time, is set aside. For the
// others this costs two rebuilds and one small commit for each input of the group.

// failuresMost is how often an input may fail before it is set aside.
const failuresMost = 2

// doubtsMost and doubtFor bound what is remembered: callers may never come back.
const (
	doubtsMost = 10_000
	doubtFor   = 5 * time.Minute
	shunFor    = 10 * time.Minute
)

// doubt is what is held against an input.
type doubt struct {
	times int
	cause error
	since time.Time
}

// doubts are the inputs that were in a group which failed. Of Run alone.
type doubts struct {
	held    map[string]*doubt
	shunned map[string]time.Time // the leader's own inputs that were set aside, until when
}

// key names an input across attempts; a tick has none: it is never an input's fault.
func (i *item) key() string {
	switch {
	case !i.ID.IsZero():
		return i.ID.String()
	case i.Kind == KindLost:
		return "lost/" + i.Event.Agent.String()
	case i.Kind == kindReconfig:
		return fmt.Sprint("config/", i.Event.Config.Version)
	}
	return ""
}

// blamed wraps the failure of a group whose inputs are doubted now: the lead begins
// anew at once.
type blamed struct{ error }

// Unwrap gives the failure.
func (b blamed) Unwrap() error { return b.error }

// poisonous reports a failure that comes from what an input says, and not from a
// database that is away or another node that leads.
func poisonous(err error) bool {
	var p *panicked
	var value *json.UnsupportedValueError
	var marshal *json.MarshalerError
	if errors.As(err, &p) || errors.As(err, &value) || errors.As(err, &marshal) {
		return true
	}
	return database.RefusedContent(err) || fault.KindOf(err) == fault.Invalid
}

// blame doubts the inputs of a failed group.
func (d *doubts) blame(group []item, err error) error {
	if !poisonous(err) {
		return err
	}
	now := time.Now()
	for key, old := range d.held {
		if now.Sub(old.since) > doubtFor || len(d.held) > doubtsMost {
			delete(d.held, key)
		}
	}
	again := false
	for i := range group {
		key := group[i].key()
		if key == "" {
			continue
		}
		if d.held == nil {
			d.held = map[string]*doubt{}
		}
		if d.held[key] == nil {
			d.held[key] = &doubt{}
		}
		held := d.held[key]
		held.times, held.cause, held.since = held.times+1, err, now
		again = again || held.times <= failuresMost
	}
	if !again { // of what is known no retry will help: wait
		return err
	}
	return blamed{err}
}

// clear takes a group back out of doubt that was committed.
func (d *doubts) clear(group []item) {
	for i := range group {
		key := group[i].key()
		if group[i].aside != "" && group[i].ID.IsZero() {
			if d.shunned == nil {
				d.shunned = map[string]time.Time{}
			}
			d.shunned[key] = time.Now().Add(shunFor)
		}
		if len(d.held) > 0 {
			delete(d.held, key)
		}
	}
}

// split parts a group into inputs in good standing and doubted ones, in their order,
// and marks those of the latter that are to be set aside.
func (d *doubts) split(group []item) (sound, doubted []item) {
	if len(d.held) == 0 && len(d.shunned) == 0 {
		return group, nil
	}
	for _, i := range group {
		key := i.key()
		if time.Now().Before(d.shunned[key]) {
			continue
		}
		held := d.held[key]
		if held == nil {
			sound = append(sound, i)
			continue
		}
		if held.times >= failuresMost {
			i.aside = causeText(held.cause)
		}
		doubted = append(doubted, i)
	}
	return sound, doubted
}

// guarded runs a function and gives its panic as an error.
func guarded(run func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p, stack: debug.Stack()}
		}
	}()
	return run()
}
