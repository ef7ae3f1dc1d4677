import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, test } from "vitest";
import { naivePresence } from "./naive/expiring-presence.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const ttlMs = 400;

interface OnlineList {
  markOnline(userId: string): Promise<void>;
  listOnline(): Promise<string[]>;
  /** Every key that tells who is there. */
  keys(): Promise<string[]>;
}

/**
 * Who beats is there, and who stopped is gone within the time and a little more, while others go on. Returns what
 * is wrong with that.
 */
async function flawsOf({ markOnline, listOnline, keys }: OnlineList): Promise<string[]> {
  const flaws = new Set<string>();
  await Promise.all(["ada", "bo", "dead"].map(markOnline));
  const until = performance.now() + 2 * ttlMs;
  while (performance.now() < until) {
    await Promise.all(["ada", "bo"].map(markOnline));
    const online = await listOnline();
    if (!online.includes("ada") || !online.includes("bo")) {
      flaws.add("the living vanish");
    }
    await new Promise((resolve) => setTimeout(resolve, ttlMs / 8));
  }
  if ((await listOnline()).includes("dead")) {
    flaws.add("the dead stay while others beat");
  }
  await eventually(async () => expect(await listOnline()).toEqual([]));
  await eventually(async () => expect(await keys()).toEqual([]));
  return [...flaws];
}

const isRoomKey = (key: string) => /:(connections|users|order|leaving):/.test(key);

describe("a presence key that expires as a whole (F10)", () => {
  test("a naive list keeps the dead for as long as others beat", async () => {
    await using harness: TestCore = await createTestCore(url);
    const key = `${harness.prefix}:online`;
    const { markOnline, listOnline } = naivePresence(harness.redis.port, key, ttlMs);
    const keys = () => harness.listKeys();
    expect(await flawsOf({ markOnline, listOnline, keys })).toEqual(["the dead stay while others beat"]);
  });

  test("ours lets each user go by himself, and keeps nothing of an empty room", async () => {
    await using harness = await createTestCore(url);
    const presence = harness.core.presence({ heartbeatTtl: ttlMs, grace: 0 });
    const flaws = await flawsOf({
      markOnline: (userId) => presence.heartbeat("site", { userId }),
      listOnline: async () => (await presence.list("site")).users.map(({ userId }) => userId).toSorted(),
      keys: async () => (await harness.listKeys()).filter(isRoomKey),
    });
    expect(flaws).toEqual([]);
  });
});
