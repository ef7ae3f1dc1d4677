import type { RedisPort } from "@cardinal/redis-core";

/** Every key of the pattern, on all masters. */
export async function scanAll(port: RedisPort, pattern: string): Promise<string[]> {
  const perMaster = await port.eachMaster(async (master) => {
    const found: string[] = [];
    let cursor = "0";
    do {
      const reply = await master.command("SCAN", [cursor, "MATCH", pattern, "COUNT", 500]);
      const [next, keys] = Array.isArray(reply) ? reply : [];
      found.push(...(Array.isArray(keys) ? keys : []).map(String));
      cursor = String(next);
    } while (cursor !== "0");
    return found;
  });
  return [...new Set(perMaster.flat())];
}
