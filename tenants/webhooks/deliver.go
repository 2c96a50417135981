package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

const (
	sendTimeout = 10 * time.Second
	sendLease   = 30 * calendar.Second // another node may send it again after so long
	sendBatch   = 32
	look        = 2 * time.Second // between two looks for deliveries that are due
)

// waits are the times before each further attempt; after the last the delivery is given up.
var waits = []calendar.Instant{10 * calendar.Second, 30 * calendar.Second, 2 * calendar.Minute, 10 * calendar.Minute, calendar.Hour, 6 * calendar.Hour, 24 * calendar.Hour}

// Run makes deliveries of events and sends them until the context ends; any number of nodes may.
func (s *Service) Run(ctx context.Context) error {
	consumer := s.Consumer()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.stream.Consume(ctx, consumer)
	}()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for ctx.Err() == nil {
		if sent, err := s.SendDue(ctx); err == nil && sent == sendBatch {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	<-done
	return nil
}

// Consumer stores a delivery for every event and every active endpoint that wants it.
func (s *Service) Consumer() events.Consumer {
	return events.Consumer{Name: "webhooks", Handle: func(tx *database.Tx, found []events.Event) error {
		var endpoints []Endpoint
		if err := tx.Order("id").Find(&endpoints).Error; err != nil {
			return err
		}
		var rows []Delivery
		for _, e := range found {
			for _, p := range endpoints {
				if !p.wants(e) {
					continue
				}
				body, err := json.Marshal(e)
				if err != nil {
					return err
				}
				now := s.db.Now()
				rows = append(rows, Delivery{ID: ids.New[ids.Any](s.db.IDs()), EndpointID: p.ID, ClientID: p.ClientID, EventID: e.ID, Type: e.Type, Body: string(body), Status: Waiting, NextAt: now, CreatedAt: now})
			}
		}
		_, err := database.Insert(tx, rows)
		return err
	}}
}

// wants reports whether an endpoint may and would hear of an event that happened since it was added.
func (e Endpoint) wants(v events.Event) bool {
	if v.At < e.CreatedAt || !e.ClientID.IsZero() && e.ClientID != v.Client {
		return false
	}
	for _, t := range e.Types {
		if t == v.Type || strings.HasSuffix(t, ".") && strings.HasPrefix(v.Type, t) {
			return true
		}
	}
	return len(e.Types) == 0
}

// SendDue sends what is due, the oldest first, and gives how many it tried.
func (s *Service) SendDue(ctx context.Context) (int, error) {
	var due []Delivery
	var endpoints []Endpoint
	if err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Where("status = ? AND next_at <= ? AND endpoint_id IN (?)", Waiting, s.db.Now(), tx.Model(&Endpoint{}).Select("id").Where("active = ?", true)).Order("next_at, id").Limit(sendBatch).Find(&due).Error; err != nil {
			return err
		}
		return tx.Find(&endpoints).Error
	}); err != nil {
		return 0, err
	}
	byID := map[ids.Any]Endpoint{}
	for _, e := range endpoints {
		byID[e.ID] = e
	}
	queues := map[ids.Any][]Delivery{}
	for _, d := range due {
		queues[d.EndpointID] = append(queues[d.EndpointID], d)
	}
	// A dead endpoint holds up nobody but itself.
	var sending sync.WaitGroup
	failed := make(chan error, len(queues))
	for id, queue := range queues {
		sending.Go(func() {
			for _, d := range queue {
				if ok, err := s.sendOne(ctx, d, byID[id]); err != nil || !ok {
					failed <- err
					return
				}
			}
		})
	}
	sending.Wait()
	close(failed)
	var errs []error
	for err := range failed {
		errs = append(errs, err)
	}
	return len(due), errors.Join(errs...)
}

// sendOne claims a delivery for this node, sends it and stores what came of it; ok tells that the endpoint took it.
func (s *Service) sendOne(ctx context.Context, d Delivery, e Endpoint) (ok bool, err error) {
	mine := false
	if err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r := tx.Model(&Delivery{}).Where("id = ? AND status = ? AND next_at = ?", d.ID, Waiting, d.NextAt).Updates(map[string]any{"next_at": s.db.Now() + sendLease, "attempts": d.Attempts + 1})
		mine = r.RowsAffected == 1
		return r.Error
	}); err != nil || !mine {
		return false, err
	}
	problem := s.send(ctx, d, e)
	now := s.db.Now()
	outcome := map[string]any{"status": Delivered, "delivered_at": now, "problem": ""}
	if problem != nil {
		outcome = map[string]any{"problem": clip(problem.Error())}
		if d.Attempts < len(waits) {
			outcome["next_at"] = now + waits[d.Attempts]
		} else {
			outcome["status"] = GivenUp
		}
	}
	return problem == nil, s.db.Write(context.WithoutCancel(ctx), scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&Delivery{}).Where("id = ? AND status = ?", d.ID, Waiting).Updates(outcome).Error
	})
}

// send makes the request; any answer of 2xx is a delivery.
func (s *Service) send(ctx context.Context, d Delivery, e Endpoint) error {
	secret, err := s.box.Open(sealPurpose, e.Sealed)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader([]byte(d.Body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Muster-Delivery", d.ID.String())
	request.Header.Set(SignatureHeader, Sign(secret, []byte(d.Body), s.db.Now()))
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<16) // so that the connection can be used again
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the endpoint answers with status %d", response.StatusCode)
	}
	return nil
}

// poster makes requests.
type poster interface {
	Do(*http.Request) (*http.Response, error)
}

// newPoster makes a client that follows no redirects and, unless open, connects to public addresses
// only; the address is judged after the name was resolved, so a name cannot lead inside.
func newPoster(open bool) poster {
	dial := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		host, err := netip.ParseAddrPort(address)
		if err != nil || !open && !public(host.Addr()) {
			return errors.New("the address lies in a private network")
		}
		return nil
	}}
	return &http.Client{Transport: &http.Transport{DialContext: dial.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// public reports whether an address is reached from anywhere.
func public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast()
}

// clip keeps the beginning of a text that somebody else wrote.
func clip(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}
