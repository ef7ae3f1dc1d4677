import { clientAddress } from "../http/client-address.ts";
import { limitAnswer } from "../http/limit-answer.ts";
import {
  type LimitDecision,
  type Limiter,
  type LimitKeys,
  type LimitRules,
  rateLimitHeaders,
} from "../rate-limit/index.ts";
import { answerJson, headerOf, type HttpRequest, type HttpResponse, type Next } from "./http-types.ts";

export interface ExpressLimitOptions<Request, R extends LimitRules> {
  /** Whom each rule counts. */
  readonly keys: (request: Request) => LimitKeys<R>;
  /** What the request takes of every rule. Default 1. */
  readonly cost?: (request: Request) => number;
  /** Answers a request that is not let through; the headers are set. Default: 429 or 503 with a JSON body. */
  readonly onLimited?: (request: Request, response: HttpResponse, decision: LimitDecision) => void;
}

/**
 * Middleware that lets requests through as far as a limiter allows. Sets `RateLimit`, `RateLimit-Policy` and
 * `X-RateLimit-*` on every response, and `Retry-After` on a refusal: 429, or 503 where a `closed` limiter could not
 * count. Leases of `concurrency` rules are given back when the response is over. What happens without Redis is the
 * limiter's `onUnavailable`.
 *
 * @example
 * app.use(limitRequests(api, { keys: (req) => ({ user: auth.of(req).session?.userId ?? null, address: addressOf(req, { hops: 1 }) }) }));
 */
export function limitRequests<Request extends HttpRequest, R extends LimitRules>(
  limiter: Limiter<R>,
  options: ExpressLimitOptions<Request, R>,
): (request: Request, response: HttpResponse, next: Next) => Promise<void> {
  const { keys, cost, onLimited } = options;
  const decide = async (request: Request, response: HttpResponse): Promise<boolean> => {
    // Listened for first: a client that leaves meanwhile must not keep its lease.
    const isOver = new Promise<void>((resolve) => {
      response.once("close", resolve);
    });
    const decision = await limiter.limit(keys(request), cost ? { cost: cost(request) } : {});
    void isOver.then(() => decision[Symbol.asyncDispose]());
    for (const [name, value] of Object.entries(rateLimitHeaders(decision))) {
      response.setHeader(name, value);
    }
    const answer = limitAnswer(decision);
    if (answer === null) {
      return true;
    }
    if (onLimited) {
      onLimited(request, response, decision);
    } else {
      answerJson(response, answer.status, answer.body);
    }
    return false;
  };
  return async (request, response, next) => {
    let isAllowed: boolean;
    try {
      isAllowed = await decide(request, response);
    } catch (error) {
      next(error);
      return;
    }
    if (isAllowed) {
      next();
    }
  };
}

/** What a caller is counted by: see `clientAddress`. Express' own `trust proxy` plays no part. */
export function addressOf(request: HttpRequest, options?: { readonly hops?: number }): string {
  return clientAddress(request.socket.remoteAddress, headerOf(request, "x-forwarded-for"), options);
}
