import type { RedisPort } from "@cardinal/redis-core";

/** How often the port was asked while `work` ran: commands, batches and scripts are a round trip each. */
export async function countRoundTrips(port: RedisPort, work: () => Promise<unknown>): Promise<number> {
  let trips = 0;
  const { command, batch, run } = port;
  port.command = (...input) => {
    trips += 1;
    return command.apply(port, input);
  };
  port.batch = (...input) => {
    trips += 1;
    return batch.apply(port, input);
  };
  port.run = (...input) => {
    trips += 1;
    return run.apply(port, input);
  };
  try {
    await work();
  } finally {
    Object.assign(port, { command, batch, run });
  }
  return trips;
}
