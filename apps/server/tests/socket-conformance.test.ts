import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { randomUUID } from "node:crypto";
import { appRouter, createContextFactory } from "@cardinal/api";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { TRPCError } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { toPatience } from "../src/live/patience.ts";
import { LiveSocket } from "../src/live/socket/live-socket.ts";
import { SocketOutput } from "../src/live/socket/socket-output.ts";
import { type ConformanceRouter, conformanceRouter } from "./support/conformance-router.ts";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";

const MAX_BATCH = 3;
const halves = ["stock", "ours"] as const;
type Half = (typeof halves)[number];

interface SocketServer {
  readonly url: string;
  close(): Promise<void>;
}

function createContext(params: Readonly<Record<string, string | undefined>> | null): { name: string | null } {
  if (params?.["name"] === "banned") {
    throw new TRPCError({ code: "FORBIDDEN", message: "not over this socket" });
  }
  return { name: params?.["name"] ?? null };
}

async function serve(half: Half): Promise<SocketServer> {
  const http = createServer();
  const wss = new WebSocketServer({ noServer: true });
  if (half === "stock") {
    applyWSSHandler({
      wss,
      router: conformanceRouter,
      maxBatchSize: MAX_BATCH,
      createContext: ({ info }) => createContext(info.connectionParams),
    });
  }
  http.on("upgrade", (request, stream, head) => {
    wss.handleUpgrade(request, stream, head, (socket) => {
      if (half === "stock") {
        wss.emit("connection", socket, request);
        return;
      }
      if (!(stream instanceof Socket)) {
        throw new TypeError("not a TCP connection");
      }
      const host = {
        router: conformanceRouter,
        maxBatch: MAX_BATCH,
        patience: toPatience({}),
        createContext: async (params: Readonly<Record<string, string | undefined>> | null) =>
          createContext(params),
        onFailure: (error: unknown) => expect(error).toBeUndefined(),
      };
      const live = new LiveSocket(host, socket, (onRoom) => new SocketOutput(socket, stream, onRoom));
      socket.on("message", (data: Buffer, isBinary) => live.receive(data, isBinary));
      socket.once("close", () => live.closed());
      live.begin({ hasParams: request.url?.includes("connectionParams=1") === true });
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `ws://127.0.0.1:${(Object(http.address()) as AddressInfo).port}/`,
    async close() {
      wss.clients.forEach((client) => client.terminate());
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

let servers: Record<Half, SocketServer>;
beforeAll(async () => {
  servers = { stock: await serve("stock"), ours: await serve("ours") };
});
afterAll(async () => {
  await Promise.all([servers.stock.close(), servers.ours.close()]);
});

/** What is sent, one after the other; `null` waits until all before has been dealt with. */
type Script = readonly (string | Buffer | object | null)[];

/** A call that is always answered, and only when everything before it has come to rest. */
const SENTINEL = "sentinel";

/** The texts a half answers, in order for each call; and the code it closed with, if it did. */
async function transcriptOf(half: Half, script: Script, search = ""): Promise<Record<string, string[]>> {
  const socket = new WebSocket(`${servers[half].url}${search}`);
  const heard: Record<string, string[]> = {};
  let rest = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer, isBinary) => {
    expect(isBinary).toBe(false);
    // The one thing both say in words of their own.
    const text = data.toString().replace(/"message":"[^"]*binary data[^"]*"/, `"message":"binary"`);
    const id = text === "PONG" ? "PONG" : String(Object(JSON.parse(text)).id);
    if (id === SENTINEL) {
      rest.resolve();
    } else {
      (heard[id] ??= []).push(text);
    }
  });
  const onClose = (code: number) => {
    (heard["closed"] ??= []).push(String(code));
    rest.resolve();
  };
  socket.on("close", onClose);
  await once(socket, "open");
  for (const message of [...script, null]) {
    if (message === null) {
      rest = Promise.withResolvers<void>();
      socket.send(JSON.stringify({ id: SENTINEL, method: "query", params: { path: "settle" } }));
      await rest.promise;
    } else {
      socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
    }
  }
  socket.off("close", onClose);
  socket.terminate();
  return heard;
}

/** What both halves answer to the same. */
async function bothTo(script: Script, search = "") {
  const [stock, ours] = await Promise.all(halves.map((half) => transcriptOf(half, script, search)));
  return { stock, ours };
}

const call = (id: number | string, method: string, path: string, input?: unknown, more: object = {}) => ({
  id,
  method,
  params: { path, input, ...Object(more).params },
  ...("jsonrpc" in more ? { jsonrpc: more.jsonrpc } : {}),
});
const subscribe = (id: number | string, path: string, input?: unknown, lastEventId?: string) =>
  call(id, "subscription", path, input, lastEventId === undefined ? {} : { params: { lastEventId } });
const stop = (id: number | string) => ({ id, method: "subscription.stop" });

/** One of everything a client may send. */
const moves: Record<string, Script> = {
  "a query": [call(1, "query", "echo", { a: [1, "ß"] })],
  "a query without an answer": [call(1, "query", "nothing")],
  "a mutation": [call(1, "mutation", "double", 21)],
  "a call with the JSON-RPC version": [call(1, "query", "echo", 1, { jsonrpc: "2.0" })],
  "a failing call with the JSON-RPC version": [call(1, "mutation", "refuse", 1, { jsonrpc: "2.0" })],
  "another JSON-RPC version": [{ ...call(1, "query", "echo", 1), jsonrpc: "1.0" }],
  "an id that is text": [call("one", "query", "echo", 1)],
  "no id": [{ method: "query", params: { path: "echo" } }],
  "a null id": [{ ...call(1, "query", "echo"), id: null }],
  "an id that is an object": [{ ...call(1, "query", "echo"), id: {} }],
  "bad input": [call(1, "mutation", "double", "x")],
  "an unknown procedure": [call(1, "query", "nowhere")],
  "a property of objects as a procedure": [call(1, "query", "constructor")],
  "the wrong type": [call(1, "query", "double", 1), call(2, "subscription", "echo", 1), call(3, "mutation", "count")],
  "a refusal": [call(1, "mutation", "refuse")],
  "a crash": [call(1, "query", "crash")],
  "a query that streams": [call(1, "query", "stream")],
  "text that is no JSON": ["{"],
  "empty text": [""],
  "JSON that is no call": ["1", "null", "[]", "{}", "[1]", `"PING"`],
  "a method that is none": [{ id: 1, method: "delete", params: { path: "echo" } }],
  "a path that is none": [{ id: 1, method: "query", params: { path: 5 } }],
  "no parameters": [{ id: 1, method: "query" }],
  "binary data": [Buffer.from(JSON.stringify(call(1, "query", "echo", 1)))],
  pings: ["PING", "PONG", "PING"],
  "a batch": [[call(1, "query", "echo", 1), call(2, "mutation", "refuse"), call(3, "subscription", "plain")]],
  "a batch that is too large": [[1, 2, 3, 4].map((id) => call(id, "query", "echo", id))],
  "a large batch of no calls": [[stop(1), stop(2), stop(3), 4]],
  "a large batch with a version": [[5, 6, 7, 8].map((id) => call(id, "query", "echo", id, { jsonrpc: "2.0" }))],
  "a stream of tracked events": [subscribe(1, "count", { to: 3 })],
  "a stream with the JSON-RPC version": [call(1, "subscription", "count", { to: 2 }, { jsonrpc: "2.0" })],
  "a stream that goes on": [subscribe(1, "count", { to: 5 }, "3")],
  "a stream that is over": [subscribe(1, "count", { to: 5 }, "5")],
  "a stream of anything": [subscribe(1, "plain")],
  "long messages": [subscribe(1, "long")],
  "a last id without input": [subscribe(1, "lastEventIdOf", undefined, "9")],
  "a last id and no object": [subscribe(1, "lastEventIdOf", "text", "9"), subscribe(2, "lastEventIdOf", null, "9")],
  "a last id and a list": [subscribe(1, "lastEventIdOf", [1], "9")],
  "a last id that is none": [call(1, "subscription", "lastEventIdOf", {}, { params: { lastEventId: 5 } })],
  "a stream that breaks": [subscribe(1, "breaks"), subscribe(2, "breaksInside")],
  "a stream that is refused": [subscribe(1, "refusedStream")],
  "a stream without valid input": [subscribe(1, "count", { to: "x" })],
  "a stream that is stopped": [subscribe(1, "forever"), null, stop(1)],
  "a stream that is stopped at once": [subscribe(1, "forever"), stop(1)],
  "a stream stopped twice, and one that is none": [subscribe(1, "forever"), null, stop(1), stop(1), stop(2)],
  "an id twice": [subscribe(1, "forever"), subscribe(1, "forever"), null, stop(1)],
  "an id again after the end": [subscribe(1, "forever"), null, stop(1), null, subscribe(1, "count", { to: 2 })],
  "an id of a stream for a query": [subscribe(1, "forever"), null, call(1, "query", "echo", 1), null, stop(1)],
};

describe("our socket half answers byte for byte what the stock handler does", () => {
  it.each(Object.entries(moves))("to %s", async (_, script) => {
    const { stock, ours } = await bothTo(script);
    expect(ours).toEqual(stock);
    expect(ours).not.toEqual({});
  });

  it("to any sequence of these", async () => {
    const names = fc.array(fc.constantFrom(...Object.keys(moves)), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(names, async (chosen) => {
        const { stock, ours } = await bothTo(chosen.flatMap((name) => [...(moves[name] ?? []), null]));
        expect(ours).toEqual(stock);
      }),
      { numRuns: 40 },
    );
  });

  const whoami = call(1, "query", "whoami");
  const params = (data: unknown) => ({ method: "connectionParams", data });
  it.each<[string, Script]>([
    ["some", [params({ name: "bo" }), whoami]],
    ["null", [params(null), whoami]],
    ["none that are valid", [params({ name: 5 }), whoami]],
    ["no data", [{ method: "connectionParams" }, whoami]],
    ["a list", [[], whoami]],
    ["text that is no JSON", ["{", whoami]],
    ["a ping first", ["PING", params({ name: "bo" }), whoami]],
    ["a context that is refused", [params({ name: "banned" }), whoami]],
  ])("to connection parameters: %s", async (_, script) => {
    const { stock, ours } = await bothTo(script, "?connectionParams=1");
    expect(ours).toEqual(stock);
  });
});

it.each(halves)("tRPC's own client takes the %s half for what it knows", async (half) => {
  const socket = createWSClient({ url: servers[half].url, connectionParams: { name: "bo" } });
  const client = createTRPCClient<ConformanceRouter>({ links: [wsLink({ client: socket })] });
  expect(await client.whoami.query()).toBe("bo");
  expect(await client.double.mutate(4)).toBe(8);
  const heard: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    client.count.subscribe(
      { to: 3 },
      { onData: ({ id, data }) => heard.push([id, data.n]), onComplete: resolve, onError: reject },
    );
  });
  expect(heard).toEqual([["1", 1], ["2", 2], ["3", 3]]);
  await socket.close();
});

describe("the product's own streams", () => {
  let test: TestServer;
  let stock: Awaited<ReturnType<typeof serveStock>>;

  /** The same router and dependencies behind the stock handler. */
  async function serveStock() {
    const http = createServer();
    const wss = new WebSocketServer({ server: http });
    const create = createContextFactory(test.server.context.deps);
    applyWSSHandler({
      wss,
      router: appRouter,
      createContext: ({ req }) =>
        create({
          transport: "websocket",
          method: "GET",
          headers: req.headers,
          remoteAddress: req.socket.remoteAddress,
          requestId: randomUUID(),
        }),
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return {
      url: `ws://127.0.0.1:${(Object(http.address()) as AddressInfo).port}/`,
      close: async () => {
        wss.clients.forEach((client) => client.terminate());
        await new Promise((resolve) => http.close(resolve));
      },
    };
  }

  beforeAll(async () => {
    test = await createTestServer({ redisUrl: inject("redisUrl") });
    stock = await serveStock();
  });
  afterAll(async () => {
    await stock.close();
    await test[Symbol.asyncDispose]();
  });

  it("leave either half as the same bytes: what was missed, ready, what comes, and an error", async () => {
    const bo = await test.signedInClient("bo");
    const roomId = await roomIdOf(bo, "general");
    const headers = { authorization: `Bearer ${await tokenOf(test.newClient(), "bo")}` };
    const page = await bo.query("chat.history", { roomId });
    const { epoch, asOfSeq } = Object(page.data);
    const open = async (url: string) => {
      const socket = new WebSocket(url, { headers });
      const heard: string[] = [];
      socket.on("message", (data: Buffer) => heard.push(data.toString()));
      await once(socket, "open");
      socket.send(JSON.stringify(subscribe(7, "chat.onEvent", { roomId, cursor: `${epoch}.${asOfSeq - 3}` })));
      socket.send(JSON.stringify(subscribe(8, "chat.onEvent", { roomId, cursor: "nonsense" })));
      return { socket, heard };
    };
    const both = await Promise.all([open(stock.url), open(`${test.url.replace("http", "ws")}/api/trpc`)]);
    await expect.poll(() => both.every(({ heard }) => heard.some((text) => text.includes(`"ready"`)))).toBe(true);
    await bo.mutate("chat.send", { roomId, body: "for both ☃", clientMessageId: randomUUID() });
    await expect.poll(() => both.every(({ heard }) => heard.some((text) => text.includes("for both")))).toBe(true);
    const [theirs, ours] = both.map(({ heard }) =>
      heard.filter((text) => !text.includes(`"typing"`)).map((text) => text.replace(/"requestId":"[^"]*"/, "")).toSorted(),
    );
    expect(ours).toEqual(theirs);
    both.forEach(({ socket }) => socket.terminate());
  });
});
