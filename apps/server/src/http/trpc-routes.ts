import { appRouter, createContextFactory, responseHeadersOf } from "@cardinal/api";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { json, type RequestHandler, Router } from "express";
import { sseRoutes } from "../live/sse/sse-routes.ts";
import type { ServerContext } from "../server-context.ts";
import { sendFault } from "./error-response.ts";
import { sourceOf } from "./source-of.ts";

const MAX_BATCH = 10;
const MAX_BODY_BYTES = 100 * 1024;
const FEED_PATH = "/live.feed";
const MAX_FEED_BYTES = 640 * 1024;

/**
 * The API over HTTP: JSON only, at most 10 calls a batch and 100 KB a body. The feed of all a client's subscriptions
 * may be asked for by POST, since its topics do not fit an address; a POST with cookies must come from our own page.
 */
export function trpcRoutes(context: ServerContext): Router {
  const createContext = createContextFactory(context.deps);
  const router = Router();
  router.use(noStore, jsonOnly, neverStreamMutations);
  router.post(FEED_PATH, json({ limit: MAX_FEED_BYTES }));
  router.use(
    sseRoutes({
      router: appRouter,
      postPath: FEED_PATH,
      createContext: (request, response) => createContext(sourceOf(request, response)),
    }),
  );
  router.use(
    createExpressMiddleware({
      router: appRouter,
      maxBatchSize: MAX_BATCH,
      maxBodySize: MAX_BODY_BYTES,
      createContext: ({ req, res }) => createContext(sourceOf(req, res)),
      responseMeta: ({ ctx, eagerGeneration }) =>
        // A stream's headers are sent before its calls have run.
        eagerGeneration ? {} : { headers: responseHeadersOf(ctx) },
    }),
  );
  return router;
}

const noStore: RequestHandler = (_request, response, next) => {
  response.set("cache-control", "no-store");
  next();
};

/** A form on a foreign page can send anything but JSON. */
const jsonOnly: RequestHandler = (request, response, next) => {
  if (request.method === "POST" && request.is("application/json") === false) {
    sendFault(response, {
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      reason: "UNSUPPORTED_MEDIA_TYPE",
      message: "Send application/json.",
    });
    return;
  }
  next();
};

/**
 * Cookies and limit headers of a mutation are known only when it has run, so its response is never streamed.
 */
const neverStreamMutations: RequestHandler = (request, _response, next) => {
  if (request.method === "POST") {
    delete request.headers["trpc-accept"];
    request.headers.accept = "application/json";
  }
  next();
};
