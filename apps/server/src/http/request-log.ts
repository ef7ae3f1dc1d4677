import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";
import { requestIdOf } from "./request-id.ts";

/**
 * One line a request: method, path, status, duration, id. Never headers, cookies or the query, which may hold
 * inputs. Probes, and requests whose calls wrote lines of their own, are written at level debug.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    customAttributeKeys: { reqId: "requestId", responseTime: "durationMs" },
    genReqId: (_request, response) =>
      "locals" in response && isRecord(response.locals) ? requestIdOf({ locals: response.locals }) : "",
    customLogLevel: (request, response, error) => {
      if (isProbe(request) || hasCallLine(response)) {
        return "debug";
      }
      if (error !== undefined || response.statusCode >= 500) {
        return "error";
      }
      return "info";
    },
    customSuccessMessage: () => "request",
    customErrorMessage: () => "request failed",
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: pathOf(url) }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  });
}

/** Notes that a call of this request has its own line in the log. */
export function noteCallLine(response: Response): void {
  response.locals["hasCallLine"] = true;
}

function hasCallLine(response: ServerResponse): boolean {
  return "locals" in response && isRecord(response.locals) && response.locals["hasCallLine"] === true;
}

function isProbe(request: IncomingMessage): boolean {
  // While a router of Express has the request, its `url` begins where that router is mounted.
  const whole = "originalUrl" in request ? request.originalUrl : request.url;
  const path = pathOf(typeof whole === "string" ? whole : undefined);
  return path.startsWith("/health/") || path === "/metrics";
}

function pathOf(url: string | undefined): string {
  return (url ?? "").split("?", 1)[0] ?? "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
