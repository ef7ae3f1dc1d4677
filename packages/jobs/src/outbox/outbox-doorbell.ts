/** The part of redis-core's channel the doorbell needs. */
export type DoorbellChannel = {
  publish(message: { atMs: number }): Promise<unknown>;
  subscribe(handler: () => void): Promise<{ close(): Promise<void> }>;
};

export type OutboxDoorbell = {
  /**
   * Tells the relays that rows have committed. Returns at once and never fails: a lost ring costs at most one poll
   * of the relay. Rings while one is on its way are merged.
   */
  ring(): void;
};

/** Makes the doorbell producers ring after a commit that enqueued jobs; `channel` is `outboxChannel(core)`. */
export function createOutboxDoorbell(channel: DoorbellChannel, clock: () => number = Date.now): OutboxDoorbell {
  let ringing = false;
  let again = false;

  async function publish(): Promise<void> {
    ringing = true;
    do {
      again = false;
      try {
        await channel.publish({ atMs: clock() });
      } catch {
        // Redis is away; the relay's poll finds the rows.
      }
    } while (again);
    ringing = false;
  }

  return {
    ring() {
      if (ringing) again = true;
      else void publish();
    },
  };
}
