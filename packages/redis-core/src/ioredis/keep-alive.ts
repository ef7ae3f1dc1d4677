import type { Redis } from "ioredis";
import type { SubscriberSettings } from "../subscriber-settings.ts";

/**
 * Tells of a connection that does not answer a ping in time, and of one that was taken and never greeted; returns
 * what ends the pings.
 */
export function keepAlive(
  client: Redis,
  { pingEveryMs, pingWithinMs }: SubscriberSettings,
  onStalled: () => void,
): () => void {
  let waiting: NodeJS.Timeout | undefined;
  /** It was connected and not yet ready when last looked at. */
  let isGreeting = false;
  const settle = () => {
    clearTimeout(waiting);
    waiting = undefined;
    isGreeting = false;
  };
  const ping = () => {
    if (client.status === "connect" && isGreeting) {
      settle();
      onStalled();
      return;
    }
    isGreeting = client.status === "connect";
    if (waiting !== undefined || client.status !== "ready") {
      return;
    }
    const own = setTimeout(() => {
      settle();
      onStalled();
    }, pingWithinMs);
    own.unref();
    waiting = own;
    const onAnswer = () => {
      if (waiting === own) {
        settle();
      }
    };
    // A failed ping is a connection already on its way back.
    client.ping().then(onAnswer, onAnswer);
  };
  // The next connection owes no answer to what the last one was asked.
  client.on("close", settle);
  const pings = setInterval(ping, pingEveryMs);
  pings.unref();
  return () => {
    clearInterval(pings);
    client.off("close", settle);
    settle();
  };
}
