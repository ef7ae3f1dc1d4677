import type { Channel, RedisCore } from "@cardinal/redis-core";
import { z } from "zod";

const ringSchema = z.object({ atMs: z.number() });
type Ring = z.infer<typeof ringSchema>;

function outboxChannel(core: Pick<RedisCore, "channel">): Channel<Ring> {
  return core.channel("outbox", { schema: ringSchema });
}

export type OutboxDoorbell = {
  /**
   * Tells the relays that rows have committed. Returns at once and never fails: a lost ring costs at most one poll
   * of the relay. Rings while one is on its way are merged.
   */
  ring(): void;
};

/** The doorbell a producer rings after a commit that enqueued jobs. */
export function createOutboxDoorbell(core: Pick<RedisCore, "channel">): OutboxDoorbell {
  const channel = outboxChannel(core);
  let isRinging = false;
  let again = false;

  async function publish(): Promise<void> {
    isRinging = true;
    do {
      again = false;
      try {
        await channel.publish({ atMs: Date.now() });
      } catch {
        // Redis is away; the relay's poll finds the rows.
      }
    } while (again);
    isRinging = false;
  }

  return {
    ring() {
      if (isRinging) again = true;
      else void publish();
    },
  };
}

/** Calls `onRing` for every ring and after every gap. Resolves when Redis has acknowledged the subscription. */
export function listenToOutboxDoorbell(
  core: Pick<RedisCore, "channel">,
  onRing: () => void,
  options: { signal?: AbortSignal } = {},
): Promise<{ close(): Promise<void> }> {
  return outboxChannel(core).subscribe(() => onRing(), { onGap: onRing, ...options });
}
