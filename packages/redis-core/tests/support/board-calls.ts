import type { Counter } from "../../src/counter/index.ts";
import type { Leaderboard } from "../../src/leaderboard/index.ts";
import { type ModelBoard, type ModelRules, ranked, submitTo } from "./leaderboard-model.ts";
import type { SequentialModel } from "./linearizability.ts";

/** Calls of a history, as data that goes between processes. Writes have an operation id. */
export type BoardCall =
  | { readonly kind: "submit"; readonly member: string; readonly amount: number; readonly operationId: string }
  | { readonly kind: "get"; readonly member: string }
  | { readonly kind: "top" };

export type CounterCall =
  | { readonly kind: "increment"; readonly item: string; readonly by: number; readonly operationId: string }
  | { readonly kind: "get"; readonly items: readonly string[] }
  | { readonly kind: "top" };

/** Numbers and names only, so that results are compared as JSON. */
export type CallResult = readonly (string | number | null)[];

export const boardRules = { order: "desc", update: "increment", rank: "ordinal" } satisfies ModelRules;

export async function callBoard(board: Leaderboard, call: BoardCall): Promise<CallResult> {
  switch (call.kind) {
    case "submit": {
      const { operationId } = call;
      const { score, rank, previousRank } = await board.submit(call.member, call.amount, { operationId });
      return [score, rank, previousRank];
    }
    case "get": {
      const { score, rank } = await board.get(call.member);
      return [score, rank];
    }
    case "top":
      return (await board.top(10)).flatMap(({ member, score }) => [member, score]);
  }
}

export async function callCounter(counter: Counter, call: CounterCall): Promise<CallResult> {
  switch (call.kind) {
    case "increment":
      return [await counter.increment(call.item, { by: call.by, operationId: call.operationId })];
    case "get":
      return [...(await counter.get(call.items)).values()];
    case "top":
      return (await counter.top(10)).flatMap(({ item, count }) => [item, count]);
  }
}

export const boardModel: SequentialModel<ModelBoard, BoardCall, CallResult> = {
  initial: [],
  apply(state, call) {
    const find = (board: ModelBoard, member: string) =>
      ranked(board, boardRules).find((entry) => entry.member === member);
    switch (call.kind) {
      case "submit": {
        const next = submitTo(state, boardRules, call.member, call.amount);
        const entry = find(next, call.member);
        const before = find(state, call.member)?.rank ?? null;
        return { state: next, result: [entry?.score ?? 0, entry?.rank ?? null, before] };
      }
      case "get": {
        const entry = find(state, call.member);
        return { state, result: [entry?.score ?? 0, entry?.rank ?? null] };
      }
      case "top":
        return { state, result: state.flatMap(({ member, score }) => [member, score]) };
    }
  },
};

type Counts = Readonly<Record<string, number>>;

export const counterModel: SequentialModel<Counts, CounterCall, CallResult> = {
  initial: {},
  apply(state, call) {
    switch (call.kind) {
      case "increment": {
        const count = (state[call.item] ?? 0) + call.by;
        // In the order of the names, so that equal states are equal text.
        const items = [...new Set([...Object.keys(state), call.item])].toSorted();
        const next = Object.fromEntries(items.map((item) => [item, item === call.item ? count : (state[item] ?? 0)]));
        return { state: next, result: [count] };
      }
      case "get":
        return { state, result: call.items.map((item) => state[item] ?? 0) };
      case "top": {
        // Equal counts: the greater name first, as in a sorted set read backwards.
        const sorted = Object.entries(state).toSorted(([a, x], [b, y]) => y - x || (a < b ? 1 : -1));
        return { state, result: sorted.flat() };
      }
    }
  },
};
