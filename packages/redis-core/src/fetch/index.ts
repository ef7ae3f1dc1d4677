export { clientAddress, type AddressOptions } from "../http/client-address.ts";
export type { SessionCookieOptions } from "../http/session-cookie.ts";
export type { SessionVisit } from "../http/session-visit.ts";
export { withinLimit, type FetchLimitOptions } from "./fetch-limits.ts";
export {
  fetchSessions,
  type FetchSessions,
  type FetchSessionsOptions,
  type FetchVisit,
} from "./fetch-sessions.ts";
