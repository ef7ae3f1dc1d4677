/** A process with connections of its own: at each "go" it reads one key with many callers at once. */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";

const [url = "", prefix = "", callers = "", loadMs = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url });
await redis.ready(AbortSignal.timeout(20_000));
const core = createRedisCore({ redis: redis.port, prefix });
const cache = core.cache<string>("shared", { ttl: "1m", lease: 1_000, wait: 8_000 });

async function load(): Promise<string> {
  const loads = await redis.port.command("INCR", [`${prefix}:loads`], []);
  await redis.port.command("PEXPIRE", [`${prefix}:loads`], [60_000]);
  process.send?.("loading");
  await new Promise((resolve) => setTimeout(resolve, Number(loadMs)));
  return `load ${String(loads)}`;
}

process.on("message", (key: string) => {
  void Promise.all(Array.from({ length: Number(callers) }, () => cache.getOrSet(key, load))).then((values) =>
    process.send?.(values),
  );
});
process.send?.("ready");
