import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";

/** What a worker asks of the store in the test's process, and what it is answered. */
export type StoreRequest =
  | { readonly kind: "read"; readonly fence: bigint }
  | { readonly kind: "write"; readonly fence: bigint; readonly value: number }
  | { readonly kind: "held"; readonly fromNs: bigint; readonly toNs: bigint };

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 2_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });
const lock = core.lock("account-7", { lease: 200, wait: "30s" });

function askStore(request: StoreRequest): Promise<number> {
  return new Promise((resolve) => {
    process.once("message", (answer: number) => resolve(answer));
    process.send?.(request);
  });
}

/** Reads a number, works for a while, writes the number plus one: an update that is lost without a lock. */
async function workForEver(): Promise<never> {
  for (;;) {
    await lock.run(async ({ token, signal }) => {
      const fromNs = process.hrtime.bigint();
      const value = await askStore({ kind: "read", fence: token });
      // Work of 0 to 300 ms, so that some outlasts the lease; jitter only.
      const workMs = Math.random() * 300;
      await new Promise((resolve) => {
        setTimeout(resolve, workMs);
      });
      if (!signal.aborted) {
        await askStore({ kind: "write", fence: token, value: value + 1 });
        await askStore({ kind: "held", fromNs, toNs: process.hrtime.bigint() });
      }
    });
  }
}

process.send?.("ready");
process.once("message", () => {
  void workForEver();
});
