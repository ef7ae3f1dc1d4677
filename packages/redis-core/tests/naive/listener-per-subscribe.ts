import type { Redis } from "ioredis";

/** A tutorial's publish/subscribe (F4): a listener for each call, and an UNSUBSCRIBE that silences everybody. */
export function naiveSubscriber(redis: Redis) {
  return {
    async subscribe(channel: string, callback: (message: string) => void): Promise<() => Promise<void>> {
      await redis.subscribe(channel);
      redis.on("message", (_from: string, message: string) => callback(message));
      return async () => {
        await redis.unsubscribe(channel);
      };
    },
  };
}
