import type { RedisPort } from "@cardinal/redis-core";

/** How often the port was asked while `work` ran: commands, batches and scripts are a round trip each. */
export async function countRoundTrips(port: RedisPort, work: () => Promise<unknown>): Promise<number> {
  const { command, batch, run } = port;
  let trips = 0;
  let isInside = false;
  // What a batch asks of its own port leaves with it.
  const counted = <Reply>(ask: () => Reply): Reply => {
    trips += isInside ? 0 : 1;
    const wasInside = isInside;
    isInside = true;
    try {
      return ask();
    } finally {
      isInside = wasInside;
    }
  };
  port.command = (...input) => counted(() => command.apply(port, input));
  port.batch = (...input) => counted(() => batch.apply(port, input));
  port.run = (...input) => counted(() => run.apply(port, input));
  try {
    await work();
  } finally {
    Object.assign(port, { command, batch, run });
  }
  return trips;
}
