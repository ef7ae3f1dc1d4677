import { describe, expect, it } from "vitest";
import { FrameMerge } from "./frame-merge.ts";

/** Counts up as fast as it is let, as a room does that has much to say; remembers how far it came. */
function counter(merge: FrameMerge<string>, name: string, most = Number.POSITIVE_INFINITY) {
  const lane = merge.open();
  const state = { made: 0 };
  const push = () => {
    while (state.made < most && lane.canTake()) {
      state.made += 1;
      lane.put(`${name}${state.made}`);
    }
    if (state.made >= most) lane.close();
  };
  lane.onRoom = push;
  push();
  return state;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("FrameMerge", () => {
  it("holds one frame of a source and eight of all, and makes none while a batch is being taken", async () => {
    const merge = new FrameMerge<string>();
    const sources = Array.from({ length: 100 }, (_, index) => counter(merge, `${index} `));
    const made = () => sources.reduce((sum, source) => sum + source.made, 0);
    const batches = merge.batches(new AbortController().signal);
    expect(made()).toBe(8);
    expect((await batches.next()).value).toHaveLength(8);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(made()).toBe(8);
    await batches.next();
    expect(made()).toBe(16);
  });

  it("lets no busy source starve another, and ends when all have", async () => {
    const merge = new FrameMerge<string>();
    const lengths = [...Array.from({ length: 20 }, () => 50), 3];
    lengths.forEach((most, index) => counter(merge, `${index}.`, most));
    const seen: string[] = [];
    for await (const batch of merge.batches(new AbortController().signal)) seen.push(...batch);
    expect(seen).toHaveLength(20 * 50 + 3);
    // Three rounds of all, and that in which the first eight had a start.
    expect(seen.indexOf("20.3")).toBeLessThan(4 * 21);
    for (const [index, most] of lengths.entries()) {
      const own = seen.filter((frame) => frame.startsWith(`${index}.`));
      expect(own).toEqual(Array.from({ length: most }, (_, number) => `${index}.${number + 1}`));
    }
  });

  it("wakes from its wait when it is aborted, and when it fails", async () => {
    const merge = new FrameMerge<string>();
    const lane = merge.open();
    const aborting = new AbortController();
    const next = merge.batches(aborting.signal).next();
    aborting.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const failing = merge.batches(new AbortController().signal).next();
    merge.fail(new Error("broken"));
    await expect(failing).rejects.toThrow("broken");
    lane.close();
  });
});
