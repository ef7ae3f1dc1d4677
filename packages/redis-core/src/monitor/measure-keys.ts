import type { CallOptions, RedisPort } from "../port.ts";
import { type Figure, shown, toHidden } from "./figure.ts";

export interface MeasuredKey {
  readonly key: string;
  /** Null where the server does not tell. */
  readonly bytes: number | null;
  /** Milliseconds left; -1 stays for ever, -2 is gone. */
  readonly ttlMs: number;
}

const keysPerBatch = 200;

/** Size and TTL of keys that are still there. The figure's reason is that of MEMORY USAGE. */
export async function measureKeys(
  port: RedisPort,
  keys: readonly string[],
  options: CallOptions,
): Promise<{ readonly measured: readonly MeasuredKey[]; readonly sizes: Figure<true> }> {
  const measured: MeasuredKey[] = [];
  let sizes: Figure<true> = shown(true);
  for (let start = 0; start < keys.length; start += keysPerBatch) {
    const some = keys.slice(start, start + keysPerBatch);
    const items = some.flatMap((key) => [
      { name: "PTTL", keys: [key], args: [] },
      ...(sizes.ok ? [{ name: "MEMORY USAGE", keys: [key], args: [] }] : []),
    ]);
    const width = sizes.ok ? 2 : 1;
    const results = await port.batch(items, options);
    for (const [index, key] of some.entries()) {
      const ttl = results[index * width];
      const size = width === 2 ? results[index * 2 + 1] : undefined;
      if (size?.ok === false) {
        sizes = toHidden("MEMORY USAGE", size.error);
      }
      const ttlMs = ttl?.ok === true ? Number(ttl.reply) : -2;
      if (ttlMs !== -2) {
        const bytes = size?.ok === true && size.reply !== null ? Number(size.reply) : null;
        measured.push({ key, ttlMs, bytes });
      }
    }
  }
  return { measured, sizes };
}
