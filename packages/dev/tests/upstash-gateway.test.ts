import { startUpstashGateway } from "@cardinal/dev";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { UpstashGateway } from "../src/upstash/start-upstash-gateway.ts";

const token = "a-token";
let gateway: UpstashGateway;

beforeAll(async () => {
  gateway = await startUpstashGateway({ redisUrl: inject("redisUrl"), token });
});

afterAll(() => gateway.stop());

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
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
});

it("answers errors in Upstash's shapes", async () => {
  await post("/", ["SET", "gateway:text", "x", "PX", 60_000]);
  const failed = await post("/", ["INCR", "gateway:text"]);
  expect(failed).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^ERR value/) } });
  expect(await post("/", "no json")).toMatchObject({ status: 400, body: { error: expect.any(String) } });
  expect(await post("/", ["SUBSCRIBE", "x"])).toMatchObject({ status: 400 });
  expect(await post("/", ["GET", "a"], { authorization: "Bearer other" })).toMatchObject({ status: 401 });
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
  expect(await post("/", ["GET", "gateway:n"])).toMatchObject({ body: { result: "2" } });
});
