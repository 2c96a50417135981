package server

import (
	"context"
	"encoding/base64"
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
		URL string `json:"url" doc:"Whoever has it can read the shifts; give it to calendars alone"`
	}
	read(s, route{method: http.MethodGet, path: "/me/calendar-url", id: "get-my-calendar-url", summary: "Address of the caller's shifts for a calendar program", tag: "desk", need: selfRight},
		func(_ context.Context, call *Call, _ *struct{}) (*one[address], error) {
			if _, err := ownAgent(call); err != nil {
				return nil, err
			}
			secret := base64.RawURLEncoding.EncodeToString(s.deps.Box.Seal(calendarPurpose, call.Identity.User.ID[:]))
			return &one[address]{Body: address{URL: strings.TrimSuffix(s.settings.HTTP.PublicURL, "/") + "/calendar/" + secret + ".ics"}}, nil
		})
}

// mountCalendar serves the feed; its secret is the sealed id of the user, who must
// still be an enabled agent.
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
	if err != nil || len(plain) != len(ids.User{}) {
		return ids.Agent{}, absent
	}
	users, err := s.deps.Access.Users(ctx)
	if err != nil {
		return ids.Agent{}, err
	}
	for _, u := range users {
		if u.ID == ids.User(plain) && u.DisabledAt == nil && !u.AgentID.IsZero() {
			return u.AgentID, nil
		}
	}
	return ids.Agent{}, absent
}
