package server

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// calendarPurpose separates sealed calendar addresses from everything else the key seals.
const calendarPurpose = "calendar feed"

// ownAgent gives the agent that the signed-in user is.
func ownAgent(call *Call) (ids.Agent, error) {
	if agent := call.Identity.User.AgentID; !agent.IsZero() {
		return agent, nil
	}
	return ids.Agent{}, fault.New(fault.NotFound, "desk.no_agent", "You are signed in as a user who is not an agent; shifts belong to agents.")
}

func (s *Server) registerMyShifts() {
	read(s, route{method: http.MethodGet, path: "/me/shifts", id: "list-my-shifts", summary: "The caller's own shifts in force; default from yesterday for eight weeks", tag: "desk", need: selfRight},
		func(ctx context.Context, call *Call, in *SpanQuery) (*one[scheduling.OwnShifts], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			span, err := in.span()
			if err != nil {
				return nil, err
			}
			if span.Start == 0 {
				span.Start = s.deps.DB.Now() - calendar.Day
			}
			if span.End == 0 {
				span.End = span.Start + 8*7*calendar.Day
			}
			own, err := s.deps.Scheduling.OwnShifts(ctx, agent, span)
			return &one[scheduling.OwnShifts]{Body: own}, err
		})
	type address struct {
		URL     string `json:"url,omitempty" doc:"Whoever has it can read the shifts; give it to calendars alone. Absent after it was revoked"`
		Revoked bool   `json:"revoked"`
	}
	give := func(call *Call, link scheduling.CalendarLink) *one[address] {
		if link.RevokedAt != nil {
			return &one[address]{Body: address{Revoked: true}}
		}
		return &one[address]{Body: address{URL: s.calendarURL(call.Identity.User.ID, link.Generation)}}
	}
	read(s, route{method: http.MethodGet, path: "/me/calendar-url", id: "get-my-calendar-url", summary: "Address of the caller's shifts for a calendar program", tag: "desk", need: selfRight},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[address], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			link, err := s.deps.Scheduling.CalendarLink(ctx, agent)
			return give(call, link), err
		})
	change(s, route{method: http.MethodPost, path: "/me/calendar-url", id: "renew-my-calendar-url", summary: "A new address; the old one ends at once", tag: "desk", need: selfRight},
		func(ctx context.Context, call *Call, _ *struct{ Keyed }) (*one[address], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			link, err := s.deps.Scheduling.RenewCalendarLink(ctx, agent)
			call.Touch(agent, ids.Client{})
			return give(call, link), err
		})
	change(s, route{method: http.MethodDelete, path: "/me/calendar-url", id: "revoke-my-calendar-url", summary: "End the address without a new one", tag: "desk", need: selfRight},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[address], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			link, err := s.deps.Scheduling.RevokeCalendarLink(ctx, agent)
			call.Touch(agent, ids.Client{})
			return give(call, link), err
		})
	change(s, route{method: http.MethodDelete, path: "/agents/{id}/calendar-link", id: "revoke-calendar-link", summary: "End an agent's calendar address", tag: "rosters", need: editRosters, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			agent, err := parseID[ids.Agent](in.ID)
			if err != nil {
				return nil, err
			}
			_, err = s.deps.Scheduling.RevokeCalendarLink(ctx, agent)
			call.Touch(agent, ids.Client{})
			return nil, err
		})
}

// calendarURL seals the user and the generation of the link into an address.
func (s *Server) calendarURL(user ids.User, generation int) string {
	plain := binary.BigEndian.AppendUint32(user[:], uint32(generation))
	secret := base64.RawURLEncoding.EncodeToString(s.deps.Box.Seal(calendarPurpose, plain))
	return strings.TrimSuffix(s.settings.HTTP.PublicURL, "/") + "/calendar/" + secret + ".ics"
}

// mountCalendar serves the feed; its secret is the sealed id of the user, who must
// still be an enabled agent, with the generation of the link, which must be in force.
func (s *Server) mountCalendar() {
	s.app.Get("/calendar/:file", func(c *fiber.Ctx) error {
		agent, err := s.feedAgent(c.UserContext(), strings.TrimSuffix(c.Params("file"), ".ics"))
		if err != nil {
			return err
		}
		text, err := s.deps.Scheduling.CalendarFeed(c.UserContext(), agent)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
		c.Set(fiber.HeaderCacheControl, "private, max-age=900")
		return c.SendString(text)
	})
}

// feedAgent finds whose feed it is; everything that is wrong with the address is the same as an absent one.
func (s *Server) feedAgent(ctx context.Context, secret string) (ids.Agent, error) {
	absent := fault.New(fault.NotFound, "http.not_found", "There is no such calendar.")
	sealed, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		return ids.Agent{}, absent
	}
	plain, err := s.deps.Box.Open(calendarPurpose, sealed)
	size := len(ids.User{})
	if err != nil || len(plain) != size+4 {
		return ids.Agent{}, absent
	}
	generation := int(binary.BigEndian.Uint32(plain[size:]))
	users, err := s.deps.Access.Users(ctx)
	if err != nil {
		return ids.Agent{}, err
	}
	for _, u := range users {
		if u.ID != ids.User(plain[:size]) || u.DisabledAt != nil || u.AgentID.IsZero() {
			continue
		}
		link, err := s.deps.Scheduling.CalendarLink(ctx, u.AgentID)
		if err == nil && (link.RevokedAt != nil || link.Generation != generation) {
			err = absent
		}
		return u.AgentID, err
	}
	return ids.Agent{}, absent
}
