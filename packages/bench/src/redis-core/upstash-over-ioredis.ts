import { createHash } from "node:crypto";
import type { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "ioredis";

type UpstashRedis = ConstructorParameters<typeof Ratelimit>[0]["redis"];

/**
 * What `@upstash/ratelimit` calls of its REST client, over ioredis. Its scripts begin with a flag that only
 * Upstash knows; without that line Redis runs them as they are.
 */
export function upstashOverIoredis(client: Redis): UpstashRedis {
  const shaByHash = new Map<string, string>();
  const adapter = {
    evalsha(hash: string, keys: string[], args: (string | number)[]) {
      const sha = shaByHash.get(hash);
      if (sha === undefined) {
        return Promise.reject(new Error("NOSCRIPT"));
      }
      return client.evalsha(sha, keys.length, ...keys, ...args);
    },
    async eval(script: string, keys: string[], args: (string | number)[]) {
      const source = script.replace(/^#!lua.*\n/, "");
      const sha = String(await client.script("LOAD", source));
      shaByHash.set(createHash("sha1").update(script).digest("hex"), sha);
      return await client.evalsha(sha, keys.length, ...keys, ...args);
    },
  };

  return adapter as object as UpstashRedis;
}
