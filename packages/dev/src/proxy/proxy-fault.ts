/**
 * - `pass`: forwards everything.
 * - `delay`: forwards everything `delayMs` later in each direction (plus up to `jitterMs`), in order.
 * - `stall`: keeps connections, accepts new ones, forwards nothing; what was held goes on when the mode
 *   changes.
 * - `half-open`: drops what is sent in `direction` and says nothing, as after a lost route. A connection that
 *   dropped something stays dead when the mode changes; new ones are as the new mode says.
 * - `cut-before-request`: closes the connection when a request arrives; the target never sees it.
 * - `cut-after-request-before-reply`: lets the request through, waits until the target has carried it out,
 *   then closes the connection without the reply.
 * - `reset`: resets every open connection, and each new one as soon as it is made.
 * - `refuse`: resets every open connection; new ones are refused, as if nothing listened.
 */
export type ProxyMode =
  | "pass"
  | "delay"
  | "stall"
  | "half-open"
  | "cut-before-request"
  | "cut-after-request-before-reply"
  | "reset"
  | "refuse";

export interface FaultOptions {
  /** For `delay`. */
  delayMs?: number;
  jitterMs?: number;
  /** For `half-open`: which way bytes are dropped; both by default. */
  direction?: "requests" | "replies" | "both";
  /** For the cuts: only requests whose bytes contain this text, or match this pattern (read as latin1). */
  match?: string | RegExp;
  /** For the cuts: this many, then as `pass`. Without it, until the mode changes. */
  times?: number;
  /** For the cuts: only every n-th matching request. */
  every?: number;
}

export interface ProxyCounters {
  /** Connections accepted. */
  accepted: number;
  /** Chunks of bytes from clients; one per round trip for a client that does not pipeline. */
  requests: number;
  replies: number;
  /** Requests that a cut hit. */
  cuts: number;
}

/** A mode with its options and how often it has struck. */
export class ProxyFault {
  readonly mode: ProxyMode;
  readonly options: FaultOptions;
  #struck = 0;
  #matched = 0;

  constructor(mode: ProxyMode, options: FaultOptions) {
    this.mode = mode;
    this.options = options;
  }

  /** Whether a cut hits this request; counts it. */
  hits(request: Buffer): boolean {
    if (this.mode !== "cut-before-request" && this.mode !== "cut-after-request-before-reply") return false;
    const { match, times = Infinity, every = 1 } = this.options;
    if (this.#struck >= times || !matches(request, match)) return false;
    this.#matched += 1;
    if (this.#matched % every !== 0) return false;
    this.#struck += 1;
    return true;
  }

  drops(direction: "requests" | "replies"): boolean {
    const which = this.options.direction ?? "both";
    return this.mode === "half-open" && (which === "both" || which === direction);
  }

  delayMs(): number {
    if (this.mode !== "delay") return 0;
    const jitter = Math.random() * (this.options.jitterMs ?? 0);
    return (this.options.delayMs ?? 0) + jitter;
  }
}

function matches(request: Buffer, match: string | RegExp | undefined): boolean {
  if (match === undefined) return true;
  if (typeof match === "string") return request.includes(match);
  return new RegExp(match.source, match.flags.replaceAll(/[gy]/g, "")).test(request.toString("latin1"));
}
