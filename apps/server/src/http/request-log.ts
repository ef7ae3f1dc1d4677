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
    customAttributeKeys: { reqId: "requestId", responseTime: "durationMs" },
    genReqId: (_request, response) =>
      "locals" in response && isRecord(response.locals) ? requestIdOf({ locals: response.locals }) : "",
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) {
        return "error";
      }
      const path = pathOf(request.url);
      if (quiet.has(path)) {
        return "silent";
      }
      // Each procedure writes a line of its own.
      return path.startsWith("/api/trpc/") ? "debug" : "info";
    },
    customSuccessMessage: () => "request",
    customErrorMessage: () => "request failed",
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: pathOf(url) }),
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
