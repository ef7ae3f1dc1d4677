import { parseArgs } from "node:util";
import { createRedisCore, type Duration } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { openOrders } from "./orders.ts";
import { payOrder } from "./pay-order.ts";
import { createProviderClient } from "./provider-client.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    lease: { type: "string", default: "10s" },
    prefix: { type: "string", default: "payment" },
    "connect-within": { type: "string", default: "10000" },
  },
});
const [redisUrl, database, providerUrl, orderId] = positionals;
if (!redisUrl || !database || !providerUrl || !orderId) {
  console.error("usage: node main.ts <redis url> <orders.db> <provider url> <order id> [--lease 10s]");
  process.exit(2);
}

await using redis = connectRedis({ target: redisUrl });
await using core = createRedisCore({ redis: redis.port, prefix: values.prefix });
using orders = openOrders(database);
const provider = createProviderClient(providerUrl);
try {
  await redis.ready(AbortSignal.timeout(Number(values["connect-within"])));
  const lease = values.lease as Duration;
  console.log(JSON.stringify(await payOrder({ core, orders, provider }, orderId, { lease })));
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : "FAILED";
  console.log(JSON.stringify({ code: String(code), message: String(error) }));
  process.exitCode = 1;
}
