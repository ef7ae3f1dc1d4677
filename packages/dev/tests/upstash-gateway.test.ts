import { startRedis, startUpstashGateway } from "@cardinal/dev";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { RunningRedis } from "../src/redis/start-redis.ts";
import type { UpstashGateway } from "../src/upstash/start-upstash-gateway.ts";

const token = "a-token";
const readOnlyToken = "a-public-token";
const patience = { timeout: 10_000 };
let redis: RunningRedis;
let gateway: UpstashGateway;

// A Redis of its own: MONITOR shows whatever runs there.
beforeAll(async () => {
  redis = await startRedis();
  gateway = await startUpstashGateway({ redisUrl: redis.url, token, readOnlyToken });
});

afterAll(async () => {
  await gateway.stop();
  await redis.stop();
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}, method = "POST") {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: /^[{[]/.test(text) ? JSON.parse(text) : text };
}

it("runs a command, as an array or a path, and encodes what the client asks for", async () => {
  const written = await post("/", ["SET", "gateway:a", "ä", "PX", 60_000]);
  expect(written).toEqual({ status: 200, body: { result: "OK" } });
  expect(await post("/", ["GET", "gateway:a"])).toEqual({ status: 200, body: { result: "ä" } });
  expect(await post("/", ["MGET", "gateway:a", "gateway:none"], { "Upstash-Encoding": "base64" })).toEqual({
    status: 200,
    body: { result: [Buffer.from("ä").toString("base64"), null] },
  });
  expect(await post("/set/gateway:b?PX=60000", "from the body")).toMatchObject({ body: { result: "OK" } });
  const read = await fetch(`${gateway.url}/get/gateway:b?_token=${token}`);
  expect(await read.json()).toEqual({ result: "from the body" });
  expect(await post("/set/gateway:c/x%2Fy/EX/100", "", {}, "PUT")).toMatchObject({ body: { result: "OK" } });
  expect(await post("/", ["GET", "gateway:c"])).toMatchObject({ body: { result: "x/y" } });
});

it("keeps bytes, and answers RESP2 where asked", async () => {
  const bytes = new Uint8Array([0, 255, 13, 10, 128]);
  await post("/set/gateway:bytes", bytes);
  const read = await post("/", ["GET", "gateway:bytes"], { "Upstash-Encoding": "base64" });
  expect(read.body).toEqual({ result: Buffer.from(bytes).toString("base64") });
  const resp2 = { "Upstash-Response-Format": "resp2" };
  const response = await fetch(`${gateway.url}/get/gateway:bytes`, {
    headers: { authorization: `Bearer ${token}`, ...resp2 },
  });
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  const expected = [Buffer.from("$5\r\n"), bytes, Buffer.from("\r\n")];
  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(expected));
  const several = await post("/pipeline", [["SET", "gateway:r", "1"], ["INCR", "gateway:r"], ["NONE"]], resp2);
  expect(several.body).toMatch(/^\+OK\r\n:2\r\n-ERR unknown command/);
  expect(await post("/", ["PING"], { ...resp2, "Upstash-Encoding": "base64" })).toMatchObject({ status: 400 });
  expect(await post("/", ["PING"], { "Upstash-Response-Format": "xml" })).toMatchObject({ status: 400 });
});

it("answers errors in Upstash's shapes", async () => {
  await post("/", ["SET", "gateway:text", "x", "PX", 60_000]);
  const failed = await post("/", ["INCR", "gateway:text"]);
  expect(failed).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^ERR value/) } });
  expect(await post("/", "no json")).toMatchObject({ status: 400, body: { error: expect.any(String) } });
  expect(await post("/", ["SUBSCRIBE", "x"])).toMatchObject({ status: 400 });
  expect(await post("/", ["GET", "a"], { authorization: "Bearer other" })).toMatchObject({
    status: 401,
    body: { error: expect.stringMatching(/^WRONGPASS/) },
  });
  expect(await post("/", ["GET", "a"], { authorization: "" })).toMatchObject({ status: 401 });
  expect(await post("/get/a", "", {}, "DELETE")).toMatchObject({ status: 405 });
});

it("runs a pipeline with a result or an error for each, and a transaction wholly or not at all", async () => {
  const commands = [
    ["SET", "gateway:n", "1", "PX", "60000"],
    ["LPUSH", "gateway:n", "x"],
    ["INCR", "gateway:n"],
  ];
  const each = [{ result: "OK" }, { error: expect.stringMatching(/^WRONGTYPE/) }, { result: 2 }];
  expect(await post("/pipeline", commands)).toEqual({ status: 200, body: each });
  expect(await post("/multi-exec", commands)).toEqual({ status: 200, body: each });
  const refused = await post("/multi-exec", [["INCR", "gateway:n"], ["GET"]]);
  expect(refused).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^EXECABORT/) } });
  expect(await post("/multi-exec", [["INCR", "gateway:n"], ["MONITOR"]])).toMatchObject({ status: 400 });
  expect(await post("/", ["GET", "gateway:n"])).toMatchObject({ body: { result: "2" } });
});

it("lets nothing in between a transaction's commands", async () => {
  const swap = [["INCR", "gateway:t"], ["INCR", "gateway:t"]];
  const answers = await Promise.all(Array.from({ length: 30 }, () => post("/multi-exec", swap)));
  for (const { body } of answers) {
    expect(body[1].result).toBe(body[0].result + 1);
  }
});

it("lets a read-only token read, and an ACL user's token do what he may", async () => {
  const publicly = { authorization: `Bearer ${readOnlyToken}` };
  await post("/", ["SET", "gateway:public", "x"]);
  expect(await post("/", ["GET", "gateway:public"], publicly)).toMatchObject({ body: { result: "x" } });
  const forbidden = [["SET", "gateway:public", "y"], ["KEYS", "*"], ["SCAN", "0"], ["EVAL", "return 1", "0"]];
  for (const command of forbidden) {
    const denied = await post("/", command, publicly);
    expect(denied).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^NOPERM/) } });
  }
  await post("/", ["ACL", "SETUSER", "ada", "on", ">pw", "~gateway:ada:*", "+get", "+set", "+ping", "+info"]);
  const { body } = await post("/", ["ACL", "RESTTOKEN", "ada", "pw"]);
  const hers = { authorization: `Bearer ${body.result}` };
  expect(await post("/", ["SET", "gateway:ada:1", "x"], hers)).toMatchObject({ body: { result: "OK" } });
  expect(await post("/", ["GET", "gateway:public"], hers)).toMatchObject({ status: 400 });
  expect(await post("/", ["ACL", "RESTTOKEN", "ada", "wrong"])).toMatchObject({ status: 400 });
});

it("streams messages to the real client, and ends with it", async () => {
  const client = new Redis({ url: gateway.url, token, readYourWrites: true });
  const seen: unknown[] = [];
  const subscription = client.subscribe<object>(["gateway:chat"]);
  const pattern = client.psubscribe<object>(["gateway:*"]);
  const isHeard = async (by: number) => {
    const [, channels] = await client.exec<unknown[]>(["PUBSUB", "NUMSUB", "gateway:chat"]);
    expect([channels, await client.exec(["PUBSUB", "NUMPAT"])]).toEqual([by, by]);
  };
  subscription.on("message", ({ channel, message }) => seen.push([channel, message]));
  pattern.on("pmessage", (event) => seen.push(event));
  await vi.waitFor(() => isHeard(1), patience);
  await client.publish("gateway:chat", { text: "hello, all" });
  await vi.waitFor(() => expect(seen).toHaveLength(2), patience);
  expect(seen).toEqual(
    expect.arrayContaining([
      ["gateway:chat", { text: "hello, all" }],
      { pattern: "gateway:*", channel: "gateway:chat", message: { text: "hello, all" } },
    ]),
  );
  await Promise.all([subscription.unsubscribe(), pattern.unsubscribe()]);
  await vi.waitFor(() => isHeard(0), patience);
});

it("speaks the stream's own lines, and MONITOR's", async () => {
  const leaving = new AbortController();
  const open = async (path: string) => {
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
    const response = await fetch(gateway.url + path, { method: "POST", headers, signal: leaving.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    return async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader?.read())?.value ?? "";
      return text;
    };
  };
  const news = await open("/subscribe/gateway:news");
  expect(await news("\n\n")).toBe("data: subscribe,gateway:news,1\n\n");
  const monitored = await open("/monitor");
  expect(await monitored("\n\n")).toMatch(/^data: "OK"\n\n/);
  await post("/publish/gateway:news/hello", "");
  expect(await news("message")).toContain("data: message,gateway:news,hello\n\n");
  const line = /^data: [\d.]+ \[0 127\.0\.0\.1:\d+\] "publish" "gateway:news" "hello"$/m;
  expect(await monitored("hello")).toMatch(line);
  leaving.abort();
});

it("carries the real client's commands, pipelines, transactions and scripts", async () => {
  const client = new Redis({ url: gateway.url, token, readYourWrites: true });
  await client.set("gateway:object", { a: [1, "ä", null] });
  expect(await client.get("gateway:object")).toEqual({ a: [1, "ä", null] });
  const results = await client.pipeline().set("gateway:p", 1).incr("gateway:p").get("gateway:p").exec();
  expect(results).toEqual(["OK", 2, 2]);
  expect(await client.multi().incr("gateway:p").incr("gateway:p").exec()).toEqual([3, 4]);
  expect(await client.eval("return ARGV[1]", [], ["x"])).toBe("x");
  expect(await client.scriptExists(await client.scriptLoad("return 7"))).toEqual([1]);
});
