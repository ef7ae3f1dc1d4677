import express, { type Express } from "express";
import { queueBoard } from "./admin/queue-board.ts";
import { mailPages } from "./dev-mail/mail-pages.ts";
import { healthRoutes } from "./health/health-routes.ts";
import { errorHandler, notFound } from "./http/error-handler.ts";
import { requestId } from "./http/request-id.ts";
import { requestLog } from "./http/request-log.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { trpcRoutes } from "./http/trpc-routes.ts";
import { webApp } from "./http/web-app.ts";
import { metricsRoute } from "./metrics/metrics-route.ts";
import type { ServerContext } from "./server-context.ts";

/** Every route of the server, in the order in which they are tried. */
export function createApp(context: ServerContext, isDraining: () => boolean): Express {
  const { config, log, metrics } = context;
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);

  app.use(requestId, requestLog(log), securityHeaders(config.publicUrl));
  app.use("/health", healthRoutes(context, isDraining));
  app.get("/metrics", metricsRoute(metrics.registry, config.metricsToken));
  app.use("/api/trpc", trpcRoutes(context));
  app.use("/admin/queues", queueBoard(context));
  if (!config.isProduction) {
    app.use("/dev/mail", mailPages(context.db));
  }
  app.use(webApp(config.webRoot));

  app.use(notFound);
  app.use(errorHandler(log));
  return app;
}
