import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { showDemoViews } from "./analytics/show-demo-views.ts";
import { keepBoards } from "./boards/keep-boards.ts";
import type { ServerConfig } from "./config.ts";
import { createApp } from "./create-app.ts";
import { checkRedisAtStart } from "./health/boot-check.ts";
import { attachLive, type LiveServer } from "./live/attach-live.ts";
import { registerLiveMetrics } from "./live/live-metrics.ts";
import { createServerContext, type ServerContext, type ServerOverrides } from "./server-context.ts";

export interface RunningServer {
  readonly context: ServerContext;
  readonly http: Server;
  readonly live: LiveServer;
  readonly port: number;
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Resolves when the boards were looked after for the first time, Redis having been there. */
  readonly boardsReady: Promise<void>;
  /**
   * Stops for good: takes no new connections, lets requests under way finish for at most `graceMs`, then closes
   * everything it opened. Calling it again waits for the same end.
   */
  stop(graceMs?: number): Promise<void>;
}

/** The port belongs to another program. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
  readonly code = "PORT_TAKEN";

  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} is taken by another program. Stop it, or set SERVER_PORT to a free one.`, options);
  }
}

/**
 * Starts one server. It listens at once, whether or not Redis is there: `/health/ready` says when it can work.
 *
 * @throws {PortTaken}
 */
export async function startServer(config: ServerConfig, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const context = await createServerContext(config, overrides);
  let isDraining = false;
  const http = createServer(
    // Headers within 10 s, a whole request within 30 s; an idle connection outlives a balancer's 60 s.
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 },
    createApp(context, () => isDraining),
  );
  const live = attachLive(http, context, overrides.patience);
  registerLiveMetrics(context.metrics.registry, live, context.deps.live);
  try {
    await listen(http, config.listen);
  } catch (error) {
    await context[Symbol.asyncDispose]();
    throw error;
  }
  const boards = keepBoards(context);
  const stopped = new AbortController();
  void checkRedisAtStart(context, stopped.signal);
  const demoViews = showDemoViews(context, stopped.signal);
  const { port } = addressOf(http);
  const url = `http://${hostForUrl(config.listen.host)}:${port}`;
  context.log.info({ url, publicUrl: config.publicUrl, redis: context.redis.address }, "server listens");

  let stopping: Promise<void> | undefined;
  const stop = async (graceMs: number): Promise<void> => {
    isDraining = true;
    stopped.abort(new Error("the server is stopping"));
    // Listening ends first: whoever is told to reconnect must find another process.
    await Promise.all([closeHttp(http, graceMs), live.drain(graceMs)]);
    await Promise.all([boards.stop(), demoViews]);
    await context[Symbol.asyncDispose]();
    context.log.info("server stopped");
  };
  return {
    context,
    http,
    live,
    port,
    url,
    boardsReady: boards.ready,
    stop(graceMs = 10_000) {
      stopping ??= stop(graceMs);
      return stopping;
    },
  };
}

const CLOSE_IDLE_EVERY_MS = 50;

function listen(http: Server, { host, port, isShared }: ServerConfig["listen"]): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", (error) => {
      const isTaken = "code" in error && error.code === "EADDRINUSE";
      reject(isTaken ? new PortTaken(port, { cause: error }) : error);
    });
    http.listen({ port, ...(host === undefined ? {} : { host }), reusePort: isShared }, () => resolve());
  });
}

/** Lets requests under way finish. Connections that only wait are closed as soon as they do, all after `graceMs`. */
function closeHttp(http: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => http.closeAllConnections(), graceMs);
    // A connection whose request was under way is kept alive when it ends, and nobody would close it.
    const looking = setInterval(() => http.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    http.close(() => {
      clearTimeout(deadline);
      clearInterval(looking);
      resolve();
    });
    http.closeIdleConnections();
  });
}

function addressOf(http: Server): AddressInfo {
  const address = http.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("the server does not listen on a port");
  }
  return address;
}

function hostForUrl(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") {
    return "localhost";
  }
  return host.includes(":") ? `[${host}]` : host;
}
