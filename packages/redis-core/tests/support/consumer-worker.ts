/** A process at a named consumer, for tests that kill it: tells each message it handled and each one Redis took. */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";

export interface ConsumerNews {
  readonly kind: "handled" | "acknowledged";
  readonly value: number;
}

const [url = "", prefix = "", lease = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 2_000 });
await redis.ready(AbortSignal.timeout(20_000));
const core = createRedisCore({ redis: redis.port, prefix });
const numbers = core.channel<number>("numbers", { delivery: "replay", retain: 100_000 });
const consumer = numbers.consumer("sum", { lease: Number(lease), batch: 20 });

process.send?.("ready");
for await (const event of consumer.stream()) {
  if (event.type === "message") {
    const value = event.message;
    process.send?.({ kind: "handled", value } satisfies ConsumerNews);
    await event.acknowledge();
    process.send?.({ kind: "acknowledged", value } satisfies ConsumerNews);
  }
}
