import { Misuse } from "../errors.ts";
import { slotOfKey } from "../keyspace/key-slot.ts";
import type { Script } from "./define-script.ts";

/**
 * Refuses what a Cluster would refuse, where one node would let it pass. With `keysPerCall`, each run of so many
 * keys is a call of its own.
 */
export function assertOneSlot(script: Script, keys: readonly string[], keysPerCall = keys.length): void {
  for (let first = 0; first < keys.length; first += keysPerCall) {
    const ofCall = keys.slice(first, first + keysPerCall);
    const slots = new Set(ofCall.map(slotOfKey));
    if (slots.size > 1) {
      throw new Misuse(`keys of ${script.name} lie in ${slots.size} slots: ${ofCall.join(", ")}`);
    }
  }
}
