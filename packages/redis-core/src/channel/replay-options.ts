import type { CoreContext } from "../context.ts";
import { Misuse, UnsupportedByTransport } from "../errors.ts";
import { parseEntryId } from "./entry-id.ts";
import type { ReplayFrom } from "./replay-types.ts";

export const mostPerRead = 10_000;

/** As the scripts take it: an id, empty for the oldest, `$` for now. */
export function startOf(from: ReplayFrom): string {
  if (typeof from === "string") {
    return from === "now" ? "$" : "";
  }
  parseEntryId(from.id);
  return from.id;
}

export function assertSocket(context: CoreContext): void {
  if (!context.state.capabilities.subscribe) {
    throw new UnsupportedByTransport(
      "following a channel needs a socket for its doorbell: call the channel's read({ cursor }) in intervals, or " +
        "reach the same database over TCP (its rediss:// URL) with ioredisPort or nodeRedisPort",
    );
  }
}

export function assertCount(count: number, what: string, most: number): void {
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new Misuse(`${what} must be a whole number from 1 to ${most}, got ${count}`);
  }
}
