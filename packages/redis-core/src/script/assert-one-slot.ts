import { Misuse } from "../errors.ts";
import { slotOfKey } from "../keyspace/key-slot.ts";
import type { Script } from "./define-script.ts";

/** Refuses what a Cluster would refuse, where one node would let it pass: keys of a call in several slots. */
export function assertOneSlot(script: Script, calls: readonly (readonly string[])[]): void {
  for (const keys of calls) {
    const slots = new Set(keys.map(slotOfKey));
    if (slots.size > 1) {
      throw new Misuse(`keys of ${script.name} lie in ${slots.size} slots: ${keys.join(", ")}`);
    }
  }
}
