import { startRedis } from "@cardinal/dev";
import fc from "fast-check";
import { describe, expect, inject, test } from "vitest";
import type { Counter } from "../src/counter/index.ts";
import type { Leaderboard, LeaderboardEntry } from "../src/leaderboard/index.ts";
import { createTestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";
import { countCommands } from "./support/count-commands.ts";
import { naiveScoreBoard } from "./naive/score-board.ts";
import { naiveViewCounter } from "./naive/view-counter.ts";

const url = inject("redisUrl");

/** What the shared bodies need of a board. */
interface SomeBoard {
  submit(member: string, score: number): Promise<{ readonly score: number; readonly rank: number | null }>;
  top(n: number): Promise<LeaderboardEntry[]>;
  page(options: { cursor?: string | null; limit?: number }): Promise<{
    readonly entries: readonly LeaderboardEntry[];
    readonly nextCursor: string | null;
  }>;
}

describe("F9: the top of many items", () => {
  const items = 200_000;

  async function expectShortAnswer(makeOf: (test: Awaited<ReturnType<typeof createTestCore>>) => {
    readonly counter: Pick<Counter, "top">;
    readonly key: string;
    readonly write: "ZADD" | "HSET";
  }): Promise<void> {
    await using redis = await startRedis();
    await using harness = await createTestCore(redis.url);
    const { port } = harness.redis;
    const { counter, key, write } = makeOf(harness);
    for (let first = 0; first < items; first += 5_000) {
      const entries = Array.from({ length: 5_000 }, (_, index) => {
        const pair = [first + index, `post-${first + index}`];
        return write === "ZADD" ? pair : pair.toReversed();
      });
      await port.command(write, [key], entries.flat());
    }
    const sentBytes = async () => {
      const info = String(await port.command("INFO", [], ["stats"]));
      return Number(/total_net_output_bytes:(\d+)/.exec(info)?.[1]);
    };
    const baseline = await sentBytes();
    const infoBytes = (await sentBytes()) - baseline;
    const before = await sentBytes();
    const top = await counter.top(10);
    const answerBytes = (await sentBytes()) - before - infoBytes;
    expect(top).toHaveLength(10);
    expect(top[0]).toEqual({ item: `post-${items - 1}`, count: items - 1 });
    const commands = await countCommands(port, () => counter.top(10));
    expect(Object.keys(commands)).not.toContain("hgetall");
    expect(answerBytes).toBeLessThan(2_000);
  }

  test("a hash that is sorted by the client ships them all", async () => {
    const body = expectShortAnswer(({ redis, prefix }) => {
      const key = `${prefix}:views`;
      return { counter: naiveViewCounter(redis.port, key), key, write: "HSET" };
    });
    await expect(body).rejects.toThrow("hgetall");
  });

  test("ours sends ten", async () => {
    const body = expectShortAnswer(({ core }) => ({
      counter: core.counter("views"),
      key: core.keys.counter.values("views"),
      write: "ZADD",
    }));
    await expect(body).resolves.toBeUndefined();
  });
});

describe("F11: scores that are no small whole numbers", () => {
  const doubles = fc.oneof(
    fc.double({ noNaN: true }),
    fc.constantFrom(1.5e21, 1e-7, 0.1, -0.5, 2 ** 53 + 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  );

  async function expectExactScores(name: string, board: SomeBoard): Promise<void> {
    await checkProperty(
      name,
      fc.asyncProperty(doubles, async (given) => {
        const score = given === 0 ? 0 : given;
        expect((await board.submit("ada", score)).score).toBe(score);
        expect((await board.top(1))[0]?.score).toBe(score);
      }),
      { runs: 60 },
    );
  }

  test("parseInt loses them", async () => {
    await using harness = await createTestCore(url);
    const board = naiveScoreBoard(harness.redis.port, `${harness.prefix}:scores`);
    await expect(expectExactScores("F11 naive", board)).rejects.toThrow("Property failed");
  });

  test("ours gives back every finite double and both infinities", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    await expect(expectExactScores("F11", board)).resolves.toBeUndefined();
  });
});

describe("F14: ties", () => {
  async function expectFirstIsFirst(board: SomeBoard): Promise<void> {
    const members = ["zoe", "ada", "mia", "bo", "Éva", "10", "9"];
    for (const [index, member] of members.entries()) {
      expect((await board.submit(member, 7)).rank).toBe(index + 1);
    }
    expect((await board.top(10)).map(({ member }) => member)).toEqual(members);
  }

  async function expectSteadyPages(board: SomeBoard): Promise<void> {
    const members = Array.from({ length: 9 }, (_, index) => `m${index}`);
    for (const member of members) {
      await board.submit(member, 5);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<SomeBoard["page"]>> = await board.page({ cursor, limit: 3 });
      seen.push(...page.entries.map(({ member }) => member));
      cursor = page.nextCursor;
      // Somebody overtakes everyone between two pages.
      await board.submit(`new-${seen.length}`, 9);
    } while (cursor !== null);
    expect(seen.filter((member) => member.startsWith("m")).toSorted()).toEqual(members);
  }

  const naive = (harness: Awaited<ReturnType<typeof createTestCore>>) =>
    naiveScoreBoard(harness.redis.port, `${harness.prefix}:scores`);
  const ours = ({ core }: Awaited<ReturnType<typeof createTestCore>>): Leaderboard =>
    core.leaderboard("arena", { update: "set" });

  test("in the order of the members' bytes nobody knows who was first, and pages by number repeat", async () => {
    await using harness = await createTestCore(url);
    await expect(expectFirstIsFirst(naive(harness))).rejects.toThrow("to be");
    await using other = await createTestCore(url);
    await expect(expectSteadyPages(naive(other))).rejects.toThrow("to deeply equal");
  });

  test("ours has the first one first, and pages that show everybody once", async () => {
    await using harness = await createTestCore(url);
    await expect(expectFirstIsFirst(ours(harness))).resolves.toBeUndefined();
    await using other = await createTestCore(url);
    await expect(expectSteadyPages(ours(other))).resolves.toBeUndefined();
  });
});
