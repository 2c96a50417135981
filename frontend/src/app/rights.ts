import type { Session } from "../api/models";

/**
 * Whether the session carries a right anywhere in its scope. This only decides
 * what is offered; the server decides what is allowed.
 */
export function can(session: Session, object: string, action: string): boolean {
  return session.permissions.some(
    (p) => (p.object === "*" || p.object === object) && (p.action === "*" || p.action === action),
  );
}

/** Whether the session belongs to an agent, who gets the desk instead of the back office. */
export function isAgent(session: Session): boolean {
  return Boolean(session.user.agent_id);
}

/** Whether the session belongs to a client's own people. */
export function isClientUser(session: Session): boolean {
  return Boolean(session.user.client_id);
}
