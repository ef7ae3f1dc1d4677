import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import type { FinalizeWork } from "../src/leaderboard/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { openEffects } from "./support/effects-database.ts";
import type { FinalizeAnswer, FinalizeTask, PayStep } from "./support/finalize-worker.ts";
import { startWorkers, type Worker, type Workers } from "./support/start-workers.ts";

const url = inject("redisUrl");
const hour = 3_600_000;

describe("eight processes finalize a season", () => {
  const steps = ["before-transaction", "before-commit", "after-commit"] satisfies PayStep[];
  const prizes = [
    { member: "zoe", rank: 1 },
    { member: "ada", rank: 2 },
    { member: "mia", rank: 3 },
  ];
  let harness: TestCore;
  let folder: string;
  let effects: ReturnType<typeof openEffects>;
  let workers: Workers;
  let others: readonly Worker[];
  /** Those who die, and the one who is stopped. */
  let victims: Worker[];

  beforeAll(async () => {
    harness = await createTestCore(url);
    folder = await mkdtemp(join(tmpdir(), "cardinal-finalize-"));
    effects = openEffects(join(folder, "effects.db"));
    const count = 7 + steps.length + 1;
    workers = await startWorkers("finalize-worker.ts", count, url, harness.prefix, join(folder, "effects.db"));
    others = workers.all.slice(0, 7);
    victims = workers.all.slice(7);
  }, 90_000);

  afterAll(async () => {
    await workers[Symbol.asyncDispose]();
    effects.close();
    await rm(folder, { recursive: true });
    await harness[Symbol.asyncDispose]();
  });

  /** Plays a season, ends it, and has somebody stand still while he pays. */
  async function playSeason(id: string, standStillAt: PayStep) {
    const board = harness.core.leaderboard("arena", { update: "set", periods: ["season"] });
    for (const member of ["zoe", "ada", "mia", "bo"]) {
      await board.submit(member, 10, { season: { id, endsAtMs: Date.now() + 60_000 } });
    }
    const season = { id, endsAtMs: Date.now() - 1 };
    const victim = victims.shift();
    if (!victim) {
      throw new Error("no worker is left");
    }
    expect(await ask(victim, { season, standStillAt })).toEqual({ standsAt: standStillAt });
    return { season, victim };
  }

  const ask = (worker: Worker, task: FinalizeTask) => worker.ask<FinalizeAnswer>(task);

  test.each(steps)("and the one that pays is killed (%s): another takes over, all are paid once", async (step) => {
    const { season, victim } = await playSeason(step, step);
    const answers = others.map((worker) => ask(worker, { season }));
    victim.process.kill("SIGKILL");
    const states = (await Promise.all(answers)).map((answer) => ("state" in answer ? answer.state : "stands"));
    expect(new Set(states)).toEqual(new Set(["finalized", "already"]));
    expect(effects.listPrizes(`arena/season~${step}`)).toEqual(prizes);
  });

  test("and the one that pays is stopped past his lease: when he wakes he pays nobody again", async () => {
    const { season, victim } = await playSeason("stopped", "before-transaction");
    victim.process.kill("SIGSTOP");
    await Promise.all(others.map((worker) => ask(worker, { season })));
    expect(effects.listPrizes("arena/season~stopped")).toEqual(prizes);
    victim.process.kill("SIGCONT");
    const woken = once(victim.process, "message");
    victim.process.send("go on");
    const [answer] = await woken;
    expect(answer).toEqual({ state: "finalized" });
    expect(effects.listPrizes("arena/season~stopped")).toEqual(prizes);
  });
});

describe("finalize", () => {
  async function setUp(options: { keepArchive?: "1h" } = {}) {
    const clock = manualClock(Date.UTC(2030, 0, 31, 23));
    const harness = await createTestCore(url, { clock });
    onTestFinished(() => harness[Symbol.asyncDispose]());
    const board = harness.core.leaderboard("arena", {
      update: "set",
      rank: "competition",
      periods: ["month", "season", "all"],
      late: "10m",
      metadata: String,
      archive: { winners: 3, ...(options.keepArchive && { keep: options.keepArchive }) },
      keep: { month: "2h" },
    });
    const month = { period: "month", atMs: clock.nowMs() } as const;
    return { clock, harness, board, month };
  }

  test("waits for the end and for late scores, then keeps the winners as they were", async () => {
    const { clock, harness, board, month } = await setUp();
    for (const member of ["a", "b", "c", "d"]) {
      await board.submit(member, member === "d" ? 1 : 5, { metadata: `clan of ${member}` });
    }
    let runs = 0;
    const work = () => {
      runs += 1;
    };
    const endsAtMs = clock.nowMs() + hour;
    clock.set(endsAtMs + 600_000 - 1);
    expect(await board.finalize(month, work)).toEqual({ state: "open", closesAtMs: endsAtMs + 600_000 });
    expect(await board.archive(month)).toBeNull();
    clock.advance(1);
    const result = await board.finalize(month, work);
    const winners = [
      { member: "a", score: 5, rank: 1, metadata: "clan of a" },
      { member: "b", score: 5, rank: 1, metadata: "clan of b" },
      { member: "c", score: 5, rank: 1, metadata: "clan of c" },
    ];
    const archive = { id: "arena/month~2030-01", closedAtMs: clock.nowMs(), total: 4, winners };
    expect(result).toEqual({ state: "finalized", archive });
    expect(await board.finalize(month, work)).toEqual({ state: "already", archive });
    expect(runs).toBe(1);
    // Nothing that comes after moves it, neither a clock that goes back nor a removal.
    clock.advance(-hour);
    expect((await board.submit("d", 99)).closed).toEqual(["month"]);
    await board.remove("a", month);
    await board.rebuild([{ member: "x", score: 1 }], month);
    expect((await board.submit("d", 99)).closed).toEqual(["month"]);
    expect(await board.archive(month)).toEqual(archive);
    const permanent = await harness.listPermanentKeys();
    expect(permanent.filter((key) => !key.endsWith(":all"))).toEqual([]);
  });

  test("hands the claim on at once when the work fails, and under a rising number", async () => {
    const { clock, board, month } = await setUp();
    await board.submit("a", 1);
    clock.advance(2 * hour - 1);
    const claims: bigint[] = [];
    const failing = board.finalize(month, ({ claim }) => {
      claims.push(claim);
      throw new Error("the bank is closed");
    });
    await expect(failing).rejects.toThrow("the bank is closed");
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const paying = board.finalize(month, async ({ claim, signal }) => {
      claims.push(claim);
      entered.resolve();
      await gate.promise;
      expect(signal.aborted).toBe(false);
    });
    await entered.promise;
    expect(await board.finalize(month, () => {})).toEqual({ state: "busy", untilMs: clock.nowMs() + 30_000 });
    gate.resolve();
    expect(await paying).toMatchObject({ state: "finalized" });
    expect(claims[1]).toBeGreaterThan(claims[0] ?? 0n);
  });

  test("outlives the period it closed, so that it cannot be closed twice, and is refused where it makes no sense", async () => {
    const { clock, harness, board, month } = await setUp({ keepArchive: "1h" });
    await board.submit("a", 1);
    clock.advance(hour + 600_000);
    await board.finalize(month, () => {});
    const { archive, final, order } = harness.core.keys.leaderboard;
    const ttl = async (key: string) => Number(await harness.redis.port.command("PTTL", [key], []));
    const lifeOfPeriod = await ttl(order("arena", "month~2030-01"));
    expect(await ttl(archive("arena", "month~2030-01"))).toBeGreaterThan(lifeOfPeriod);
    expect(await ttl(final("arena", "month~2030-01"))).toBeGreaterThan(lifeOfPeriod);
    clock.advance(-32 * 24 * hour);
    const earlier = { period: "month", atMs: clock.nowMs() } as const;
    clock.advance(33 * 24 * hour);
    expect(await board.finalize(earlier, () => {})).toEqual({ state: "gone" });
    await expect(board.finalize({ period: "all" }, () => {})).rejects.toThrow(Misuse);
    await expect(board.finalize({ period: "season", season: "7" }, () => {})).rejects.toThrow(Misuse);
    const empty = { period: "season", season: { id: "8", endsAtMs: clock.nowMs() - hour } } as const;
    expect(await board.finalize(empty, () => {})).toMatchObject({ state: "finalized", archive: { total: 0, winners: [] } });
  });

  test("has every score that was taken in the archive, and none that was refused", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    await using other = await createTestCore(url, { clock, prefix: harness.prefix });
    const options = { update: "set", periods: ["season"], archive: { winners: 10_000 } } as const;
    const boards = [harness.core, other.core].map((core) => core.leaderboard("arena", options));
    const season = { id: "7", endsAtMs: clock.nowMs() + 1 };
    const taken: string[] = [];
    const play = async (lane: number) => {
      const board = boards[lane % boards.length];
      for (let turn = 0; board; turn += 1) {
        const member = `${lane}-${turn}`;
        const { closed } = await board.submit(member, turn, { season });
        if (closed.length > 0) {
          return;
        }
        taken.push(member);
        if (taken.length === 200) {
          // In the middle of it all: some submits are on their way with the time before.
          clock.advance(1);
        }
      }
    };
    const closeIt = async () => {
      for (;;) {
        const result = await boards[0]?.finalize({ season }, () => {});
        if (result?.state === "finalized") {
          return result.archive.winners.map(({ member }) => member);
        }
      }
    };
    const [winners] = await Promise.all([closeIt(), ...Array.from({ length: 8 }, (_, lane) => play(lane))]);
    expect(winners.toSorted()).toEqual(taken.toSorted());
    expect(taken.length).toBeGreaterThanOrEqual(200);
  });

  test("gives the same id again when Redis was emptied and the board rebuilt", async () => {
    const { clock, harness, board, month } = await setUp();
    const entries = [{ member: "a", score: 5 }, { member: "b", score: 5 }];
    const ids: string[] = [];
    const winners: (readonly string[])[] = [];
    for (let run = 0; run < 2; run += 1) {
      await board.rebuild(entries, month);
      clock.set(Date.UTC(2030, 1, 1, 0, 10));
      const work: FinalizeWork<string> = (finalization) => {
        ids.push(finalization.id);
        winners.push(finalization.winners.map(({ member }) => member));
      };
      expect((await board.finalize(month, work)).state).toBe("finalized");
      for (const key of await harness.listKeys()) {
        await harness.redis.port.command("DEL", [key], []);
      }
    }
    expect(ids).toEqual(["arena/month~2030-01", "arena/month~2030-01"]);
    expect(winners).toEqual([["a", "b"], ["a", "b"]]);
  });
});
