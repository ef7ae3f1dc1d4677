import { describe, expect, it } from "vitest";
import { mergeStreams } from "./merge-streams.ts";

/** Counts up as fast as it is let; remembers how far it came and whether it ended. */
function counter(name: string, most = Number.POSITIVE_INFINITY) {
  const state = { made: 0, hasEnded: false };
  return {
    state,
    async *frames(signal: AbortSignal, writable: () => Promise<void>) {
      try {
        while (state.made < most && !signal.aborted) {
          await writable();
          if (signal.aborted) return;
          state.made += 1;
          yield `${name}${state.made}`;
        }
      } finally {
        state.hasEnded = true;
      }
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("mergeStreams", () => {
  it("makes no frame ahead of its reader but one a source", async () => {
    const sources = [counter("a"), counter("b")];
    const merged = mergeStreams(sources, new AbortController().signal);
    expect((await merged.next()).value).toEqual(["a1", "b1"]);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(sources.map(({ state }) => state.made)).toEqual([1, 1]);
    expect((await merged.next()).value).toEqual(["a2", "b2"]);
    await merged.return();
    expect(sources.map(({ state }) => state.hasEnded)).toEqual([true, true]);
  });

  it("lets no busy source starve another, and ends when all have", async () => {
    const seen: string[] = [];
    for await (const batch of mergeStreams([counter("a", 50), counter("b", 3)], new AbortController().signal)) {
      seen.push(...batch);
    }
    expect(seen).toHaveLength(53);
    expect(seen.indexOf("b3")).toBeLessThan(8);
  });

  it("wakes from its wait when it is aborted", async () => {
    const aborting = new AbortController();
    const silent = {
      async *frames(signal: AbortSignal): AsyncGenerator<string> {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        yield "too late";
      },
    };
    const next = mergeStreams([silent], aborting.signal).next();
    aborting.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("fails as a source does, and ends the others", async () => {
    const other = counter("a");
    const failing = {
      async *frames(): AsyncGenerator<string> {
        yield "once";
        throw new Error("broken");
      },
    };
    const merged = mergeStreams([other, failing], new AbortController().signal);
    await expect(async () => {
      for await (const batch of merged) expect(batch).not.toEqual([]);
    }).rejects.toThrow("broken");
    expect(other.state.hasEnded).toBe(true);
  });
});
