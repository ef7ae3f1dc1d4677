import { startCluster } from "@cardinal/dev";
import { expect, test, vi } from "vitest";
import { createTestCore } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";

test("on a Cluster a namespace spreads over 16 buckets and keeps every promise", async () => {
  const cluster = await startCluster({ masters: 3 });
  const url = `redis+cluster://${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`;
  try {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    const cache = a.core.cache<number>("spread", { ttl: "1m" });
    const near = b.core.cache<number>("spread", { ttl: "1m", l1: { max: 100, ttl: "1m" } });
    const keys = Array.from({ length: 64 }, (_, index) => `k${index}`);
    const load = vi.fn<(missing: readonly string[]) => Promise<Map<string, number>>>((missing) =>
      Promise.resolve(new Map(missing.map((key) => [key, Number(key.slice(1))]))),
    );
    const tags = (key: string) => [Number(key.slice(1)) % 2 === 0 ? "even" : "odd"];
    expect((await cache.getOrSetMany(keys, load, { tags })).size).toBe(64);
    expect(load).toHaveBeenCalledTimes(1);
    const metas = (await a.listKeys()).filter((key) => key.includes(":meta:"));
    expect(metas).toHaveLength(16);
    await eventually(async () => {
      await near.getOrSet("k2", () => -1);
      expect((await near.getWithMeta("k2")).tier).toBe("l1");
    });

    await cache.invalidateTags(["even"]);
    const odd = keys.filter((_, index) => index % 2 === 1);
    expect([...(await cache.getMany(keys)).keys()]).toEqual(odd);
    await eventually(async () => expect(await near.get("k2")).toBeUndefined());
    await cache.clear();
    expect((await cache.getMany(keys)).size).toBe(0);

    // The weaker form of the round trips: one for each bucket, in parallel; one key still costs one.
    const run = vi.spyOn(a.redis.port, "run");
    const runsOf = async (call: () => Promise<unknown>) => {
      run.mockClear();
      await call();
      return run.mock.calls.length;
    };
    const bucketsOfKeys = new Set((await a.listKeys()).map((key) => /\{(.*?)\}/.exec(key)?.[1]));
    expect(bucketsOfKeys.size).toBe(16);
    expect(await runsOf(() => cache.getOrSet("k1", () => 1, { tags: ["odd"] }))).toBe(2);
    expect(await runsOf(() => cache.getOrSet("k1", () => 2))).toBe(1);
    expect(await runsOf(() => cache.set("k1", 1, { tags: ["odd"] }))).toBe(1);
    expect(await runsOf(() => cache.expire("k1"))).toBe(1);
    expect(await runsOf(() => cache.delete("k1"))).toBe(1);
    expect(await runsOf(() => cache.getMany(keys))).toBe(16);
    expect(await runsOf(() => cache.getOrSetMany(keys, load, { tags }))).toBe(32);
    expect(await runsOf(() => Promise.all(keys.map((key) => cache.get(key))))).toBeLessThanOrEqual(16);
    expect(await runsOf(() => cache.invalidateTags(["odd", "even"], { mode: "expire" }))).toBe(16);
    expect(await runsOf(() => cache.clear())).toBe(16);
    run.mockRestore();

    const gate = Promise.withResolvers<number>();
    const loader = vi.fn<() => Promise<number>>(() => gate.promise);
    const readers = [cache, near].flatMap((each) => [1, 2, 3].map(() => each.getOrSet("cold", loader)));
    await eventually(() => expect(loader).toHaveBeenCalled());
    gate.resolve(1);
    expect(new Set(await Promise.all(readers))).toEqual(new Set([1]));
    expect(loader).toHaveBeenCalledTimes(1);

    const sessions = a.core.sessions<string>({ idle: "1h", absolute: "1d" });
    const elsewhere = b.core.sessions<string>({ idle: "1h", absolute: "1d" });
    for (const userId of ["ada", "bo", "cy", "di"]) {
      const { token } = await sessions.create({ userId, data: userId });
      expect((await elsewhere.verify(token))?.data).toBe(userId);
      expect(await elsewhere.revokeAll(userId)).toBe(1);
      expect(await sessions.verify(token)).toBeNull();
    }
    expect(await a.listPermanentKeys()).toEqual([]);
  } finally {
    await cluster.stop();
  }
}, 60_000);
