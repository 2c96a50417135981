import type * as m from "./models";

type Json<R> = { content: { "application/json": R } };
type None = Record<string, never>;
type Get<R, P = None, Q = None> = {
  get: { parameters: { path: P; query?: Q }; responses: { 200: Json<R> } };
};
type Post<B, R, P = None> = {
  post: { parameters: { path: P }; requestBody: Json<B>; responses: { 200: Json<R> } };
};
type Del<P = None> = { delete: { parameters: { path: P }; responses: { 204: { content?: never } } } };
type Id = { id: string };
type Paging = { cursor?: string; limit?: number };
type Scoped = Paging & { client?: string };

export interface paths {
  "/api/v1/session": Get<m.Session> & Post<{ login: string; password: string }, m.Session> & Del;
  "/api/v1/home": Get<m.Home, None, { client?: string }>;
  "/api/v1/onboarding": Get<m.Onboarding>;
  "/api/v1/clients": Get<m.Page<m.Client>, None, Paging>;
  "/api/v1/clients/{id}/queues": Get<m.Page<m.Queue>, Id, Paging>;
  "/api/v1/people": Get<m.Page<m.Person>, None, Scoped & { q?: string }>;
  "/api/v1/users": Get<m.Page<m.Account>, None, Paging>;
  "/api/v1/roles": Get<m.Page<m.Role>, None, Paging>;
  "/api/v1/audit": Get<m.Page<m.AuditEntry>, None, Paging & { object?: string }>;
  "/api/v1/imports": Get<m.Page<m.ImportRun>, None, Scoped> & Post<FormData, m.ImportRun>;
  "/api/v1/imports/preview": Post<FormData, m.ImportPreview>;
  "/api/v1/imports/{id}": Get<m.ImportRun, Id>;
  "/api/v1/imports/{id}/issues": Get<m.Page<m.ImportIssue>, Id, Paging>;
  "/api/v1/imports/{id}/revert": Post<None, m.ImportRun, Id>;
  "/api/v1/forecasts": Get<m.Page<m.Forecast>, None, Scoped> & Post<{ client_id: string; from: string; to: string }, m.Job>;
  "/api/v1/forecasts/{id}/series": Get<m.Series, Id, { queue?: string; from?: string; to?: string }>;
  "/api/v1/forecasts/{id}/publish": Post<None, m.Forecast, Id>;
  "/api/v1/rosters": Get<m.Page<m.Roster>, None, Scoped> & Post<{ from: string; to: string }, m.Job>;
  "/api/v1/rosters/{id}": Get<m.Roster, Id>;
  "/api/v1/rosters/{id}/shifts": Get<m.RosterShifts, Id, { from?: string; to?: string } & Paging>;
  "/api/v1/rosters/{id}/coverage": Get<m.Coverage, Id, { client?: string }>;
  "/api/v1/rosters/{id}/publish": Post<None, m.Roster, Id>;
  "/api/v1/floor": Get<m.Floor, None, { client?: string }>;
  "/api/v1/me/shifts": Get<m.Page<m.MyShift>, None, { from?: string; to?: string }>;
  "/api/v1/me/calendar-url": Get<{ url: string }>;
  "/api/v1/me/desk": Get<m.Desk>;
  "/api/v1/me/state": Post<{ state: string; reason?: string }, m.Desk>;
  "/api/v1/me/offers/{contact_id}/accept": Post<None, m.Desk, { contact_id: string }>;
  "/api/v1/me/offers/{contact_id}/decline": Post<None, m.Desk, { contact_id: string }>;
  "/api/v1/me/contacts/{contact_id}/finish": Post<{ outcome?: string }, m.Desk, { contact_id: string }>;
  "/api/v1/scorecards": Get<m.Scorecard, None, { client?: string; period?: string }>;
  "/api/v1/invoices": Get<m.Page<m.Invoice>, None, Scoped>;
  "/api/v1/invoices/drafts": Post<{ client_id: string; period: string }, m.Invoice>;
  "/api/v1/invoices/{id}": Get<m.Invoice, Id>;
  "/api/v1/invoices/{id}/issue": Post<None, m.Invoice, Id>;
  "/api/v1/jobs": Get<m.Page<m.Job>, None, Paging>;
  "/api/v1/jobs/{id}": Get<m.Job, Id> & Del<Id>;
}
