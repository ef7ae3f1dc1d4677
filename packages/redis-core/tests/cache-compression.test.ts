import fc from "fast-check";
import { expect, inject, test } from "vitest";
import { compress, expand, isCompressed } from "../src/codec/compress.ts";
import { decode } from "../src/codec/codec.ts";
import { DecodeError } from "../src/errors.ts";
import { createTestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

const url = inject("redisUrl");
const long = { text: "a long and repetitive text, äöü😀 ".repeat(500), at: new Date(5) };

test("values above the threshold are stored deflated, and come back equal with and without the option", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<typeof long>("deflated", { ttl: "1m", compressAbove: 1_000 });
  await cache.getOrSet("loaded", () => long);
  await cache.set("set", long);
  await cache.getOrSetMany(["many"], () => Promise.resolve(new Map([["many", long]])));
  await cache.set("short", { text: "short", at: new Date(5) });
  const plain = env.core.cache<typeof long>("deflated", { ttl: "1m" });
  for (const key of ["loaded", "set", "many"]) {
    expect(await cache.get(key)).toEqual(long);
    expect(await plain.getOrSet(key, () => undefined)).toEqual(long);
  }
  expect((await cache.getMany(["loaded", "short"])).get("short")).toEqual({ text: "short", at: new Date(5) });
  for (const key of (await env.listKeys()).filter((name) => name.includes(":entry:"))) {
    const raw = String(await env.redis.port.command("GET", [key], []));
    expect(raw.length).toBeLessThan(1_000);
    expect(raw.includes("|1z")).toBe(!key.endsWith(":short"));
  }
});

test("what a size cap refuses may fit when it is deflated", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<typeof long>("capped", { ttl: "1m", maxBytes: 1_000, compressAbove: 500 });
  await cache.getOrSet("k", () => long);
  expect(await cache.get("k")).toEqual(long);
});

test("spoiled compressed bytes are a miss that heals", async () => {
  const telemetry = recordTelemetry();
  await using env = await createTestCore(url, { telemetry });
  const cache = env.core.cache<typeof long>("spoiled", { ttl: "1m", compressAbove: 100 });
  await cache.set("k", long);
  const key = (await env.listKeys()).find((name) => name.includes(":entry:")) ?? "";
  const raw = String(await env.redis.port.command("GET", [key], []));
  for (const bytes of [raw.slice(0, -8), raw.replace("|1z", "|1z*"), raw.replace(/\|1z.*/, "|1z")]) {
    await env.redis.port.command("SET", [key], [bytes, "PX", 60_000]);
    expect(await cache.get("k")).toBeUndefined();
    expect(await cache.getOrSet("k", () => long)).toEqual(long);
  }
  expect(telemetry.total("cache_undecodable_total")).toBeGreaterThanOrEqual(6);
});

test("any text comes back from compression as it was, and foreign text is a DecodeError", async () => {
  await checkProperty(
    "compression round trip",
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 2_000 }), async (text) => {
      const compressed = await compress(text);
      expect(compressed.length).toBeLessThanOrEqual(text.length);
      expect(isCompressed(compressed) ? await expand(compressed) : compressed).toBe(text);
      expect(() => decode(`1z${text}`)).toThrow(DecodeError);
      await expect(expand(`1z${text}!`)).rejects.toBeInstanceOf(DecodeError);
    }),
    { runs: 100 },
  );
});

test("a few bytes cannot become all of the memory", async () => {
  const bomb = await compress(" ".repeat(80 * 1_048_576));
  expect(bomb.length).toBeLessThan(200_000);
  await expect(expand(bomb)).rejects.toBeInstanceOf(DecodeError);
}, 30_000);
