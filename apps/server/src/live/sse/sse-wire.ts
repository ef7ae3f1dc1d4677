import { frameJson } from "../frame-json.ts";

/** As tRPC's: the server's part of an event stream's headers. */
export const SSE_HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
  Connection: "keep-alive",
  Vary: "trpc-accept, accept",
} as const;

interface Shared {
  readonly id: string;
  readonly bytes: Buffer;
}

const sharedByFrame = new WeakMap<object, Shared>();

/** A tracked event as the bytes of one message, the same object for all who get the frame at the same place. */
export function trackedEvent(id: string, frame: object): Buffer {
  let shared = sharedByFrame.get(frame);
  if (shared?.id !== id) {
    shared = { id, bytes: Buffer.from(`data: ${frameJson(frame)}\nid: ${id}\n\n\n`) };
    sharedByFrame.set(frame, shared);
  }
  return shared.bytes;
}

/** Any other message of tRPC's event streams. JSON holds no line break, so one line is enough. */
export function namedEvent(name: "connected" | "ping" | "return" | "serialized-error", data: string): string {
  return `event: ${name}\ndata: ${data}\n\n\n`;
}

/** A tracked event that is no object. */
export function valueEvent(id: string, json: string): string {
  return `data: ${json}\nid: ${id}\n\n\n`;
}

/**
 * An event without an id. After one with an id, which an `EventSource` would give it too, it says that it has none and
 * puts the id back for the next connection.
 */
export function untrackedEvent(json: string, lastId: string | null): string {
  return lastId === null
    ? `data: ${json}\n\n\n`
    : `${valueEvent("", json)}event: restore-id\ndata: \nid: ${lastId}\n\n\n`;
}
