import { describe, expect, it } from "vitest";
import { MessageQueue } from "./message-queue.ts";

function createQueue(max: number) {
  const seen: (number | string)[] = [];
  const queue = new MessageQueue<number>(max, () => seen.push("gap"));
  const readAll = async () => {
    for (let step = await queue.next(); !step.done; step = await queue.next()) {
      seen.push(step.value);
    }
  };
  return { queue, seen, readAll };
}

describe("MessageQueue", () => {
  it("gives messages in order, also those that came before the reader", async () => {
    const { queue, seen, readAll } = createQueue(10);
    queue.push(1);
    const reading = readAll();
    queue.push(2);
    await Promise.resolve();
    queue.push(3);
    await new Promise((resolve) => setImmediate(resolve));
    await queue.return();
    await reading;
    expect(seen).toEqual([1, 2, 3]);
  });

  it("gives undefined as a message like any other", async () => {
    const queue = new MessageQueue<undefined>(10, () => {});
    queue.push(undefined);
    expect(await queue.next()).toEqual({ done: false, value: undefined });
  });

  it("drops everything for one gap when a reader falls behind, told in its place", async () => {
    const { queue, seen } = createQueue(2);
    for (const message of [1, 2, 3, 4]) {
      queue.push(message);
    }
    expect(seen).toEqual([]);
    seen.push((await queue.next()).value ?? "end");
    expect(seen).toEqual(["gap", 4]);
  });

  it("tells a waiting reader of a gap at once", () => {
    const { queue, seen } = createQueue(2);
    void queue.next();
    queue.gap();
    expect(seen).toEqual(["gap"]);
  });

  it("ends a reader that waits", async () => {
    const { queue } = createQueue(2);
    const step = queue.next();
    await queue.return();
    expect(await step).toEqual({ done: true, value: undefined });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it("refuses a second reader", async () => {
    const { queue } = createQueue(2);
    void queue.next();
    await expect(queue.next()).rejects.toThrow("one reader");
  });
});
