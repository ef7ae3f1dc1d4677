import type { StoreRequest } from "./lock-worker.ts";

/** A number that refuses whoever comes with a lower fencing token than somebody before, and notes what it saw. */
export class FencedNumber {
  value = 0;
  accepted = 0;
  refused = 0;
  ended = 0;
  readonly fences: bigint[] = [];
  readonly #held: { readonly fromNs: bigint; readonly toNs: bigint }[] = [];
  #highest = 0n;

  answer(request: StoreRequest): number {
    switch (request.kind) {
      case "ended":
        this.ended += 1;
        return 0;
      case "held":
        this.#held.push(request);
        return 0;
      case "read":
      case "write":
        if (request.fence < this.#highest) {
          this.refused += 1;
          return this.value;
        }
        this.#highest = request.fence;
        if (request.kind === "write") {
          this.value = request.value;
          this.accepted += 1;
          this.fences.push(request.fence);
        }
        return this.value;
    }
  }

  /** Writes that another one overwrote without having read them. */
  get lostUpdates(): number {
    return this.accepted - this.value;
  }

  /** How often one held while another did. */
  get overlaps(): number {
    const held = this.#held.toSorted((a, b) => Number(a.fromNs - b.fromNs));
    return held.filter(({ toNs }, index) => (held[index + 1]?.fromNs ?? toNs) < toNs).length;
  }
}
