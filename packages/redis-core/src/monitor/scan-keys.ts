import type { CallOptions, RedisPort } from "../port.ts";

export interface ScanBounds {
  /** Keys after which a walk ends, over all masters together. */
  readonly maxKeys: number;
  /** Milliseconds after which it ends. */
  readonly maxMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface ScannedKeys {
  readonly keys: readonly string[];
  /** Every key was seen; false where a bound ended the walk. */
  readonly isComplete: boolean;
  /** Keys the masters hold, as DBSIZE says. */
  readonly total: number;
}

const keysPerCall = 1_000;

/**
 * Walks the keys of every master with SCAN, which blocks nobody, until a bound. SCAN goes through hash buckets,
 * so the part it has seen is a fair sample of the rest. A key that is written or goes meanwhile may be missed.
 */
export async function scanKeys(
  port: RedisPort,
  { maxKeys, maxMs, signal }: ScanBounds,
  options: CallOptions,
): Promise<ScannedKeys> {
  const endsAt = performance.now() + maxMs;
  const found = new Set<string>();
  const perMaster = await port.eachMaster(async (master) => {
    const total = Number(await master.command("DBSIZE", [], options));
    let cursor = "0";
    do {
      if (found.size >= maxKeys || performance.now() >= endsAt) {
        return { total, isComplete: false };
      }
      signal?.throwIfAborted();
      const reply = await master.command("SCAN", [cursor, "COUNT", keysPerCall], options);
      const [next, keys] = Array.isArray(reply) ? reply : [];
      for (const key of Array.isArray(keys) ? keys : []) {
        found.add(String(key));
      }
      cursor = String(next ?? "0");
    } while (cursor !== "0");
    return { total, isComplete: true };
  });
  return {
    keys: [...found].slice(0, maxKeys),
    isComplete: perMaster.every((each) => each.isComplete) && found.size <= maxKeys,
    total: perMaster.reduce((sum, each) => sum + each.total, 0),
  };
}
