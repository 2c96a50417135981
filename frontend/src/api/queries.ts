import { queryOptions } from "@tanstack/react-query";
import { client, items, setCsrf, unwrap } from "./client";
import type { Session } from "./models";
import { Problem } from "./problem";

/** The session, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await unwrap(client.GET("/api/v1/session"));
      setCsrf(session.csrf);
      return session;
    } catch (cause) {
      if (cause instanceof Problem && cause.status === 401) return null;
      throw cause;
    }
  },
  staleTime: Infinity,
  retry: false,
});

export const clientsQuery = queryOptions({
  queryKey: ["clients"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/clients"))),
  staleTime: 300_000,
});

export const rateCardsQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["clients", clientId, "rate-cards"],
    queryFn: async () =>
      items(
        await unwrap(client.GET("/api/v1/clients/{id}/rate-cards", { params: { path: { id: clientId } } })),
      ),
  });

/** How published forecasts met the actuals, the latest week first. */
export const accuracyQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["forecast-accuracy", clientId],
    queryFn: async () =>
      items(
        await unwrap(client.GET("/api/v1/forecast-accuracy", { params: { query: { client: clientId } } })),
      ),
  });

/** Weeks in which published forecasts did worse than their back-test promised. */
export const driftQuery = queryOptions({
  queryKey: ["forecast-drift"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/forecast-drift"))),
  staleTime: 60_000,
});

/** Which locks hold for the months of a version, and what of it they do not allow. */
export const locksQuery = (id: string) =>
  queryOptions({
    queryKey: ["forecasts", id, "locks"],
    queryFn: () => unwrap(client.GET("/api/v1/forecasts/{id}/locks", { params: { path: { id } } })),
  });

export const comparisonQuery = (id: string, withId?: string) =>
  queryOptions({
    queryKey: ["forecasts", id, "comparison", withId],
    queryFn: () =>
      unwrap(
        client.GET("/api/v1/forecasts/{id}/comparison", {
          params: { path: { id }, query: { with: withId } },
        }),
      ),
  });

export const commitmentsQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["commitments", clientId],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/commitments", { params: { query: { client: clientId } } }))),
  });

/** Committed and actual contacts per fiscal month, stage and queue. */
export const commitmentReportQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["commitments", clientId, "report"],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/clients/{id}/commitment-report", { params: { path: { id: clientId } } }),
        ),
      ),
  });

export const commitmentTermsQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["clients", clientId, "commitment-terms"],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/clients/{id}/commitment-terms", { params: { path: { id: clientId } } }),
        ),
      ),
  });

export const scenariosQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["scenarios", clientId],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/scenarios", { params: { query: { client: clientId } } }))),
  });

/** A scenario beside its base, staffed and priced. */
export const outcomeQuery = (id: string, edition: number) =>
  queryOptions({
    queryKey: ["scenarios", "outcome", id, edition],
    queryFn: () => unwrap(client.GET("/api/v1/scenarios/{id}/outcome", { params: { path: { id } } })),
    staleTime: 60_000,
  });

export const calendarsQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["calendars", clientId],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/calendars", { params: { query: { client: clientId } } }))),
    staleTime: 60_000,
  });

export const presetsQuery = queryOptions({
  queryKey: ["calendar-presets"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/calendar-presets"))),
  staleTime: Infinity,
});

/** Past days that departed from their weekday and that no calendar explains. */
export const proposalsQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["day-proposals", clientId],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/day-proposals", { params: { query: { client: clientId, status: "open" } } }),
        ),
      ),
  });

/** The service level that 0, 1, 2, … seats buy in every interval of a day. */
export const levelsQuery = (planId: string, queue: string, day: string) =>
  queryOptions({
    queryKey: ["plans", planId, "levels", queue, day],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/staffing/plans/{id}/service-levels", {
            params: { path: { id: planId }, query: { queue, day } },
          }),
        ),
      ),
    staleTime: Infinity,
  });

export const capacityPlansQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["capacity-plans", clientId],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/staffing/capacity-plans", { params: { query: { client: clientId } } }),
        ),
      ),
  });

/** The staffing plans of a client, or of one forecast, the newest first. */
export const plansQuery = (filter: { client?: string; forecast?: string }) =>
  queryOptions({
    queryKey: ["plans", filter],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/staffing/plans", { params: { query: filter } }))),
  });

export const planPointsQuery = (id: string, queue?: string) =>
  queryOptions({
    queryKey: ["plans", id, "points", queue],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/staffing/plans/{id}/points", { params: { path: { id }, query: { queue } } }),
        ),
      ),
    staleTime: Infinity,
  });

export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/jobs"))),
});

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", id],
    queryFn: () => unwrap(client.GET("/api/v1/jobs/{id}", { params: { path: { id } } })),
  });

export const forecastsQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["forecasts", clientId],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/forecasts", { params: { query: { client: clientId } } }))),
  });

export const forecastQuery = (id: string) =>
  queryOptions({
    queryKey: ["forecasts", id],
    queryFn: () => unwrap(client.GET("/api/v1/forecasts/{id}", { params: { path: { id } } })),
  });

/** Versions of forecasts a year and more ahead. */
export const longForecastsQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["long-range", clientId],
    queryFn: async () =>
      items(
        await unwrap(client.GET("/api/v1/long-range-forecasts", { params: { query: { client: clientId } } })),
      ),
  });

/** One of them by week or day; a version never changes, what came beside it does. */
export const longTableQuery = (id: string, by: "week" | "day") =>
  queryOptions({
    queryKey: ["long-range", "table", id, by],
    queryFn: () =>
      unwrap(client.GET("/api/v1/long-range-forecasts/{id}", { params: { path: { id }, query: { by } } })),
    staleTime: 300_000,
  });

/** Intervals of a plan that were split between tiers. */
export const tierStudiesQuery = (planId: string) =>
  queryOptions({
    queryKey: ["tier-studies", planId],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/staffing/plans/{id}/tier-studies", { params: { path: { id: planId } } }),
        ),
      ),
  });

/** What all rosters in force together leave uncovered of the next two weeks. */
export const coverageAheadQuery = queryOptions({
  queryKey: ["rosters", "coverage-ahead"],
  queryFn: () => unwrap(client.GET("/api/v1/coverage-ahead", { params: { query: { days: 14 } } })),
});

export const queuesQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["clients", clientId, "queues"],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/clients/{id}/queues", { params: { path: { id: clientId } } }))),
    staleTime: 300_000,
  });

export const seriesQuery = (id: string, queue: string | undefined, from?: string, to?: string) =>
  queryOptions({
    queryKey: ["forecasts", id, "series", queue, from, to],
    queryFn: async () => {
      const found = await unwrap(
        client.GET("/api/v1/forecasts/{id}/series", { params: { path: { id }, query: { queue, from, to } } }),
      );
      return { ...found, points: found.points ?? [] };
    },
  });

export const rostersQuery = queryOptions({
  queryKey: ["rosters"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/rosters"))),
});

export const boardQuery = (id: string) =>
  queryOptions({
    queryKey: ["rosters", id, "board"],
    queryFn: () => unwrap(client.GET("/api/v1/rosters/{id}/board", { params: { path: { id } } })),
    staleTime: 60_000,
  });

/** The coverage strip per client and tier as one edition of a roster has it. */
export const stripQuery = (id: string, edition: number, filter: { client?: string; queue?: string }) =>
  queryOptions({
    queryKey: ["rosters", id, "strip", edition, filter],
    queryFn: () =>
      unwrap(client.GET("/api/v1/rosters/{id}/strip", { params: { path: { id }, query: filter } })),
  });

export const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ["rosters", id, "standing"],
    queryFn: () => unwrap(client.GET("/api/v1/rosters/{id}/standing", { params: { path: { id } } })),
  });

export const rosterRulesQuery = (id: string) =>
  queryOptions({
    queryKey: ["rosters", id, "rules"],
    queryFn: () => unwrap(client.GET("/api/v1/rosters/{id}/rules", { params: { path: { id } } })),
    staleTime: 300_000,
  });

export const rosterPayQuery = (id: string) =>
  queryOptions({
    queryKey: ["rosters", id, "pay"],
    queryFn: () => unwrap(client.GET("/api/v1/rosters/{id}/pay", { params: { path: { id } } })),
    retry: false,
  });

export const labourLawsQuery = queryOptions({
  queryKey: ["labour-laws"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/labour-laws"))),
});

export const siteLawsQuery = queryOptions({
  queryKey: ["site-laws"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/site-laws"))),
});

export const receivedPlansQuery = queryOptions({
  queryKey: ["received-plans"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/received-plans"))),
});

export const publicationQuery = (id: string) =>
  queryOptions({
    queryKey: ["rosters", id, "publication"],
    queryFn: () => unwrap(client.GET("/api/v1/rosters/{id}/publication", { params: { path: { id } } })),
    staleTime: 0,
  });

export const candidatesQuery = (id: string, template: string, start_at: string, edition: number) =>
  queryOptions({
    queryKey: ["rosters", id, "candidates", template, start_at, edition],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/rosters/{id}/candidates", {
            params: { path: { id }, query: { template, start_at, limit: 8 } },
          }),
        ),
      ),
  });

export const rosterComparisonQuery = (id: string, other: string) =>
  queryOptions({
    queryKey: ["rosters", id, "comparison", other],
    queryFn: () =>
      unwrap(
        client.GET("/api/v1/rosters/{id}/comparison", { params: { path: { id }, query: { with: other } } }),
      ),
  });

export const simulationsQuery = (roster: string) =>
  queryOptions({
    queryKey: ["simulations", roster],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/simulations", { params: { query: { roster } } }))),
  });

export const simulationSeriesQuery = (id: string) =>
  queryOptions({
    queryKey: ["simulations", "series", id],
    queryFn: () => unwrap(client.GET("/api/v1/simulations/{id}/series", { params: { path: { id } } })),
  });

export const floorQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["floor", clientId],
    queryFn: () => unwrap(client.GET("/api/v1/floor", { params: { query: { client: clientId } } })),
  });

/** What was done to the floor, the newest first. */
export const floorLogQuery = queryOptions({
  queryKey: ["floor-log"],
  queryFn: async () =>
    items(await unwrap(client.GET("/api/v1/floor/actions", { params: { query: { limit: 20 } } }))),
});

/** Whom a contact on the own desk can be given to. */
export const targetsQuery = (contact: string) =>
  queryOptions({
    queryKey: ["me", "targets", contact],
    queryFn: () =>
      unwrap(
        client.GET("/api/v1/me/contacts/{contact_id}/targets", {
          params: { path: { contact_id: contact } },
        }),
      ),
    staleTime: 0,
  });

/** The scorecard of the billing month that holds a date; today's without one. */
export const scorecardQuery = (clientId: string, on?: string) =>
  queryOptions({
    queryKey: ["scorecard", clientId, on],
    queryFn: () => unwrap(client.GET("/api/v1/scorecards", { params: { query: { client: clientId, on } } })),
  });

/** The quarter-hours behind a measure. */
export const bucketsQuery = (measureId: string, from: string, until: string) =>
  queryOptions({
    queryKey: ["measures", measureId, "buckets", from, until],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/measures/{id}/buckets", {
            params: { path: { id: measureId }, query: { from, until } },
          }),
        ),
      ),
  });

export const invoicesQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["invoices", clientId],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/invoices", { params: { query: { client: clientId } } }))),
  });

export const invoiceQuery = (id: string) =>
  queryOptions({
    queryKey: ["invoices", "one", id],
    queryFn: () => unwrap(client.GET("/api/v1/invoices/{id}", { params: { path: { id } } })),
  });

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/roles"))),
});

export const accountsQuery = queryOptions({
  queryKey: ["users"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/users"))),
});

export const importsQuery = (clientId?: string) =>
  queryOptions({
    queryKey: ["imports", clientId],
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/imports", { params: { query: { client: clientId } } }))),
  });

export const myShiftsQuery = queryOptions({
  queryKey: ["me", "shifts"],
  queryFn: async () => {
    const own = await unwrap(client.GET("/api/v1/me/shifts"));
    return { ...own, shifts: own.shifts ?? [] };
  },
});

export const calendarUrlQuery = queryOptions({
  queryKey: ["me", "calendar"],
  queryFn: () => unwrap(client.GET("/api/v1/me/calendar-url")),
});

export const deskQuery = queryOptions({
  queryKey: ["me", "desk"],
  queryFn: () => unwrap(client.GET("/api/v1/me/desk")),
});

export const sitesQuery = queryOptions({
  queryKey: ["sites"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/sites"))),
  staleTime: 300_000,
});

export const teamsQuery = queryOptions({
  queryKey: ["teams"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/teams"))),
  staleTime: 300_000,
});

export const skillsQuery = queryOptions({
  queryKey: ["skills"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/skills"))),
  staleTime: 300_000,
});

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/people"))),
  staleTime: 60_000,
});
