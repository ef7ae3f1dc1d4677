import type { Redis } from "ioredis";
import type { SubscriberSettings } from "../subscriber-settings.ts";

/** Ends a connection that does not answer a ping in time; returns what ends the pings. */
export function keepAlive(
  client: Redis,
  { pingEveryMs, pingWithinMs }: SubscriberSettings,
  onStalled: () => void,
): () => void {
  const ping = async () => {
    if (client.status !== "ready") {
      return;
    }
    const stalled = setTimeout(onStalled, pingWithinMs);
    stalled.unref();
    try {
      await client.ping();
    } catch {
      // A failed ping is a connection already on its way back.
    } finally {
      clearTimeout(stalled);
    }
  };
  const pings = setInterval(() => void ping(), pingEveryMs);
  pings.unref();
  return () => clearInterval(pings);
}
