import type { FeedFrame } from "../routers/live/feed-frame.ts";

const batches = new WeakSet<object>();

/**
 * Marks frames that leave a feed together, so that whoever writes them can put together the text of each frame's `data`,
 * which many may get, instead of making it again for each of them.
 */
export function markFeedBatch(frames: FeedFrame[]): FeedFrame[] {
  batches.add(frames);
  return frames;
}

export function isFeedBatch(value: object): value is FeedFrame[] {
  return batches.has(value);
}
