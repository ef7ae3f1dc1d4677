import { rateLimitHeaders } from "@cardinal/redis-core/rate-limit";
import type { PolicyDecision } from "../deps/rate-limits.ts";
import { findRequest } from "./request-context.ts";
import type { RequestHandle } from "./request-handle.ts";

/**
 * What a finished, non-streamed HTTP response carries beyond its body: cookies, and the limits of the
 * tightest decision made for it.
 */
export function responseHeadersOf(handle: RequestHandle | undefined): Headers {
  const request = handle === undefined ? undefined : findRequest(handle);
  if (request === undefined) {
    return new Headers();
  }
  const headers = request.response.toHeaders();
  const tightest = tightestOf(request.decisions);
  if (tightest !== undefined) {
    for (const [name, value] of Object.entries(rateLimitHeaders(tightest.decision))) {
      headers.set(name, value);
    }
  }
  return headers;
}

/** A refusal before anything that passed; then the one with the smallest share left. */
function tightestOf(decisions: readonly PolicyDecision[]): PolicyDecision | undefined {
  return decisions.toSorted((a, b) => tightness(a) - tightness(b))[0];
}

function tightness({ decision }: PolicyDecision): number {
  if (!decision.allowed) {
    return -1 - decision.retryAfterMs;
  }
  return decision.limit === 0 ? 0 : decision.remaining / decision.limit;
}
