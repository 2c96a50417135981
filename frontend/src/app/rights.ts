import type { Session } from "../api/models";

/**
 * Whether the session carries a right anywhere in its scope. This only decides
 * what is offered; the server decides what is allowed.
 */
export function can(session: Session, object: string, action: string): boolean {
  return (session.permissions ?? []).some((right) => right.object === object && right.action === action);
}

/** Whether the session belongs to an agent, who gets the desk instead of the back office. */
export function isAgent(session: Session): boolean {
  return Boolean(session.user.agent_id);
}

/** The client whose people the session belongs to: all its rights lie within that one client. */
export function ownClient(session: Session): string | undefined {
  const domains = new Set((session.permissions ?? []).map((right) => right.domain));
  domains.delete("self");
  const [only, ...others] = domains;
  return others.length === 0 && only?.startsWith("client:") ? only.slice("client:".length) : undefined;
}
