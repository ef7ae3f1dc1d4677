/** A process that takes a lock when told to, and tells when it hears that it is lost; it never releases. */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";

export interface HoldTask {
  readonly lock: string;
  readonly leaseMs: number;
  /** After so long it writes, whatever it knows of the lock. */
  readonly writeAfterMs: number;
}

export type HolderReport =
  | { readonly kind: "granted"; readonly token: bigint }
  | { readonly kind: "writes"; readonly token: bigint; readonly isAborted: boolean; readonly isHeld: boolean };

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

process.on("message", ({ lock, leaseMs, writeAfterMs }: HoldTask) => {
  void core
    .lock(lock, { lease: leaseMs, wait: "10s" })
    .acquire()
    .then((held) => {
      const { token, signal } = held;
      setTimeout(() => {
        process.send?.({ kind: "writes", token, isAborted: signal.aborted, isHeld: held.isHeld });
      }, writeAfterMs);
      process.send?.({ kind: "granted", token });
    });
});
process.send?.("ready");
