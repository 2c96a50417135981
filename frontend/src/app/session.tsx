import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { client, setCsrf, unwrap } from "../api/client";
import type { Session } from "../api/models";
import { sessionQuery } from "../api/queries";
import { changeLocale, type Text } from "../text/text";
import { localeChosen, nearestLocale } from "../text/locale";

const SessionContext = createContext<Session | null>(null);

export const SessionProvider = SessionContext.Provider;

/** The session of the person at the screen; only inside the shell. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is only for pages inside the shell");
  return session;
}

/** Signs in; a wrong password is a Problem with status 401. */
export function useSignIn(): (login: string, password: string) => Promise<void> {
  const queries = useQueryClient();
  return async (login, password) => {
    const session = await unwrap(
      client.POST("/api/v1/session", {
        body: { login, password },
      }),
    );
    setCsrf(session.csrf);
    if (!localeChosen() && session.user.locale) await changeLocale(nearestLocale(session.user.locale));
    queries.setQueryData(sessionQuery.queryKey, session);
  };
}

/** Signs out and forgets everything that was loaded. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await unwrap(client.DELETE("/api/v1/session"));
    setCsrf("");
    // The page watches the session's own query, so that one is changed, not removed.
    queries.setQueryData(sessionQuery.queryKey, null);
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
  };
}

/** A role by its key; roles that the provider made itself keep the name it gave them. */
export function roleName(t: Text, role: string): string {
  return t.of(`screen.role.${role}`, role);
}
