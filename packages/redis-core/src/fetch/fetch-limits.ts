import { limitAnswer } from "../http/limit-answer.ts";
import {
  type Limiter,
  type LimitKeys,
  type LimitRules,
  rateLimitHeaders,
  type TakenLimit,
} from "../rate-limit/index.ts";

export interface FetchLimitOptions<R extends LimitRules> {
  /** Whom each rule counts. */
  readonly keys: LimitKeys<R>;
  /** What the request takes of every rule. Default 1. */
  readonly cost?: number;
}

/**
 * Answers by the handler as far as a limiter allows. The response gets `RateLimit`, `RateLimit-Policy` and
 * `X-RateLimit-*`; a refusal is 429 with `Retry-After`, or 503 where a `closed` limiter could not count. Leases of
 * `concurrency` rules are given back when the handler has answered, before the body is read to its end. What happens
 * without Redis is the limiter's `onUnavailable`.
 *
 * @example
 * const answer = (request: Request, info: { remoteAddr: { hostname: string } }) => {
 *   const address = clientAddress(info.remoteAddr.hostname, request.headers.get("x-forwarded-for"), { hops: 1 });
 *   return withinLimit(api, { keys: { address } }, () => Response.json({ ok: true }));
 * };
 */
export async function withinLimit<R extends LimitRules>(
  limiter: Limiter<R>,
  { keys, cost }: FetchLimitOptions<R>,
  handler: (decision: TakenLimit<keyof R & string>) => Promise<Response> | Response,
): Promise<Response> {
  await using decision = await limiter.limit(keys, cost === undefined ? {} : { cost });
  const refusal = limitAnswer(decision);
  const response = refusal
    ? new Response(refusal.body, {
        status: refusal.status,
        headers: { "Content-Type": "application/json; charset=utf-8" },
      })
    : await handler(decision);
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(rateLimitHeaders(decision))) {
    headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
