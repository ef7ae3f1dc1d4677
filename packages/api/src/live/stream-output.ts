import type { TrackedEnvelope } from "@trpc/server";

/**
 * The output of a subscription: tracked frames and nothing else, because one untracked frame makes a client forget
 * its place. Frames are not parsed again: they are built from checked rows, once for all who get them.
 */
export function streamOutput<Frame>() {
  return (value: unknown): AsyncIterable<TrackedEnvelope<Frame>, void> => {
    if (!isStream<Frame>(value)) {
      throw new TypeError("A subscription must return a stream.");
    }
    return value;
  };
}

/** Whether it is what a subscription returns. */
export function isStream<Frame>(value: unknown): value is AsyncIterable<TrackedEnvelope<Frame>, void> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
