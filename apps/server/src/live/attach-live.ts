import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { appRouter, createContextFactory } from "@cardinal/api";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { ServerContext } from "../server-context.ts";
import { admitSocket } from "./admit-socket.ts";
import { drainSockets } from "./drain-sockets.ts";
import { untilWritable } from "./until-writable.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { SocketCounts } from "./socket-counts.ts";

const TRPC_PATH = "/api/trpc";
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_BATCH = 10;
/** A socket whose client sends no connection parameters within this is closed. */
const CONTEXT_WITHIN_MS = 5_000;

export interface LiveServer {
  /** Open WebSockets. */
  readonly sockets: number;
  /** What slow readers have not taken yet. */
  readonly bufferedBytes: number;
  /**
   * Hands all streams over to other processes: no new sockets; WebSocket clients are told to reconnect and SSE
   * responses end, both spread over a while; what is left is closed. Resolves when nothing is open.
   */
  drain(graceMs: number): Promise<void>;
}

/**
 * The API over WebSocket, on the path it has over HTTP. A page's socket must come from one of our origins and uses
 * its cookie; a program's, without `Origin`, must bring a session token, as `Authorization` or as its connection
 * parameter `token`, within 5 s. No compression, 64 KB a message; a reader that is slow costs the server at most
 * 1 MB and is cut after 30 s.
 */
export function attachLive(http: Server, context: ServerContext): LiveServer {
  const { deps, log, config } = context;
  const createContext = createContextFactory(deps);
  const counts = new SocketCounts();
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const awaited = new WeakMap<WebSocket, NodeJS.Timeout>();
  let isDraining = false;

  // Before tRPC's own listener, which may make the context at once.
  wss.on("connection", (socket: WebSocket) => {
    const late = setTimeout(() => socket.close(1008, "no connection parameters"), CONTEXT_WITHIN_MS);
    late.unref();
    awaited.set(socket, late);
    socket.on("close", () => clearTimeout(late));
    socket.on("error", (error) => log.debug({ err: error }, "a WebSocket failed"));
  });

  applyWSSHandler({
    wss,
    router: appRouter,
    maxBatchSize: MAX_BATCH,
    keepAlive: { enabled: true, pingMs: 20_000, pongWaitMs: 10_000 },
    createContext: async ({ req, res: socket, info }) => {
      clearTimeout(awaited.get(socket));
      const token = info.connectionParams?.["token"];
      const source = {
        transport: "websocket" as const,
        method: "GET",
        headers: req.headers.origin === undefined ? withoutCookie(req) : req.headers,
        remoteAddress: req.socket.remoteAddress,
        requestId: randomUUID(),
        connectionToken: typeof token === "string" ? token : undefined,
        writable: (signal: AbortSignal) => untilWritable(socket, signal),
      };
      await admitSocket({ deps, counts, socket, source, mustBeMember: req.headers.origin === undefined });
      return createContext(source);
    },
  });

  http.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const { origin, host = "localhost" } = request.headers;
    // tRPC throws where these make no address, and nothing would catch it.
    const address = URL.parse(request.url ?? "/", `http://${host}`);
    if (address === null) {
      refuseUpgrade(stream, 400);
    } else if (address.pathname !== TRPC_PATH) {
      refuseUpgrade(stream, 404);
    } else if (isDraining) {
      refuseUpgrade(stream, 503);
    } else if (origin !== undefined && !config.api.allowedOrigins.includes(origin)) {
      log.info({ origin }, "WebSocket refused: foreign origin");
      refuseUpgrade(stream, 403);
    } else {
      wss.handleUpgrade(request, stream, head, (socket) => wss.emit("connection", socket, request));
    }
  });

  return {
    get sockets() {
      return wss.clients.size;
    },
    get bufferedBytes() {
      return [...wss.clients].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
    },
    async drain(graceMs) {
      isDraining = true;
      await Promise.all([drainSockets(wss.clients, graceMs), deps.live.drain(Math.min(graceMs / 2, 3_000))]);
    },
  };
}

/** Only browsers send cookies, and browsers send `Origin`: without it a cookie proves nothing. */
function withoutCookie({ headers }: IncomingMessage): IncomingMessage["headers"] {
  const { cookie: _cookie, ...others } = headers;
  return others;
}
