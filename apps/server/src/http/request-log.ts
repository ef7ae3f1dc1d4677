import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";
import { requestIdOf } from "./request-id.ts";

const quiet = new Set(["/health/live", "/health/ready", "/metrics"]);

/**
 * One line a request: method, path, status, duration, id. Never headers, cookies or the query, which may hold
 * inputs. Probes are written only when they fail.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    genReqId: (_request, response) =>
      "locals" in response && isRecord(response.locals) ? requestIdOf({ locals: response.locals }) : "",
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) {
        return "error";
      }
      return quiet.has(pathOf(request.url)) ? "silent" : "info";
    },
    customSuccessMessage: () => "request",
    customErrorMessage: () => "request failed",
    serializers: {
      req: ({ id, method, url }: { id: unknown; method: string; url: string }) => ({
        id,
        method,
        path: pathOf(url),
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  });
}

function pathOf(url: string | undefined): string {
  return (url ?? "").split("?", 1)[0] ?? "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
