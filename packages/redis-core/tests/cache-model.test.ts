import fc from "fast-check";
import { expect, inject, test } from "vitest";
import { createTestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";

const url = inject("redisUrl");
const keys = ["a", "b"];

type Act =
  | { readonly kind: "read" | "readMany"; readonly by: number; readonly key: number; readonly loadMs: number }
  | { readonly kind: "delete" | "set" | "tags" | "clear"; readonly by: number; readonly key: number }
  | { readonly kind: "pause"; readonly ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constantFrom("read", "read", "read", "readMany"),
      by: fc.nat(2),
      key: fc.nat(1),
      loadMs: fc.nat(6),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom("delete", "set", "tags", "clear"),
      by: fc.nat(2),
      key: fc.nat(1),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant("pause"), ms: fc.nat(4) }), weight: 3 },
);

test("no reader gets a version older than the one at the begin of the last ended invalidation", async () => {
  await checkProperty(
    "cache model of one process",
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 60 }), async (acts) => {
      await using first = await createTestCore(url);
      await using second = await createTestCore(url, { prefix: first.prefix });
      const caches = [first, first, second].map(({ core }) => core.cache<number>("model", { ttl: "1m" }));
      /** The source, and per key the version when the last invalidation that has ended began. */
      const source = new Map(keys.map((key) => [key, 1]));
      const floor = new Map(keys.map((key) => [key, 0]));
      const load = async (key: string, ms: number) => {
        const version = source.get(key) ?? 0;
        await new Promise((resolve) => setTimeout(resolve, ms));
        return version;
      };
      const running: Promise<unknown>[] = [];
      for (const each of acts) {
        if (each.kind === "pause") {
          await new Promise((resolve) => setTimeout(resolve, each.ms));
          continue;
        }
        const cache = caches[each.by];
        const key = keys[each.key];
        if (!cache || !key) {
          continue;
        }
        if (each.kind === "read" || each.kind === "readMany") {
          const { kind, loadMs } = each;
          const least = new Map(floor);
          running.push(
            (async () => {
              if (kind === "read") {
                const value = await cache.getOrSet(key, () => load(key, loadMs), { tags: [`tag-${key}`] });
                expect(value).toBeGreaterThanOrEqual(least.get(key) ?? 0);
              } else {
                const loader = async (missing: readonly string[]) =>
                  new Map(
                    await Promise.all(missing.map(async (name) => [name, await load(name, loadMs)] as const)),
                  );
                const found = await cache.getOrSetMany(keys, loader, { tags: (name) => [`tag-${name}`] });
                for (const name of keys) {
                  expect(found.get(name)).toBeGreaterThanOrEqual(least.get(name) ?? 0);
                }
              }
            })(),
          );
          continue;
        }
        const touched = each.kind === "clear" ? keys : [key];
        const began = touched.map((name) => {
          const version = (source.get(name) ?? 0) + 1;
          source.set(name, version);
          return [name, version] as const;
        });
        const [, version = 0] = began[0] ?? [];
        const changes = {
          delete: () => cache.delete(key),
          set: () => cache.set(key, version, { tags: [`tag-${key}`] }),
          tags: () => cache.invalidateTags([`tag-${key}`]),
          clear: () => cache.clear(),
        };
        const change = changes[each.kind]().then(() => {
          for (const [name, at] of began) {
            floor.set(name, Math.max(floor.get(name) ?? 0, at));
          }
        });
        // Two `set`s of a key under way would make the older value's arrival the caller's own race.
        await (each.kind === "set" ? change : Promise.resolve());
        running.push(change);
      }
      await Promise.all(running);
      expect((await first.listKeys()).filter((name) => name.includes(":lease:"))).toEqual([]);
      expect(await first.listPermanentKeys()).toEqual([]);
    }),
    { runs: 40 },
  );
}, 60_000);
