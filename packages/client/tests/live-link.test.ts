import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import type { ConnectionState } from "../src/live/connection.ts";
import { createCardinalClient } from "../src/index.ts";
import type { CardinalClient } from "../src/index.ts";

const ROOM = "01900000-0000-7000-8000-000000000001";

/** Speaks the wire format of the API's SSE, and nothing of WebSocket: as behind a proxy without upgrades. */
class SseServer {
  readonly lastEventIds: (string | null)[] = [];
  readonly authorizations: (string | undefined)[] = [];
  upgrades = 0;
  answer: (response: ServerResponse, connection: number) => void = () => undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SseServer> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      if (url.pathname.endsWith("/health.get")) {
        response.end("{}");
        return;
      }
      const input: { lastEventId?: string } = JSON.parse(url.searchParams.get("input") ?? "{}");
      started.lastEventIds.push(input.lastEventId ?? null);
      started.authorizations.push(request.headers.authorization);
      started.answer(response, started.lastEventIds.length);
    });
    const started = new SseServer(server);
    server.on("upgrade", (_request, socket) => {
      started.upgrades += 1;
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function open(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("event: connected\ndata: {}\n\n");
}

function yieldEvent(response: ServerResponse, id: string): void {
  const frame = { kind: "ready", head: 0, epoch: "e1" };
  response.write(`id: ${id}\ndata: ${JSON.stringify(frame)}\n\n`);
}

let server: SseServer | undefined;
let client: CardinalClient | undefined;
afterEach(() => {
  client?.close();
  server?.stop();
});

function follow(following: CardinalClient) {
  const ids: string[] = [];
  const errors: string[] = [];
  following.trpc.chat.onEvent.subscribe(
    { roomId: ROOM, cursor: "e1.0" },
    { onData: ({ id }) => ids.push(id), onError: ({ data }) => errors.push(data?.code ?? "") },
  );
  return { ids, errors };
}

it("moves to SSE where no WebSocket opens but the API answers", async () => {
  server = await SseServer.start();
  server.answer = (response) => {
    open(response);
    yieldEvent(response, "e1.1");
  };
  client = createCardinalClient({ url: server.url, token: "secret" });
  const states: ConnectionState[] = [];
  client.connection.subscribe(() => states.push(client?.connection.state ?? "closed"));
  const { ids } = follow(client);
  await expect.poll(() => ids, { timeout: 20_000 }).toEqual(["e1.1"]);
  expect(client.connection.snapshot).toMatchObject({ state: "live", transport: "sse" });
  expect(server.upgrades).toBeGreaterThanOrEqual(2);
  expect(server.authorizations).toEqual(["Bearer secret"]);
  client.close();
  expect(states.at(-1)).toBe("closed");
});

it("resumes from the last event after a cut, an answer of 502 and a refusal that passes", async () => {
  server = await SseServer.start();
  server.answer = (response, connection) => {
    if (connection === 2) {
      response.writeHead(502).end();
      return;
    }
    open(response);
    if (connection === 1) {
      yieldEvent(response, "e1.7");
      setImmediate(() => response.destroy());
    } else if (connection === 3) {
      const shape = { message: "down", code: -32603, data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503 } };
      response.end(`event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`);
    } else {
      yieldEvent(response, "e1.8");
    }
  };
  client = createCardinalClient({ url: server.url, transport: "sse" });
  const { ids } = follow(client);
  await expect.poll(() => ids, { timeout: 20_000 }).toEqual(["e1.7", "e1.8"]);
  expect(server.lastEventIds).toEqual([null, "e1.7", "e1.7", "e1.7"]);
  expect(client.connection.state).toBe("live");
});

it("ends with an error at a refusal, and does not ask again", async () => {
  server = await SseServer.start();
  server.answer = (response) => {
    open(response);
    const shape = { message: "no", code: -32003, data: { code: "FORBIDDEN", httpStatus: 403 } };
    response.end(`event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`);
  };
  client = createCardinalClient({ url: server.url, transport: "sse" });
  const { errors } = follow(client);
  await expect.poll(() => errors).toEqual(["FORBIDDEN"]);
  expect(client.connection.state).toBe("idle");
  expect(server.lastEventIds).toHaveLength(1);
});

it("opens nothing before the first subscription, and reopens at once when told to", async () => {
  server = await SseServer.start();
  server.answer = (response, connection) => {
    open(response);
    yieldEvent(response, `e1.${connection}`);
  };
  client = createCardinalClient({ url: server.url, transport: "sse" });
  expect(client.connection.state).toBe("idle");
  const { ids } = follow(client);
  await expect.poll(() => ids).toEqual(["e1.1"]);
  // As after signing in: the same subscription over a new connection.
  client.restart();
  await expect.poll(() => ids).toEqual(["e1.1", "e1.2"]);
  expect(server.lastEventIds).toEqual([null, "e1.1"]);
});
