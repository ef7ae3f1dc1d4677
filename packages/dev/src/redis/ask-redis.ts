import { Redis, type RedisOptions } from "ioredis";

/** Connection options for one question: no retries, no queue, no waiting. */
const once = {
  lazyConnect: true,
  connectTimeout: 2000,
  commandTimeout: 5000,
  maxRetriesPerRequest: 0,
  enableReadyCheck: false,
  retryStrategy: () => null,
} satisfies RedisOptions;

/**
 * Sends one command over a connection of its own and returns the reply. Rejects when the server cannot be
 * reached, refuses the login, or answers with an error.
 */
export async function askRedis(
  target: string | { host: string; port: number },
  command: string[],
): Promise<unknown> {
  const client = typeof target === "string" ? new Redis(target, once) : new Redis({ ...target, ...once });
  let failure: Error | undefined;
  client.on("error", (error: Error) => {
    failure = error;
  });
  try {
    await client.connect();
    return await client.call(command[0] ?? "PING", ...command.slice(1));
  } catch (error) {
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}
