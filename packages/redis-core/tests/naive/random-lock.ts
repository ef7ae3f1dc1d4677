import { once } from "node:events";
import { Redis } from "ioredis";

const releaseScript =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/** F6: SET NX under a token from Math.random that anybody may guess, never renewed, with nothing to fence by. */
export async function openRandomLock(url: string, key: string, leaseMs: number) {
  const client = new Redis(url);
  await once(client, "ready");
  return {
    async run(work: () => Promise<void>): Promise<void> {
      const token = Math.random().toString(36).slice(2);
      while ((await client.set(key, token, "PX", leaseMs, "NX")) === null) {
        await new Promise((resolve) => {
          setTimeout(resolve, 10);
        });
      }
      try {
        await work();
      } finally {
        await client.eval(releaseScript, 1, key, token);
      }
    },
    close: () => client.disconnect(),
  };
}
