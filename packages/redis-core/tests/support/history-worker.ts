import { isOutage } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import { type BoardCall, boardRules, type CallResult, callBoard, callCounter, type CounterCall } from "./board-calls.ts";
import type { Operation } from "./linearizability.ts";

export type HistoryTask = { readonly name: string } & (
  | { readonly on: "board"; readonly lanes: readonly (readonly BoardCall[])[] }
  | { readonly on: "counter"; readonly lanes: readonly (readonly CounterCall[])[] }
);

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

/** The clock that all processes of a machine share. */
const now = () => Number(process.hrtime.bigint());

/** Makes the calls of each lane one after the other, the lanes at the same time, and writes down what it saw. */
async function record<Call extends BoardCall | CounterCall>(
  lanes: readonly (readonly Call[])[],
  make: (call: Call) => Promise<CallResult>,
): Promise<Operation<Call, CallResult>[]> {
  const history: Operation<Call, CallResult>[] = [];
  const runLane = async (calls: readonly Call[]) => {
    for (const call of calls) {
      const startedAt = now();
      try {
        const result = await make(call);
        history.push({ call, startedAt, endedAt: now(), result });
      } catch (error) {
        if (!isOutage(error)) {
          throw error;
        }
        history.push({ call, startedAt, endedAt: Number.POSITIVE_INFINITY, result: undefined });
        await redis.ready();
      }
    }
  };
  await Promise.all(lanes.map(runLane));
  return history;
}

async function answer(task: HistoryTask): Promise<Operation<BoardCall | CounterCall, CallResult>[]> {
  await redis.ready();
  if (task.on === "board") {
    const board = core.leaderboard(task.name, boardRules);
    return await record(task.lanes, (call) => callBoard(board, call));
  }
  const counter = core.counter(task.name);
  return await record(task.lanes, (call) => callCounter(counter, call));
}

process.on("message", (task: HistoryTask) => {
  void answer(task).then((history) => process.send?.(history));
});
process.send?.("ready");
