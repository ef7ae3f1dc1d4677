import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Redis } from "ioredis";
import { GatewayError, runCommand, runPipeline, runTransaction } from "./run-commands.ts";

export interface UpstashGatewayOptions {
  /** The Redis to stand in front of. */
  redisUrl: string;
  /** What clients must show. */
  token: string;
}

export interface UpstashGateway {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Upstash's REST protocol in front of a real Redis, on a free port of 127.0.0.1. A TOOL FOR DEVELOPMENT AND
 * TESTS: no TLS, no limits, one shared connection. Spoken are a command as a JSON array or as a path,
 * `/pipeline`, `/multi-exec`, `Authorization: Bearer` or `?_token=`, and `Upstash-Encoding: base64`.
 * Subscriptions and MONITOR are not.
 *
 * Where Redis goes away in the middle of a request, the request's connection is cut: whether the command ran
 * is then as unknown to the client as it is here.
 *
 *     await using gateway = await startUpstashGateway({ redisUrl: redis.url, token: "secret" });
 *     const client = new Redis({ url: gateway.url, token: "secret", retry: { retries: 0 } });
 */
export async function startUpstashGateway(options: UpstashGatewayOptions): Promise<UpstashGateway> {
  const redis = new Redis(options.redisUrl, {
    protocol: 2,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  });
  redis.on("error", () => {});
  await redis.connect();
  const server = createServer((request, response) => {
    answer(redis, options.token, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    redis.disconnect();
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { host: "127.0.0.1", port, url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}

async function answer(
  redis: Redis,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://gateway");
  const encoding = request.headers["upstash-encoding"] === "base64" ? "base64" : "utf8";
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  try {
    const shown = url.searchParams.get("_token") ?? request.headers.authorization?.replace(/^Bearer /i, "");
    const body = await readBody(request);
    if (shown !== token) {
      send(401, { error: "WRONGPASS invalid or missing auth token" });
      return;
    }
    switch (url.pathname) {
      case "/":
        send(200, await runCommand(redis, toCommand(parse(body)), encoding));
        break;
      case "/pipeline":
        send(200, await runPipeline(redis, toCommands(parse(body)), encoding));
        break;
      case "/multi-exec":
        send(200, await runTransaction(redis, toCommands(parse(body)), encoding));
        break;
      default:
        send(200, await runCommand(redis, commandOfPath(url, body), encoding));
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    send(error.status, { error: error.message });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new GatewayError("ERR failed to parse command");
  }
}

function toCommand(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) throw new GatewayError("ERR empty command");
  return value.map((word: unknown) => (typeof word === "string" ? word : JSON.stringify(word)));
}

function toCommands(value: unknown): string[][] {
  if (!Array.isArray(value) || value.length === 0) throw new GatewayError("ERR empty pipeline request");
  return value.map(toCommand);
}

/** `/set/foo/bar?EX=100`; a body is the last argument before those of the query. */
function commandOfPath(url: URL, body: string): string[] {
  const words = url.pathname.slice(1).split("/").map(decodeURIComponent);
  const query = [...url.searchParams].filter(([name]) => name !== "_token");
  return [...words, ...(body === "" ? [] : [body]), ...query.flat().filter((word) => word !== "")];
}
