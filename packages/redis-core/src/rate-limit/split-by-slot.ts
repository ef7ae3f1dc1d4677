import type { RedisPort } from "../port.ts";

/** One part on a single node, where a script may touch any key; on a Cluster one part per slot. */
export function splitBySlot<Asked extends { readonly stateKey: string }>(
  { capabilities, slotOf }: RedisPort,
  asked: readonly Asked[],
): (readonly Asked[])[] {
  if (asked.length === 1 || capabilities.topology === "single") {
    return [asked];
  }
  return [...Map.groupBy(asked, ({ stateKey }) => slotOf(stateKey)).values()];
}
