import type { Labels, Telemetry } from "../telemetry.ts";
import type { LimitDecision } from "./decision.ts";

/** Reports a limiter's decisions, with labels made once. */
export class DecisionCounts {
  readonly #telemetry: Telemetry;
  readonly #policy: string;
  readonly #labels = new Map<string, Labels>();

  constructor(telemetry: Telemetry, policy: string) {
    this.#telemetry = telemetry;
    this.#policy = policy;
  }

  add({ allowed, source }: LimitDecision): void {
    const key = allowed ? source : `-${source}`;
    let labels = this.#labels.get(key);
    if (!labels) {
      labels = { policy: this.#policy, decision: allowed ? "allowed" : "denied", source };
      this.#labels.set(key, labels);
    }
    this.#telemetry.count("ratelimit_decisions_total", labels);
  }
}
