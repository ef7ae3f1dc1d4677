import { expect, it, vi } from "vitest";
import { TopicRegistry } from "./topic-registry.ts";

function registry(lingerMs: number) {
  const opened: string[] = [];
  const closed: string[] = [];
  const topics = new TopicRegistry(async (name: string) => {
    await Promise.resolve();
    if (name === "bad") {
      throw new Error("cannot be opened");
    }
    opened.push(name);
    return { close: () => void closed.push(name) };
  }, lingerMs);
  return { topics, opened, closed };
}

it("opens a topic once for all who hold it, and closes it some time after the last", async () => {
  vi.useFakeTimers();
  const { topics, opened, closed } = registry(1_000);
  const leases = await Promise.all([topics.hold("a"), topics.hold("a"), topics.hold("a")]);
  expect(opened).toEqual(["a"]);
  expect(topics.holders).toBe(3);
  leases.forEach(({ release }) => release());
  leases[0]?.release();
  expect(topics.holders).toBe(0);
  await vi.advanceTimersByTimeAsync(999);
  const again = await topics.hold("a");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(closed).toEqual([]);
  again.release();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(closed).toEqual(["a"]);
  expect(topics.size).toBe(0);
  vi.useRealTimers();
});

it("forgets a topic that could not be opened, so that the next holder tries anew", async () => {
  const { topics } = registry(0);
  await expect(topics.hold("bad")).rejects.toThrow("cannot be opened");
  expect(topics.size).toBe(0);
  expect(await topics.all()).toEqual([]);
});
