import { faultOf, type Log } from "@cardinal/api";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { sendFault } from "./error-response.ts";
import { requestIdOf } from "./request-id.ts";

/** What no route answered. */
export const notFound: RequestHandler = (_request, response) => {
  sendFault(response, {
    status: 404,
    code: "NOT_FOUND",
    reason: "NOT_FOUND",
    message: "There is nothing here.",
  });
};

/**
 * The one place where an error that no route handled ends. A refusal is answered as the API would; anything
 * else is logged whole and answered without its text.
 */
export function errorHandler(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, _request, response, next) => {
    const fault = faultOf(error);
    if (fault !== null && !response.headersSent) {
      sendFault(response, fault);
      return;
    }
    log.error({ err: error, requestId: requestIdOf(response) }, "unhandled request error");
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = clientStatus(error);
    sendFault(
      response,
      status === null
        ? {
            status: 500,
            code: "INTERNAL_SERVER_ERROR",
            reason: "INTERNAL",
            message: "Something went wrong on our side.",
          }
        : { status, code: "BAD_REQUEST", reason: "INVALID_INPUT", message: "The request could not be read." },
    );
  };
}

/** Express and its parsers mark the caller's faults with a status from 400 to 499. */
function clientStatus(error: unknown): number | null {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : null;
}
