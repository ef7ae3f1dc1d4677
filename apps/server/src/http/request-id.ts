import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";

/**
 * Names every request: in the log, in errors and in `X-Request-Id`. A caller's own id is never taken over.
 */
export const requestId: RequestHandler = (_request, response, next) => {
  const id = randomUUID();
  response.locals["requestId"] = id;
  response.set("x-request-id", id);
  next();
};

/** The id `requestId` gave. */
export function requestIdOf(response: { locals: Record<string, unknown> }): string {
  return String(response.locals["requestId"]);
}
