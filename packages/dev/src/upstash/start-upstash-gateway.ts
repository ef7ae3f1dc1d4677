import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { GatewayError } from "./gateway-error.ts";
import { sendJson, sendReplies, sendReply } from "./gateway-reply.ts";
import { type GatewayRequest, readRequest, toCommand, toCommands, type Word } from "./gateway-request.ts";
import { createGatewayUsers, type GatewayUser, type GatewayUsers } from "./gateway-users.ts";
import { runCommands, runTransaction } from "./run-commands.ts";
import { streamMessages, streamMonitor } from "./stream-events.ts";

export interface UpstashGatewayOptions {
  /** The Redis to stand in front of. */
  redisUrl: string;
  /** What clients must show. */
  token: string;
  /** Shown instead, permits reading only, and neither SCAN nor KEYS. */
  readOnlyToken?: string;
}

export interface UpstashGateway {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Upstash's documented REST protocol in front of a real Redis, on a free port of 127.0.0.1. A TOOL FOR
 * DEVELOPMENT AND TESTS: no TLS, no limits, one connection a user.
 *
 * Spoken are a command as a JSON array or as a path with body and query, `/pipeline`, `/multi-exec` (atomic),
 * `/subscribe/<channel>`, `/psubscribe/<pattern>` and `/monitor` as server-sent events, `Authorization: Bearer`
 * or `?_token=`, a read-only token, `ACL RESTTOKEN`, replies as JSON, base64 (`Upstash-Encoding`) or RESP2
 * (`Upstash-Response-Format`). A client that reads its own writes (`upstash-sync-token`) always does: there is
 * one server.
 *
 * Where Redis goes away in the middle of a request, the request's connection is cut: whether the command ran
 * is then as unknown to the client as it is here.
 *
 *     await using gateway = await startUpstashGateway({ redisUrl: redis.url, token: "secret" });
 *     const client = new Redis({ url: gateway.url, token: "secret", retry: { retries: 0 } });
 */
export async function startUpstashGateway(options: UpstashGatewayOptions): Promise<UpstashGateway> {
  const users = await createGatewayUsers(options);
  const server = createServer((request, response) => {
    answer(users, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    users.close();
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { host: "127.0.0.1", port, url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}

let lastSyncToken = 0;

async function answer(users: GatewayUsers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    lastSyncToken += 1;
    response.setHeader("upstash-sync-token", String(lastSyncToken));
    const asked = await readRequest(request);
    await serve(users, users.find(asked.token), asked, response);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.status === 405) response.setHeader("allow", "HEAD, GET, POST, PUT");
    sendJson(response, error.status, { error: error.message });
  }
}

async function serve(
  users: GatewayUsers,
  user: GatewayUser,
  asked: GatewayRequest,
  response: ServerResponse,
): Promise<void> {
  const { path, format } = asked;
  const [, first = "", ...names] = path.split("/").map(decodeURIComponent);
  switch (first.toLowerCase()) {
    case "":
      return await serveCommand(users, user, toCommand(asked.json()), asked, response);
    case "pipeline":
      return sendReplies(response, await runCommands(user, toCommands(asked.json())), format);
    case "multi-exec": {
      const replies = await runTransaction(user, toCommands(asked.json()));
      return sendReplies(response, replies, format === "resp2" ? "text" : format);
    }
    case "subscribe":
    case "psubscribe":
      return await streamMessages(user.redis, names, first.toLowerCase() === "psubscribe", response);
    case "monitor":
      if (!(await user.may("monitor"))) {
        throw new GatewayError("NOPERM this user has no permissions to run the 'monitor' command");
      }
      return await streamMonitor(user.redis, response);
    default:
      return await serveCommand(users, user, asked.command(), asked, response);
  }
}

async function serveCommand(
  users: GatewayUsers,
  user: GatewayUser,
  command: Word[],
  { format }: GatewayRequest,
  response: ServerResponse,
): Promise<void> {
  const [name = "", subCommand = "", username = "", password = ""] = command.map(String);
  if (`${name} ${subCommand}`.toLowerCase() === "acl resttoken") {
    sendJson(response, 200, { result: await users.createToken(username, password) });
    return;
  }
  const [reply = null] = await runCommands(user, [command]);
  sendReply(response, reply, format);
}
