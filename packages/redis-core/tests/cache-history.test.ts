import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import type { CacheLookup } from "../src/cache/index.ts";
import { randomHex } from "../src/random.ts";
import type { CacheCommand, CacheEvent, CacheRequest, CacheStep } from "./support/cache-worker.ts";
import { checkProperty } from "./support/check-property.ts";
import { startWorkers, type Workers } from "./support/start-workers.ts";

const url = inject("redisUrl");
const processes = 3;
let env: TestCore;
let workers: Workers;

beforeAll(async () => {
  env = await createTestCore(url);
  workers = await startWorkers("cache-worker.ts", processes, url, env.prefix);
}, 30_000);

afterAll(async () => {
  await workers[Symbol.asyncDispose]();
  await env[Symbol.asyncDispose]();
});

async function ask<Answer>(process: number, request: CacheRequest): Promise<Answer> {
  const worker = workers.all[process];
  if (!worker) {
    throw new Error(`there is no process ${process}`);
  }
  return await worker.ask<Answer>(request);
}

describe("C4: readers and changes of several processes", () => {
  const keys = ["a", "b"];
  const step: fc.Arbitrary<CacheStep> = fc.record({
    kind: fc.oneof(
      { arbitrary: fc.constantFrom("read", "readMany"), weight: 3 },
      { arbitrary: fc.constantFrom("delete", "tags", "clear"), weight: 1 },
    ),
    key: fc.constantFrom(...keys),
    pauseMs: fc.nat(4),
    loadMs: fc.nat(8),
  });
  const histories = fc.array(fc.array(step, { minLength: 8, maxLength: 30 }), {
    minLength: processes,
    maxLength: processes,
  });

  /** No read that began after a change had ended may be older than the change. */
  function expectNoStaleRead(events: readonly CacheEvent[]): void {
    for (const read of events.filter(({ kind }) => kind === "read")) {
      const ended = events.filter(({ kind, toNs }) => kind === "change" && toNs < read.fromNs);
      expect(read.version).toBeGreaterThanOrEqual(Math.max(0, ...ended.map(({ version }) => version)));
    }
  }

  /** From the reader's question of one load to the next load something was changed: each version is loaded once. */
  function expectNoNeedlessLoad(events: readonly CacheEvent[]): void {
    const loads = events.filter(({ kind }) => kind === "load").toSorted(byStart);
    for (const [index, load] of loads.entries()) {
      const before = loads[index - 1];
      if (before) {
        const between = events.some(
          ({ kind, fromNs, toNs }) => kind === "change" && fromNs < load.fromNs && toNs > (before.askedNs ?? before.fromNs),
        );
        expect(between, `load at ${load.fromNs} after ${before.fromNs}`).toBe(true);
      }
    }
  }

  test("no reader gets what was old before it began, and nothing is loaded twice for nothing", async () => {
    await checkProperty(
      "cache history of several processes",
      fc.asyncProperty(histories, async (all) => {
        const namespace = `history-${randomHex(6)}`;
        const asked = all.map((steps, process) =>
          ask<CacheEvent[]>(process, { kind: "history", namespace, keys, steps }),
        );
        const events = (await Promise.all(asked)).flat();
        for (const key of keys) {
          const ofKey = events.filter((event) => event.key === key);
          expectNoStaleRead(ofKey);
          expectNoNeedlessLoad(ofKey);
        }
        const left = (await env.listKeys()).filter((name) => name.includes(namespace));
        expect(left.filter((name) => name.includes(":lease:"))).toEqual([]);
        expect(await env.listPermanentKeys()).toEqual([]);
      }),
      { runs: 12 },
    );
  }, 120_000);
});

describe("C13: tags", () => {
  const tag = fc.constantFrom("red", "green", "blue", "a,b", "*");
  const command: fc.Arbitrary<Omit<CacheCommand, "namespace">> = fc.oneof(
    {
      arbitrary: fc.record({
        do: fc.constant("set" as const),
        key: fc.constantFrom("x", "y", "z"),
        value: fc.nat(),
        tags: fc.uniqueArray(tag, { maxLength: 3 }),
      }),
      weight: 3,
    },
    { arbitrary: fc.record({ do: fc.constant("look" as const), key: fc.constantFrom("x", "y", "z") }), weight: 4 },
    {
      arbitrary: fc.record({
        do: fc.constantFrom("invalidate" as const, "expireTags" as const),
        tags: fc.uniqueArray(tag, { minLength: 1, maxLength: 2 }),
      }),
      weight: 2,
    },
    {
      arbitrary: fc.record({
        do: fc.constantFrom("delete" as const, "expire" as const),
        key: fc.constantFrom("x", "y", "z"),
      }),
      weight: 1,
    },
    { arbitrary: fc.record({ do: fc.constant("clear" as const) }), weight: 1 },
  );

  interface Kept {
    readonly value: number;
    readonly tags: readonly string[];
    readonly state: "fresh" | "stale";
  }

  /** What a command does, by the book. */
  function obey(kept: Map<string, Kept>, { do: what, key = "", value = 0, tags = [] }: Omit<CacheCommand, "namespace">) {
    if (what === "set") {
      kept.set(key, { value, tags, state: "fresh" });
    } else if (what === "delete") {
      kept.delete(key);
    } else if (what === "clear") {
      kept.clear();
    } else if (what !== "look") {
      for (const [name, entry] of kept) {
        const isMeant = what === "expire" ? name === key : entry.tags.some((each) => tags.includes(each));
        if (isMeant && what === "invalidate") {
          kept.delete(name);
        } else if (isMeant) {
          kept.set(name, { ...entry, state: "stale" });
        }
      }
    }
  }

  test("an entry is served exactly while none of its tags was invalidated, whichever process looks", async () => {
    const commands = fc.array(fc.tuple(fc.nat(processes - 1), command), { minLength: 10, maxLength: 60 });
    await checkProperty(
      "cache tags by the book",
      fc.asyncProperty(commands, async (all) => {
        const namespace = `tags-${randomHex(6)}`;
        const kept = new Map<string, Kept>();
        for (const [process, each] of all) {
          const answer = await ask<CacheLookup<number>>(process, { kind: "command", command: { ...each, namespace } });
          obey(kept, each);
          if (each.do === "look") {
            const expected = kept.get(each.key ?? "");
            expect({ state: answer.state, value: answer.value, tags: answer.tags }).toEqual(
              expected ?? { state: "miss", value: undefined, tags: [] },
            );
          }
        }
      }),
      { runs: 25 },
    );
  }, 120_000);
});

function byStart(a: CacheEvent, b: CacheEvent): number {
  return a.fromNs < b.fromNs ? -1 : 1;
}
