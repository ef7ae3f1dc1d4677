export { createCardinalClient } from "./create-client.ts";
export type { CardinalClient, CardinalClientOptions } from "./create-client.ts";
export { isPassing, readFault } from "./errors.ts";
export type { CallFault, RateLimitInfo, SanctionInfo } from "./errors.ts";
export { createCardinalLinks } from "./links.ts";
export type { CardinalLinks, CardinalLinksOptions } from "./links.ts";
export { retryDelayMs } from "./live/backoff.ts";
export type { Connection, ConnectionSnapshot, ConnectionState, LiveTransport } from "./live/connection.ts";
export type { AppRouter } from "@cardinal/api";
