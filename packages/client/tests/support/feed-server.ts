import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";

interface AskedTopic {
  key: string;
  path: string;
  input?: { roomId?: string };
  lastEventId?: string;
}

/** One request of the feed, with what to answer in the test's hands. */
export class FeedRequest {
  readonly topics: AskedTopic[];
  readonly memberId: string | undefined;
  readonly authorization: string | undefined;
  isClosed = false;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, body: { topics: AskedTopic[]; memberId?: string }) {
    this.topics = body.topics;
    this.memberId = body.memberId;
    this.authorization = request.headers.authorization;
    this.#response = response;
    response.on("close", () => (this.isClosed = true));
  }

  /** Last ids by the room of the topic. */
  get cursors(): Record<string, string | null> {
    return Object.fromEntries(this.topics.map(({ input, lastEventId }) => [input?.roomId ?? "", lastEventId ?? null]));
  }

  keyOf(roomId: string): string {
    const topic = this.topics.find(({ input }) => input?.roomId === roomId);
    if (!topic) throw new Error(`nobody asked for ${roomId}`);
    return topic.key;
  }

  /** Begins a stream. */
  accept(): this {
    this.#response.writeHead(200, { "content-type": "text/event-stream" });
    return this.event("connected", {});
  }

  /** Answers with a stream in which every topic has started. */
  open(): this {
    this.accept();
    return this.send(...this.topics.map(({ key }) => ({ key, started: true })));
  }

  send(...frames: object[]): this {
    this.#response.write(`data: ${JSON.stringify(frames)}\nid: 1\n\n`);
    return this;
  }

  /** A frame of a room's topic. */
  ready(roomId: string, id: string): this {
    return this.send({ key: this.keyOf(roomId), id, data: { kind: "ready", head: 0, epoch: "e1" } });
  }

  event(name: string, data: object): this {
    this.#response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    return this;
  }

  refuse(status: number, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers).end("<html>");
  }

  cut(): void {
    this.#response.destroy();
  }
}

/** Speaks the wire format of the feed, and nothing of WebSocket: as behind a proxy without upgrades. */
export class FeedServer {
  readonly requests: FeedRequest[] = [];
  upgrades = 0;
  /** What is done with each request, by its number from 1. */
  answer: (request: FeedRequest, number: number) => void = (request) => void request.open();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FeedServer> {
    const server = createServer((request, response) => {
      if (request.url?.startsWith("/api/trpc/health.get")) {
        response.end("{}");
        return;
      }
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const asked = new FeedRequest(request, response, JSON.parse(body));
        started.requests.push(asked);
        started.answer(asked, started.requests.length);
      });
    });
    const started = new FeedServer(server);
    server.on("upgrade", (_request, socket) => {
      started.upgrades += 1;
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
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

/** An error as the API tells it. */
export function errorShape(code: string, httpStatus: number, data: object = {}): object {
  return { message: code, code: -32000, data: { code, httpStatus, reason: code, ...data } };
}
