import { expect, it } from "vitest";
import { FrameIterator } from "./frame-iterator.ts";

interface Frame {
  id: string;
}

/** A log of so many frames that says as many as it is let, at once, then waits for more. */
function log(length: number) {
  const state = { openedAfter: [] as (string | undefined)[], open: 0, add: (_frame: Frame) => {}, fail: (_error: unknown) => {} };
  const open = (
    lastId: string | undefined,
    handlers: { onData(frame: Frame): void; onError(error: unknown): void; onComplete(): void },
  ) => {
    state.openedAfter.push(lastId);
    state.open += 1;
    let isOpen = true;
    state.add = handlers.onData;
    state.fail = handlers.onError;
    queueMicrotask(() => {
      for (let id = Number(lastId ?? 0) + 1; id <= length && isOpen; id += 1) handlers.onData({ id: String(id) });
    });
    return {
      unsubscribe: () => {
        if (isOpen) state.open -= 1;
        isOpen = false;
      },
    };
  };
  return { state, open };
}

const idsOf = async (frames: AsyncIterable<Frame>, most: number) => {
  const ids: string[] = [];
  for await (const { id } of frames) {
    ids.push(id);
    // Slower than the log.
    await new Promise((resolve) => setImmediate(resolve));
    if (ids.length === most) break;
  }
  return ids;
};

it("gives a slow loop every frame once, with a buffer that never passes its bound", async () => {
  const { state, open } = log(10);
  expect(await idsOf(new FrameIterator({ open, most: 3 }), 10)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  // It rested when the buffer was full and went on after the last frame in it.
  expect(state.openedAfter).toEqual([undefined, "4", "7", "10"]);
  expect(state.open).toBe(0);
});

it("opens nothing before it is read, and ends with the loop, the signal or return()", async () => {
  const { state, open } = log(1);
  const unread = new FrameIterator({ open, most: 3 });
  expect(state.openedAfter).toEqual([]);
  expect(await unread.return()).toEqual({ done: true, value: undefined });
  expect(await unread.next()).toEqual({ done: true, value: undefined });

  const aborting = new AbortController();
  const frames = new FrameIterator({ open, most: 3, signal: aborting.signal });
  expect(await frames.next()).toEqual({ done: false, value: { id: "1" } });
  const waiting = [frames.next(), frames.next()];
  aborting.abort();
  expect(await Promise.all(waiting)).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }]);
  expect(state.open).toBe(0);

  const returned = new FrameIterator({ open, most: 3 });
  await returned.next();
  const next = returned.next();
  await returned.return();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(state.open).toBe(0);
});

it("throws a refusal after what came before it, once", async () => {
  const { state, open } = log(2);
  const frames = new FrameIterator({ open, most: 9 });
  expect(await frames.next()).toEqual({ done: false, value: { id: "1" } });
  state.fail(new Error("no longer a member"));
  expect(await frames.next()).toEqual({ done: false, value: { id: "2" } });
  await expect(frames.next()).rejects.toThrow("no longer a member");
  expect(await frames.next()).toEqual({ done: true, value: undefined });

  const waiting = new FrameIterator({ open: log(0).open, most: 9, signal: AbortSignal.abort() });
  expect(await waiting.next()).toEqual({ done: true, value: undefined });
});
