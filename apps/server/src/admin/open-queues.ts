import { createJobQueues, type JobQueues } from "@cardinal/jobs";
import { createRedisClient } from "@cardinal/redis-core/connection";
import type { Logger } from "pino";
import type { ServerConfig } from "../config.ts";

export interface LazyQueues extends AsyncDisposable {
  /** The queues, opened by the first call: a server that nobody asks for them has no connection for them. */
  open(): JobQueues;
}

/** BullMQ's view of the queues, for the admins' board. Jobs are added by the outbox alone. */
export function lazyQueues(config: Pick<ServerConfig, "redis">, log: Logger): LazyQueues {
  let close: (() => Promise<void>) | undefined;
  let queues: JobQueues | undefined;
  return {
    open() {
      if (queues === undefined) {
        const connection = createRedisClient({
          target: config.redis.state,
          purpose: "queue",
          name: "cardinal-server:board",
        });
        const onError = (error: Error): void =>
          log.warn({ reason: error.message }, "queue board: redis error");
        connection.on("error", onError);
        const opened = createJobQueues({ connection, keyPrefix: config.redis.prefix, onError });
        queues = opened;
        close = async () => {
          await opened.close();
          connection.disconnect();
        };
      }
      return queues;
    },
    async [Symbol.asyncDispose]() {
      await close?.();
    },
  };
}
