export { clientAddress, type AddressOptions } from "../http/client-address.ts";
export type { SessionCookieOptions } from "../http/session-cookie.ts";
export type { SessionVisit } from "../http/session-visit.ts";
export { answerOutage } from "./answer-outage.ts";
export { addressOf, limitRequests, type ExpressLimitOptions } from "./express-limits.ts";
export { expressSessions, type ExpressSessions, type ExpressSessionsOptions } from "./express-sessions.ts";
export type { HttpRequest, HttpResponse, Next } from "./http-types.ts";
