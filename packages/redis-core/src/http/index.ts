export { clientAddress, type AddressOptions } from "./client-address.ts";
export { SessionCookie, type SessionCookieOptions } from "./session-cookie.ts";
export type { SessionVisit } from "./session-visit.ts";
