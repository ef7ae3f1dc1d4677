import { getTRPCErrorShape, initTRPC, TRPCError } from "@trpc/server";
import { assertOwnOrigin } from "./context/origin-check.ts";
import { requestOf } from "./context/request-context.ts";
import type { RequestHandle } from "./context/request-handle.ts";
import { NotSignedIn, SessionExpired } from "./errors/domain-errors.ts";
import { formatError } from "./errors/format-error.ts";
import { SlowMode } from "./errors/moderation-errors.ts";
import { toTrpcError } from "./errors/to-trpc-error.ts";
import { consumeLimit } from "./policies/consume-limit.ts";
import type { ProcedureMeta } from "./procedure-meta.ts";
import { reportCall } from "./report-call.ts";

/**
 * The one tRPC instance. Its context is opaque (`RequestHandle`, declared in a file without imports): the
 * emitted type of a router names its context, so `AppRouter` drags no server package into the programs that
 * use it. The first middleware swaps the handle for the real context; a test walks the emitted declarations
 * to keep it so.
 */
const t = initTRPC
  .context<RequestHandle>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter: formatError,
    isDev: false,
    sse: {
      // A fresh request every half hour proves the session anew.
      maxDurationMs: 30 * 60_000,
      ping: { enabled: true, intervalMs: 15_000 },
      client: { reconnectAfterInactivityMs: 40_000 },
    },
  });

export const router = t.router;

/** An error as a subscription's client is told it by every transport. */
export function errorShapeOf(error: TRPCError, path: string, ctx: RequestHandle) {
  return getTRPCErrorShape({ config: t._config, error, type: "subscription", path, input: undefined, ctx });
}

/** Calls procedures without a transport, for tests of routers. */
export const createCallerFactory = t.createCallerFactory;

/**
 * Every procedure starts here: real context, one log line and figure, domain errors as tRPC codes, origin
 * check, rate limit by `meta.limit`. It runs for anyone; `ctx.request.identity()` says who calls.
 */
export const publicProcedure = t.procedure
  .use(({ ctx, next }) => next({ ctx: { request: requestOf(ctx) } }))
  .use(async ({ ctx, path, type, next }) => {
    const startedAt = performance.now();
    const result = await next();
    reportCall(ctx.request, { path, type, error: result.ok ? null : result.error, startedAt });
    return result;
  })
  .use(async ({ ctx, next }) => {
    const result = await next();
    if (!result.ok) {
      const error = toTrpcError(result.error);
      if (error.cause instanceof SlowMode) {
        const { retryAfterMs } = error.cause.rateLimit;
        ctx.request.response.setHeader("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
      }
      throw error;
    }
    return result;
  })
  .use(async ({ ctx, meta, next }) => {
    if (meta === undefined) {
      throw new TRPCError({
        code: "INTERNAL_SERVER_ERROR",
        message: "This procedure declares no rate limit.",
      });
    }
    assertOwnOrigin(ctx.request.source, ctx.request.deps.config.allowedOrigins, false);
    await consumeLimit(ctx.request, meta.limit);
    return next();
  });

/** As `publicProcedure`, for signed-in members: `ctx.member` is who calls, verified. */
export const memberProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const identity = await ctx.request.identity();
  switch (identity.kind) {
    case "member":
      return next({ ctx: { member: identity } });
    case "expired":
      throw new SessionExpired();
    case "anonymous":
      throw new NotSignedIn();
  }
});
