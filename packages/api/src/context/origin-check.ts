import { OriginRefused } from "../errors/domain-errors.ts";
import { headerOf, type RequestSource } from "./request-source.ts";

/**
 * Refuses a state-changing request that a foreign page may have sent with our visitor's cookies. It passes
 * when the browser says `Sec-Fetch-Site: same-origin`, or `Origin` is exactly one of ours. With neither it is
 * refused: programs send no cookies and are not asked.
 *
 * @param setsCookie the procedure signs someone in by cookie, so a foreign page must not be able to call it
 * even
 *   without cookies (else it could sign a visitor in as somebody else).
 * @throws {OriginRefused}
 */
export function assertOwnOrigin(
  source: RequestSource,
  allowedOrigins: readonly string[],
  setsCookie: boolean,
): void {
  // A WebSocket proved its origin when it was upgraded.
  if (source.transport === "websocket" || source.method === "GET" || source.method === "HEAD") {
    return;
  }
  if (headerOf(source, "cookie") === undefined && !setsCookie) {
    return;
  }
  const origin = headerOf(source, "origin");
  const isSameOrigin = headerOf(source, "sec-fetch-site") === "same-origin";
  const isOurs = origin !== undefined && allowedOrigins.includes(origin);
  if (!isSameOrigin && !isOurs) {
    throw new OriginRefused();
  }
}
