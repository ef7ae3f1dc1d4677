import { startRedis, startTcpProxy, type TcpProxy } from "@cardinal/dev";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BoardCall,
  boardModel,
  type CallResult,
  type CounterCall,
  counterModel,
} from "./support/board-calls.ts";
import { checkProperty } from "./support/check-property.ts";
import type { HistoryTask } from "./support/history-worker.ts";
import { findLinearization, type Operation } from "./support/linearizability.ts";
import { startWorkers, type Workers } from "./support/start-workers.ts";

const processes = 3;
const lanesEach = 2;

let redis: Awaited<ReturnType<typeof startRedis>>;
let proxy: TcpProxy;
let workers: Workers;
let operations = 0;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy({ target: redis });
  workers = await startWorkers("history-worker.ts", processes, proxy.url(), "c3");
}, 60_000);

afterAll(async () => {
  await workers[Symbol.asyncDispose]();
  await proxy.stop();
  await redis.stop();
});

/** Runs the same number of lanes in each process while one reply in twenty is lost, and gives what all saw. */
async function recordHistory<Call>(
  taskOf: (lanes: readonly (readonly Call[])[]) => HistoryTask,
  lanes: readonly (readonly Call[])[],
): Promise<Operation<Call, CallResult>[]> {
  await proxy.setMode("cut-after-request-before-reply", { match: "operation", every: 20 });
  const histories = await Promise.all(
    workers.all.map((worker, index) =>
      worker.ask<Operation<Call, CallResult>[]>(taskOf(lanes.slice(index * lanesEach, (index + 1) * lanesEach))),
    ),
  );
  await proxy.setMode("pass");
  return histories.flat();
}

function lanesOf<Call>(call: fc.Arbitrary<Call>): fc.Arbitrary<Call[][]> {
  const lane = fc.array(call, { minLength: 1, maxLength: 14 });
  const count = processes * lanesEach;
  return fc.array(lane, { minLength: count, maxLength: count });
}

const member = fc.constantFrom("ada", "bo", "cy");
const amount = fc.constantFrom(1, 1, 2, -1);
const boardCall: fc.Arbitrary<BoardCall> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("submit"), member, amount, operationId: fc.constant("") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("get"), member }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("top") }) },
);
const counterCall: fc.Arbitrary<CounterCall> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("increment"), item: member, by: amount, operationId: fc.constant("") }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("get"), items: fc.constant(["ada", "cy", "none"]) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("top") }) },
);

/** Every write gets an id of its own, also when the same lanes run again to shrink a failure. */
function withIds<Call extends BoardCall | CounterCall>(lanes: readonly (readonly Call[])[]): Call[][] {
  return lanes.map((lane) =>
    lane.map((call) => {
      operations += 1;
      return "operationId" in call ? { ...call, operationId: `operation-${operations}` } : call;
    }),
  );
}

describe("under lost replies, in three processes (C3)", () => {
  test("a board is linearizable: each confirmed submit counts once, each unknown one at most once", async () => {
    let run = 0;
    await checkProperty(
      "C3 leaderboard",
      fc.asyncProperty(lanesOf(boardCall), async (lanes) => {
        run += 1;
        const name = `board-${run}`;
        const history = await recordHistory((part) => ({ on: "board", name, lanes: part }), withIds(lanes));
        // A history that nothing explains is shown.
        expect(findLinearization(boardModel, history) ? "explained" : history).toBe("explained");
      }),
      { runs: 15 },
    );
  });

  test("a counter is linearizable: each confirmed increment counts once, each unknown one at most once", async () => {
    let run = 0;
    await checkProperty(
      "C3 counter",
      fc.asyncProperty(lanesOf(counterCall), async (lanes) => {
        run += 1;
        const name = `counter-${run}`;
        const history = await recordHistory((part) => ({ on: "counter", name, lanes: part }), withIds(lanes));
        // A history that nothing explains is shown.
        expect(findLinearization(counterModel, history) ? "explained" : history).toBe("explained");
      }),
      { runs: 15 },
    );
    expect(proxy.counters().cuts).toBeGreaterThan(5);
  });
});

describe("the search for an order", () => {
  const add = (startedAt: number, endedAt: number, result?: number): Operation<CounterCall, CallResult> => ({
    call: { kind: "increment", item: "a", by: 1, operationId: "" },
    startedAt,
    endedAt,
    result: result === undefined ? undefined : [result],
  });
  const read = (startedAt: number, endedAt: number, count: number): Operation<CounterCall, CallResult> => ({
    call: { kind: "get", items: ["a"] },
    startedAt,
    endedAt,
    result: [count],
  });

  test.each([
    ["calls at the same time in either order", [add(0, 9, 2), add(1, 9, 1)], [1, 0]],
    ["an unknown call that took effect late", [add(0, Infinity), read(1, 2, 0), read(3, 4, 1)], [1, 0, 2]],
    ["an unknown call that never took effect", [add(0, Infinity), read(3, 4, 0)], [1]],
  ])("finds %s", (_, history, order) => {
    expect(findLinearization(counterModel, history)).toEqual(order);
  });

  test.each([
    ["a call that counted twice", [add(0, 1, 1), read(2, 3, 2)]],
    ["an unknown call that counted twice", [add(0, Infinity), read(2, 3, 2)]],
    ["a lost update", [add(0, 1, 1), add(2, 3, 1)]],
    ["a stale read", [add(0, 1, 1), read(2, 3, 0)]],
    ["an effect that went away again", [add(0, Infinity), read(1, 2, 1), read(3, 4, 0)]],
  ])("finds none for %s", (_, history) => {
    expect(findLinearization(counterModel, history)).toBeNull();
  });
});
