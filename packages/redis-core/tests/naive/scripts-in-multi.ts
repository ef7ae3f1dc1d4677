import { once } from "node:events";
import { createHash } from "node:crypto";
import { Redis } from "ioredis";

const source = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
const sha1 = createHash("sha1").update(source).digest("hex");

/** F17: loads its script once, at the start, and runs it inside MULTI. */
export async function openScriptsInMulti(url: string) {
  const client = new Redis(url);
  await once(client, "ready");
  await client.script("LOAD", source);
  return {
    async increment(key: string, by: number): Promise<number> {
      const [result] = (await client.multi().evalsha(sha1, 1, key, by).exec()) ?? [];
      return Number(result?.[1]);
    },
    close: () => client.disconnect(),
  };
}
