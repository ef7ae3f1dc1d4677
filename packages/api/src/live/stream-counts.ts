import { RateLimited } from "../errors/domain-errors.ts";

const RETRY_AFTER_MS = 5_000;

/** How many streams each owner (a connection, a member, an address) has open. */
export class StreamCounts<Owner> {
  readonly #counts = new Map<Owner, number>();
  readonly #policy: string;
  readonly #most: number;

  /** `policy` names the limit to who meets it. */
  constructor(policy: string, most: number) {
    this.#policy = policy;
    this.#most = most;
  }

  /** Counts a stream in; the result counts it out. @throws {RateLimited} */
  add(owner: Owner, nowMs: number): () => void {
    const count = this.#counts.get(owner) ?? 0;
    if (count >= this.#most) {
      throw new RateLimited({
        policy: this.#policy,
        limit: this.#most,
        remaining: 0,
        retryAfterMs: RETRY_AFTER_MS,
        resetAtMs: nowMs + RETRY_AFTER_MS,
      });
    }
    this.#counts.set(owner, count + 1);
    return () => {
      const left = (this.#counts.get(owner) ?? 1) - 1;
      if (left > 0) {
        this.#counts.set(owner, left);
      } else {
        this.#counts.delete(owner);
      }
    };
  }
}
