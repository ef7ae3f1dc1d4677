/** A process with connections of its own, for tests that kill it. */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";

const [url = "", prefix = "", room = "", leaseTtl = "", ...userIds] = process.argv.slice(2);
const redis = connectRedis({ target: url });
await redis.ready(AbortSignal.timeout(10_000));
const core = createRedisCore({ redis: redis.port, prefix });
const presence = core.presence({ leaseTtl: Number(leaseTtl), grace: 0 });
for (const [index, userId] of userIds.entries()) {
  await presence.join(room, { userId, connectionId: `c${index}` });
}
process.send?.("joined");
