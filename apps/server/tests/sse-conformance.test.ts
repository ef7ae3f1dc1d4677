import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { EventSource } from "eventsource";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sseRoutes } from "../src/live/sse/sse-routes.ts";
import { type ConformanceRouter, conformanceRouter } from "./support/conformance-router.ts";

const halves = ["stock", "ours"] as const;
type Half = (typeof halves)[number];

interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What both halves refuse a context for. */
const BANNED = "banned";

async function serve(half: Half): Promise<HttpServer> {
  const app = express();
  const createContext = (name: string | undefined) => {
    if (name === BANNED) {
      throw new Error("no context for you");
    }
    return { name: name ?? null };
  };
  if (half === "ours") {
    app.use(sseRoutes({ router: conformanceRouter, createContext: (request) => createContext(request.get("x-name")) }));
  }
  app.use(
    createExpressMiddleware({
      router: conformanceRouter,
      createContext: ({ req }) => createContext(req.get("x-name")),
    }),
  );
  const http = createServer(app);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(Object(http.address()) as AddressInfo).port}`,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

let servers: Record<Half, HttpServer>;
beforeAll(async () => {
  servers = { stock: await serve("stock"), ours: await serve("ours") };
});
afterAll(async () => {
  await Promise.all([servers.stock.close(), servers.ours.close()]);
});

const HEADERS = ["content-type", "cache-control", "x-accel-buffering", "connection", "vary"] as const;

/** The status, the headers that matter, and the body as far as a text or to its end. */
async function answerOf(half: Half, path: string, headers: Record<string, string>, until?: string) {
  const request = get(`${servers[half].url}${path}`, { headers: { accept: "text/event-stream", ...headers } });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) {
    body += String(chunk);
    if (until !== undefined && body.includes(until)) {
      break;
    }
  }
  request.destroy();
  return { status: response.statusCode, headers: HEADERS.map((name) => response.headers[name]), body };
}

const input = (value: unknown) => `?input=${encodeURIComponent(JSON.stringify(value))}`;

interface Asking {
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** For a stream without an end. */
  readonly until?: string;
}

const askings: Record<string, Asking> = {
  "a stream of tracked events": { path: `/count${input({ to: 3 })}` },
  "a stream that goes on, by the header": { path: `/count${input({ to: 5 })}`, headers: { "last-event-id": "3" } },
  "a stream that goes on, by the address": { path: `/count${input({ to: 5 })}&lastEventId=4` },
  "the header before the address": {
    path: `/count${input({ to: 5 })}&lastEventId=4`,
    headers: { "last-event-id": "2" },
  },
  "a stream that is over": { path: `/count${input({ to: 5 })}&lastEventId=5` },
  "a stream of anything": { path: "/plain" },
  "a stream of anything after an id": { path: "/plain?lastEventId=9" },
  "an id that cannot be sent back": { path: "/plain?lastEventId=a%0Ab" },
  "long messages": { path: "/long" },
  "a last id without input": { path: "/lastEventIdOf?lastEventId=9" },
  "a last id and no object": { path: `/lastEventIdOf${input("text")}&lastEventId=9` },
  "a last id and null": { path: `/lastEventIdOf${input(null)}&lastEventId=9` },
  "a last id and a list": { path: `/lastEventIdOf${input([1])}&lastEventId=9` },
  "input that is no JSON": { path: "/lastEventIdOf?input=%7B" },
  "empty input": { path: "/lastEventIdOf?input=" },
  "invalid input": { path: `/count${input({ to: "x" })}` },
  "a stream that breaks": { path: "/breaks" },
  "a stream that breaks inside": { path: "/breaksInside" },
  "a stream that is refused": { path: "/refusedStream" },
  "a context that is refused": { path: "/count", headers: { "x-name": BANNED } },
  "a stream without an end": { path: "/forever", until: "begun" },
  "a query": { path: "/whoami", headers: { "x-name": "bo" } },
  "an unknown procedure": { path: "/nowhere" },
  "a property of objects": { path: "/constructor" },
  "a batch of a stream": { path: `/count?batch=1&input=${encodeURIComponent(JSON.stringify({ 0: { to: 1 } }))}` },
};

describe("our event streams are byte for byte what the stock handler's are", () => {
  it.each(Object.entries(askings))("for %s", async (_, { path, headers = {}, until }) => {
    const [stock, ours] = await Promise.all(halves.map((half) => answerOf(half, path, headers, until)));
    expect(ours).toEqual(stock);
  });
});

it.each(halves)("tRPC's own client takes the %s half for what it knows", async (half) => {
  const client = createTRPCClient<ConformanceRouter>({
    links: [httpSubscriptionLink({ url: servers[half].url, EventSource })],
  });
  const heard: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    client.count.subscribe(
      { to: 3 },
      { onData: ({ id, data }) => heard.push([id, data.n]), onComplete: resolve, onError: reject },
    );
  });
  expect(heard).toEqual([["1", 1], ["2", 2], ["3", 3]]);
});
