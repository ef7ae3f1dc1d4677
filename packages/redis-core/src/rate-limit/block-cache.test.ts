import { describe, expect, it } from "vitest";
import { manualClock } from "../clock.ts";
import { createKeyspace } from "../keyspace/keyspace.ts";
import { planRules, type RulePlan } from "./asked-rule.ts";
import { BlockCache } from "./block-cache.ts";
import { concurrency, fixedWindow } from "./rules.ts";

const rules = { user: fixedWindow(5, "1h"), inFlight: concurrency(5, { ttl: "1h" }) };
const plans = planRules(createKeyspace("test"), "api", rules);
const denied = { limit: 5, remaining: 0, retryAfterMs: 700, resetAtMs: 9_000, resetAfterMs: 900, windowMs: 3_600_000 };
const keys = { user: "ada", inFlight: null };

function create(max = 10) {
  const clock = manualClock(1_000);
  const [user, inFlight] = plans as [RulePlan<"user">, RulePlan<"inFlight">];
  return { clock, cache: new BlockCache(plans, max, clock), user, inFlight };
}

describe("the block cache", () => {
  it("denies the same or a greater cost until the moment that was named, and counts the time down", () => {
    const { clock, cache, user } = create();
    expect(cache.find(keys, 1)).toBeNull();
    cache.remember(user, "ada", denied, 2, clock.nowMs());
    clock.advance(300);
    expect(cache.find(keys, 2)).toMatchObject({ allowed: false, limitedBy: "user", retryAfterMs: 400, resetAfterMs: 600 });
    expect(cache.find(keys, 9)).toMatchObject({ allowed: false, source: "blockCache", resetAtMs: 9_000 });
    expect(cache.find(keys, 1)).toBeNull();
    expect(cache.find({ ...keys, user: "bo" }, 2)).toBeNull();
    clock.advance(400);
    expect(cache.find(keys, 2)).toBeNull();
  });

  it("believes nothing of a clock that went back, nothing for longer than a second, and no denied lease", () => {
    const { clock, cache, user, inFlight } = create();
    cache.remember(user, "ada", { ...denied, retryAfterMs: 3_600_000 }, 1, clock.nowMs());
    cache.remember(inFlight, "ada", denied, 1, clock.nowMs());
    expect(cache.find({ user: null, inFlight: "ada" }, 1)).toBeNull();
    clock.advance(-1);
    expect(cache.find(keys, 1)).toBeNull();
    clock.advance(1_000);
    expect(cache.find(keys, 1)).not.toBeNull();
    clock.advance(1);
    expect(cache.find(keys, 1)).toBeNull();
  });

  it("is bounded, forgets the oldest denial first, and forgets when it is told to", () => {
    const { clock, cache, user } = create(100);
    for (let number = 0; number < 10_000; number += 1) {
      cache.remember(user, `user-${number}`, denied, 1, clock.nowMs());
    }
    const known = Array.from({ length: 10_000 }, (_, number) => cache.find({ ...keys, user: `user-${number}` }, 1));
    expect(known.filter((decision) => decision !== null)).toHaveLength(100);
    expect(known.slice(-100).every((decision) => decision?.allowed === false)).toBe(true);
    cache.forget("user", "user-9999");
    expect(cache.find({ ...keys, user: "user-9999" }, 1)).toBeNull();
  });
});
