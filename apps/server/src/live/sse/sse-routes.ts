import type { IncomingMessage } from "node:http";
import { type AnyTRPCRouter, callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape, TRPCError } from "@trpc/server";
import type { Request, RequestHandler, Response } from "express";
import { isIterable, withLastEventId } from "../call-input.ts";
import { OpenConnections } from "../open-connections.ts";
import { lookEveryMs, toPatience } from "../patience.ts";
import { SseConnection } from "./sse-connection.ts";

export interface SseHost {
  readonly router: AnyTRPCRouter;
  /** A subscription that may be asked for by POST too, its input being the parsed body: what fits no address. */
  readonly postPath?: string;
  createContext(request: Request, response: Response): object;
}

const DEFAULT_PING_MS = 15_000;
const DEFAULT_END_MS = 30 * 60_000;

/**
 * Subscriptions over SSE, as tRPC's own handler answers them and `httpSubscriptionLink` expects; held to it by a test
 * that runs against both. Beyond it, a `PushStream` is pushed: no stream of streams and no serialisation a client. Any
 * other request is passed on.
 */
export function sseRoutes({ router, postPath, createContext }: SseHost): RequestHandler {
  const { sse } = router._def._config;
  const patience = toPatience({});
  const pace = {
    pingAfterMs: sse?.ping?.intervalMs ?? DEFAULT_PING_MS,
    endsAfterMs: sse?.maxDurationMs ?? DEFAULT_END_MS,
    stalledAfterMs: patience.stalledAfterMs,
  };
  const connections = new OpenConnections<SseConnection>(lookEveryMs(patience));
  return (request, response, next) => {
    const path = request.path.slice(1);
    const isSubscription =
      Object.hasOwn(router._def.procedures, path) && router._def.procedures[path]?._def.type === "subscription";
    const isOurs = request.method === "GET" || (request.method === "POST" && request.path === postPath);
    if (!isOurs || !isSubscription || request.query["batch"] !== undefined) {
      next();
      return;
    }
    const call = { path, input: undefined as unknown, ctx: undefined as object | undefined };
    const lastEventId = lastEventIdOf(request);
    const connection = new SseConnection({
      pace,
      lastEventId,
      response,
      clientOptions: sse?.client ?? {},
      shapeOf: (cause) =>
        getTRPCErrorShape({
          config: router._def._config,
          error: getTRPCErrorFromUnknown(cause),
          type: "subscription",
          ...call,
        }),
    });
    connections.add(connection);
    response.once("close", () => connections.delete(connection));
    void serve(connection);

    async function serve(sink: SseConnection): Promise<void> {
      try {
        call.ctx = createContext(request, response);
        const result: unknown = await callTRPCProcedure({
          router,
          path,
          getRawInput: async () => {
            const given = inputOf(request);
            call.input = given;
            return withLastEventId(given, lastEventId);
          },
          ctx: call.ctx,
          type: "subscription",
          signal: sink.signal,
          batchIndex: 0,
        });
        if (!isIterable(result)) {
          const message = `Subscription ${path} did not return an observable or a AsyncGenerator`;
          throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message });
        }
        await sink.run(result);
      } catch (error) {
        sink.end(getTRPCErrorFromUnknown(error));
      }
    }
  };
}

/** @throws {TRPCError} BAD_REQUEST */
function inputOf({ method, query, body }: Request): unknown {
  if (method === "POST") {
    return body;
  }
  const { input } = query;
  if (typeof input !== "string" || input === "") {
    return undefined;
  }
  try {
    return JSON.parse(input);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "Invalid input";
    throw new TRPCError({ code: "BAD_REQUEST", message, cause });
  }
}

/** The header of an `EventSource` that comes back, or what a client put into the address itself. */
function lastEventIdOf({ headers, query }: Pick<IncomingMessage, "headers"> & Pick<Request, "query">): string | null {
  const said = headers["last-event-id"] ?? query["lastEventId"] ?? query["Last-Event-Id"];
  return typeof said === "string" && said !== "" ? said : null;
}
