import type { Sent } from "../sender.ts";

/** Which message came when: two columns, for millions of them. */
export class Deliveries {
  #numbers = new Uint32Array(1 << 16);
  #times = new Float64Array(1 << 16);
  count = 0;

  add(number: number, atMs: number): void {
    if (this.count === this.#numbers.length) {
      const numbers = new Uint32Array(this.count * 2);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
      const times = new Float64Array(this.count * 2);
      times.set(this.#times);
      this.#times = times;
    }
    this.#numbers[this.count] = number;
    this.#times[this.count] = atMs;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
  }

  get lastAtMs(): number {
    return this.count === 0 ? 0 : (this.#times[this.count - 1] ?? 0);
  }

  /** Milliseconds from commit to here, of the messages committed in the span. */
  delays(sent: readonly Sent[], fromMs: number, toMs: number): Float32Array {
    const delays = new Float32Array(this.count);
    let found = 0;
    for (let index = 0; index < this.count; index += 1) {
      const number = this.#numbers[index] ?? 0;
      const part = sent.find(({ from, rooms }) => number >= from && number < from + rooms.length);
      const committedAtMs = part?.committedAtMs[number - part.from] ?? 0;
      if (committedAtMs >= fromMs && committedAtMs < toMs) {
        delays[found] = (this.#times[index] ?? 0) - committedAtMs;
        found += 1;
      }
    }
    return delays.slice(0, found);
  }
}
