package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/tenants/ids"
)

// crowd is everybody who calls the nodes: systems that report contacts and agents.
type crowd struct {
	t     *testing.T
	world *world
	nodes []*node
	http  *http.Client
	turn  atomic.Int64 // requests go to the nodes in turn

	mu     sync.Mutex
	claims claims
	named  map[ids.Contact]string // key of a contact by the id callers know
}

func newCrowd(t *testing.T, w *world, nodes ...*node) *crowd {
	c := &crowd{t: t, world: w, nodes: nodes, http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 200}}, claims: claims{contacts: map[string]ids.Contact{}}, named: map[ids.Contact]string{}}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// send calls one of the nodes; status 0 means that no answer came.
func (c *crowd) send(ctx context.Context, token, method, path string, body, into any) int {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Error(err)
		}
		content = bytes.NewReader(text)
	}
	n := c.nodes[int(c.turn.Add(1))%len(c.nodes)]
	req, err := http.NewRequestWithContext(ctx, method, "http://"+n.reach()+path, content)
	if err != nil {
		c.t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0 // the node died while it answered
	}
	if res.StatusCode < 300 && into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			c.t.Errorf("%s %s: %v in %s", method, path, err, text)
		}
	}
	if res.StatusCode >= 400 && res.StatusCode < 500 && res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusConflict {
		c.t.Errorf("%s %s: %d %s", method, path, res.StatusCode, text)
	}
	return res.StatusCode
}

// taken is the answer to a contact.
type taken struct {
	Contact ids.Contact `json:"contact_id"`
	Applied bool        `json:"applied"`
}

// report posts one contact until it is acknowledged, as a telephone system would.
func (c *crowd) report(ctx context.Context, external string) taken {
	body := map[string]any{"client_id": c.world.client.ID, "queue_id": c.world.queue.ID, "source": "cti", "external_id": external}
	for ctx.Err() == nil {
		var out taken
		if c.send(ctx, c.world.source, http.MethodPost, "/api/v1/contacts", body, &out) == http.StatusAccepted {
			c.mu.Lock()
			key := "cti/" + external
			c.claims.contacts[key], c.named[out.Contact] = out.Contact, key
			c.mu.Unlock()
			return out
		}
		pause(ctx, 20*time.Millisecond)
	}
	return taken{}
}

// reporter reports contacts until the context ends; what it began it ends. Every
// fourth customer gives up at once.
func (c *crowd) reporter(ctx context.Context, name string, every time.Duration) {
	for i := 0; ctx.Err() == nil; i++ {
		external := fmt.Sprint(name, "-", i)
		out := c.report(context.WithoutCancel(ctx), external)
		if i%4 == 3 && c.send(ctx, c.world.source, http.MethodPost, "/api/v1/contacts/"+out.Contact.String()+"/leave", nil, nil) == http.StatusNoContent {
			c.mu.Lock()
			c.claims.leaves = append(c.claims.leaves, "cti/"+external)
			c.mu.Unlock()
		}
		pause(ctx, every)
	}
}

// dawdler reports contacts a few bytes at a time and reads its answers as slowly; it
// takes up a worker of the node and must hold nobody else up.
func (c *crowd) dawdler(ctx context.Context, name string) {
	for i := 0; ctx.Err() == nil; i++ {
		external := fmt.Sprint(name, "-", i)
		body := fmt.Sprintf(`{"client_id":%q,"queue_id":%q,"source":"cti","external_id":%q}`, c.world.client.ID, c.world.queue.ID, external)
		request := fmt.Sprintf("POST /api/v1/contacts HTTP/1.1\r\nHost: muster\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", c.world.source, len(body), body)
		answer := c.dribble(ctx, request)
		head, content, _ := strings.Cut(answer, "\r\n\r\n")
		var out taken
		if !strings.HasPrefix(head, "HTTP/1.1 202 ") || json.Unmarshal([]byte(content), &out) != nil {
			continue // the connection was cut or the node is gone: nothing was acknowledged
		}
		c.mu.Lock()
		key := "cti/" + external
		c.claims.contacts[key], c.named[out.Contact] = out.Contact, key
		c.mu.Unlock()
	}
}

// staller opens an agent's event stream and hardly reads it.
func (c *crowd) staller(ctx context.Context, token string) {
	request := fmt.Sprintf("GET /api/v1/me/stream HTTP/1.1\r\nHost: muster\r\nAuthorization: Bearer %s\r\n\r\n", token)
	for ctx.Err() == nil {
		c.dribble(ctx, request)
	}
}

// dribble sends a request slowly and reads the answer byte by byte, until the
// connection or the context ends.
func (c *crowd) dribble(ctx context.Context, request string) string {
	n := c.nodes[int(c.turn.Add(1))%len(c.nodes)]
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", n.reach())
	if err != nil {
		pause(ctx, 50*time.Millisecond)
		return ""
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	for part := range slices.Chunk([]byte(request), 40) {
		if _, err := conn.Write(part); err != nil {
			return ""
		}
		pause(ctx, 5*time.Millisecond)
	}
	var answer strings.Builder
	one := make([]byte, 1)
	for {
		if _, err := conn.Read(one); err != nil {
			return answer.String()
		}
		answer.Write(one)
		if answer.Len()%64 == 0 {
			pause(ctx, 5*time.Millisecond)
		}
	}
}

// deskNow is what an agent sees.
type deskNow struct {
	State    string `json:"state"`
	Contacts []struct {
		ID    ids.Contact `json:"id"`
		State string      `json:"state"`
	} `json:"contacts"`
}

// stateOf gives the state of one contact on the desk, "" when it is not there.
func (d deskNow) stateOf(id ids.Contact) string {
	for _, c := range d.Contacts {
		if c.ID == id {
			return c.State
		}
	}
	return ""
}

// agent works like a person: is ready, accepts, finishes, ends the wrap-up. Every
// seventh offer is declined and every ignore-th is left to ring out.
func (c *crowd) agent(ctx context.Context, i, ignore int) {
	token, me := c.world.tokens[i], c.world.agents[i].ID
	ignored := map[ids.Contact]bool{}
	offers := 0
	for ctx.Err() == nil {
		var desk deskNow
		if c.send(ctx, token, http.MethodGet, "/api/v1/me/desk", nil, &desk) == http.StatusOK {
			if desk.State != "ready" {
				c.send(ctx, token, http.MethodPost, "/api/v1/me/state", map[string]string{"state": "ready"}, nil)
			}
			for _, open := range desk.Contacts {
				if ignored[open.ID] && open.State == "offered" {
					continue
				}
				delete(ignored, open.ID)
				var after deskNow
				switch open.State {
				case "offered":
					offers++
					if offers%ignore == 0 {
						ignored[open.ID] = true
						continue
					}
					if offers%7 == 0 {
						c.send(ctx, token, http.MethodPost, "/api/v1/me/offers/"+open.ID.String()+"/decline", nil, nil)
						continue
					}
					if c.send(ctx, token, http.MethodPost, "/api/v1/me/offers/"+open.ID.String()+"/accept", nil, &after) == http.StatusOK && after.stateOf(open.ID) == "accepted" {
						c.claim(&c.claims.accepts, open.ID, me)
					}
				case "accepted":
					if c.send(ctx, token, http.MethodPost, "/api/v1/me/contacts/"+open.ID.String()+"/finish", nil, &after) == http.StatusOK && after.stateOf(open.ID) == "wrapping" {
						c.claim(&c.claims.ends, open.ID, me)
					}
				case "wrapping":
					c.send(ctx, token, http.MethodPost, "/api/v1/me/contacts/"+open.ID.String()+"/wrapped", nil, nil)
				}
			}
		}
		pause(ctx, 20*time.Millisecond)
	}
}

// claim keeps an acknowledged step; its contact gets its key when all is over.
func (c *crowd) claim(list *[]claim, id ids.Contact, agent ids.Agent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*list = append(*list, claim{contact: id.String(), agent: agent})
}

// settled gives the claims with contacts by their keys.
func (c *crowd) settled() claims {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, list := range [][]claim{c.claims.accepts, c.claims.ends} {
		for i, k := range list {
			id, err := ids.Parse[ids.Contact](k.contact)
			if key, ok := c.named[ids.Contact(id)]; ok && err == nil {
				list[i].contact = key
			}
		}
	}
	return c.claims
}
