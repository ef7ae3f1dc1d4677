import { join } from "node:path";
import { freePort, startUpstashGateway, type UpstashGateway } from "@cardinal/dev";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import views from "../examples/edge-function/views.ts";
import { randomHex } from "../src/random.ts";

const examples = join(import.meta.dirname, "../examples");
const token = "t";
let gateway: UpstashGateway;

beforeAll(async () => {
  gateway = await startUpstashGateway({ redisUrl: inject("redisUrl"), token });
  process.env["REDIS_URL"] = inject("redisUrl");
  process.env["UPSTASH_REDIS_REST_URL"] = gateway.url;
  process.env["UPSTASH_REDIS_REST_TOKEN"] = token;
});

afterAll(() => gateway.stop());

describe("the Next.js app", () => {
  it("serves a post from the cache, and the new title after a write", async () => {
    const { GET, PUT } = await import("../examples/next-app/app/api/posts/[id]/route.ts");
    const { asked } = await import("../examples/next-app/posts.ts");
    const read = async (id: string) => {
      const response = await GET(new Request(`http://app/api/posts/${id}`), { params: Promise.resolve({ id }) });
      return `${response.status} ${await response.text()}`;
    };
    const write = (id: string, body: unknown) =>
      PUT(new Request(`http://app/api/posts/${id}`, { method: "PUT", body: JSON.stringify(body) }), {
        params: Promise.resolve({ id }),
      });
    await write("1", { title: "Hello" });
    const before = asked.times;
    const all = await Promise.all(Array.from({ length: 20 }, () => read("1")));
    expect(new Set(all)).toEqual(new Set(['200 {"id":"1","title":"Hello"}']));
    expect(asked.times - before).toBe(1);
    expect((await write("1", { title: "Hello again" })).status).toBe(200);
    expect(await read("1")).toBe('200 {"id":"1","title":"Hello again"}');
    expect(await read("none")).toBe('404 {"error":"NOT_FOUND"}');
    expect((await write("1", { title: 7 })).status).toBe(400);
  });

  it("limits by address in its middleware, over REST", async () => {
    const { middleware, config } = await import("../examples/next-app/middleware.ts");
    expect(config.matcher).toBe("/api/:path*");
    // A /64 of its own, with another host and another lie each time.
    const network = `2001:db8:${randomHex(2)}:${randomHex(2)}`;
    const visit = () => {
      const headers = { "x-forwarded-for": `1.2.3.${randomHex(1)}, ${network}::${randomHex(2)}` };
      return middleware(new Request("http://app/api/posts/1", { headers }));
    };
    const answers = [];
    for (let call = 0; call < 6; call += 1) {
      answers.push(await visit());
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[0]?.headers.get("x-middleware-next")).toBe("1");
    expect(answers[0]?.headers.get("x-ratelimit-remaining")).toBe("4");
    expect(Number(answers[5]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("the edge function", () => {
  const env = () => ({
    UPSTASH_REDIS_REST_URL: gateway.url,
    UPSTASH_REDIS_REST_TOKEN: token,
    PREFIX: `edge-${randomHex(6)}`,
  });
  const post = (page: string, visitor: string) =>
    new Request(`https://edge/${page}`, { method: "POST", headers: { "cf-connecting-ip": visitor } });

  it("counts a visitor once, lists what is seen most, and limits", async () => {
    const own = env();
    const count = async (page: string, visitor: string) => await (await views.fetch(post(page, visitor), own)).json();
    expect(await count("a", "203.0.113.1")).toEqual({ views: 1 });
    expect(await count("a", "203.0.113.1")).toEqual({ views: 1 });
    expect(await count("a", "203.0.113.2")).toEqual({ views: 2 });
    expect(await count("b", "203.0.113.2")).toEqual({ views: 1 });
    const top = await views.fetch(new Request("https://edge/"), own);
    expect(await top.json()).toEqual({
      top: [
        { item: "a", count: 2 },
        { item: "b", count: 1 },
      ],
    });
    await views.fetch(post("c", "203.0.113.2"), own);
    expect((await views.fetch(post("d", "203.0.113.2"), own)).status).toBe(429);
  });

  it("answers without Redis", async () => {
    const away = { ...env(), UPSTASH_REDIS_REST_URL: `http://127.0.0.1:${await freePort()}` };
    const response = await views.fetch(post("a", "203.0.113.1"), away);
    expect([response.status, await response.json()]).toEqual([200, { views: null, top: [] }]);
  });
});

it.each(["edge-function/views.ts", "next-app/middleware.ts"])("%s bundles without anything of Node", async (file) => {
  const built = await rolldown({
    input: join(examples, file),
    platform: "neutral",
    resolve: { mainFields: ["module", "main"] },
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  const { output } = await built.generate({ format: "es" });
  expect(output.flatMap((chunk) => ("imports" in chunk ? chunk.imports : []))).toEqual([]);
});
