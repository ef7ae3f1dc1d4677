import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { appRouter, createContextFactory } from "@cardinal/api";
import { type WebSocket, WebSocketServer } from "ws";
import type { ServerContext } from "../server-context.ts";
import { admitSocket } from "./admit-socket.ts";
import { drainSockets } from "./drain-sockets.ts";
import { OpenConnections } from "./open-connections.ts";
import { lookEveryMs, type Patience, toPatience } from "./patience.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { LiveSocket, type SocketHost } from "./socket/live-socket.ts";
import { SocketOutput } from "./socket/socket-output.ts";
import { SocketCounts } from "./socket-counts.ts";

const TRPC_PATH = "/api/trpc";
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_BATCH = 10;
/** A socket whose client sends no connection parameters within this is closed. */
const CONTEXT_WITHIN_MS = 5_000;
/** What calls over a socket may want to know of its upgrade. The rest is not kept: it would be for each socket. */
const KEPT_HEADERS = ["authorization", "cookie", "host", "origin", "user-agent", "x-forwarded-for"] as const;

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
 * 128 KB and a frame, and is cut when it takes nothing for 30 s.
 */
export function attachLive(
  http: Server,
  context: ServerContext,
  options: Partial<Patience> = {},
): LiveServer {
  const { deps, log, config } = context;
  const createContext = createContextFactory(deps);
  const counts = new SocketCounts();
  const patience = toPatience(options);
  const sockets = new OpenConnections<LiveSocket>(lookEveryMs(patience));
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  let isDraining = false;

  function open(socket: WebSocket, stream: Socket, { headers, url }: IncomingMessage): void {
    const { remoteAddress } = stream;
    const kept = keptHeaders(headers);
    const host: SocketHost = {
      router: appRouter,
      maxBatch: MAX_BATCH,
      patience,
      async createContext(params) {
        const token = params?.["token"];
        const source = {
          transport: "websocket" as const,
          method: "GET",
          headers: kept,
          remoteAddress,
          requestId: randomUUID(),
          connectionToken: typeof token === "string" ? token : undefined,
        };
        await admitSocket({ deps, counts, socket, source, mustBeMember: kept.origin === undefined });
        return createContext(source);
      },
      onFailure: (error) => log.error({ err: error }, "a WebSocket could not be answered"),
    };
    const live = new LiveSocket(host, socket, (onRoom) => new SocketOutput(socket, stream, onRoom));
    sockets.add(live);
    socket.on("message", (data: Buffer, isBinary) => live.receive(data, isBinary));
    socket.on("error", (error) => log.debug({ err: error }, "a WebSocket failed"));
    socket.once("close", () => {
      sockets.delete(live);
      live.closed();
    });
    const hasParams = URL.parse(url ?? "/", "http://localhost")?.searchParams.get("connectionParams") === "1";
    if (hasParams) {
      const late = setTimeout(() => {
        if (!live.hasContext) {
          live.close(1008, "no connection parameters");
        }
      }, CONTEXT_WITHIN_MS);
      late.unref();
    }
    live.begin({ hasParams });
  }

  http.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const { origin, host = "localhost" } = request.headers;
    const address = URL.parse(request.url ?? "/", `http://${host}`);
    if (address === null || !(stream instanceof Socket)) {
      refuseUpgrade(stream, 400);
    } else if (address.pathname !== TRPC_PATH) {
      refuseUpgrade(stream, 404);
    } else if (isDraining) {
      refuseUpgrade(stream, 503);
    } else if (origin !== undefined && !config.api.allowedOrigins.includes(origin)) {
      log.info({ origin }, "WebSocket refused: foreign origin");
      refuseUpgrade(stream, 403);
    } else {
      wss.handleUpgrade(request, stream, head, (socket) => open(socket, stream, request));
    }
  });

  return {
    get sockets() {
      return sockets.size;
    },
    get bufferedBytes() {
      return sockets.waiting;
    },
    async drain(graceMs) {
      isDraining = true;
      await Promise.all([drainSockets(sockets, graceMs), deps.live.drain(Math.min(graceMs / 2, 3_000))]);
    },
  };
}

/** Only browsers send cookies, and browsers send `Origin`: without it a cookie proves nothing. */
function keptHeaders(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const kept = Object.fromEntries(KEPT_HEADERS.map((name) => [name, headers[name]]));
  return headers.origin === undefined ? { ...kept, cookie: undefined } : kept;
}
