/** Operations that the screens are written against and that schema.d.ts does not describe yet. */
import type * as m from "./models";

type Json<R> = { content: { "application/json": R } };
type Path<P> = [P] extends [never] ? { path?: never } : { path: P };
type Get<R, P = never, Q = never> = {
  get: { parameters: Path<P> & { query?: Q }; responses: { 200: Json<R> } };
};
/** A write without a body. */
type Do<R, P = never> = {
  post: { parameters: Path<P>; requestBody?: never; responses: { 200: Json<R> } };
};
type Post<B, R, P = never> = {
  post: { parameters: Path<P>; requestBody: Json<B>; responses: { 200: Json<R> } };
};

export interface pending {
  "/api/v1/floor": Get<m.Floor, never, { client?: string }>;
  "/api/v1/me/desk": Get<m.Desk>;
  "/api/v1/me/state": Post<{ state: string; reason?: string }, m.Desk>;
  "/api/v1/me/offers/{contact_id}/accept": Do<m.Desk, { contact_id: string }>;
  "/api/v1/me/offers/{contact_id}/decline": Do<m.Desk, { contact_id: string }>;
  "/api/v1/me/contacts/{contact_id}/finish": Do<m.Desk, { contact_id: string }>;
}
