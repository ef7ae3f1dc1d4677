import { isOutage } from "../errors.ts";
import { answerJson, type HttpRequest, type HttpResponse, type Next } from "./http-types.ts";

/**
 * Error middleware: a request that failed because Redis is away gets 503 with `Retry-After: 1`; all other errors, and
 * those of responses already under way, go on to the next.
 */
export function answerOutage(error: unknown, _request: HttpRequest, response: HttpResponse, next: Next): void {
  if (!isOutage(error) || response.headersSent) {
    next(error);
    return;
  }
  response.setHeader("Retry-After", "1");
  answerJson(response, 503, '{"error":"SERVICE_UNAVAILABLE"}');
}
