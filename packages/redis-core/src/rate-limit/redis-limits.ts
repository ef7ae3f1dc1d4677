import { type CoreContext, runOn } from "../context.ts";
import { RedisReplyError } from "../errors.ts";
import type { CallOptions, RedisReply } from "../port.ts";
import { randomHex } from "../random.ts";
import type { AskedRule } from "./asked-rule.ts";
import type { RuleState } from "./decision.ts";
import type { LimitAlgorithm } from "./rules.ts";
import { blockScript, decideScript } from "./scripts.ts";

/** What Redis found, at its own time. */
export interface Findings<Rule extends string> {
  readonly nowMs: number;
  readonly states: readonly RuleState<Rule>[];
}

type Mode = "take" | "peek" | "refund" | "settle";

/** What was taken by one call. */
export interface Taken {
  readonly cost: number;
  /** Name of its entries in logs and leases; `""` where there are none. */
  readonly reservation: string;
  /** Redis' time of it. */
  readonly atMs: number;
}

/** The name for the entries of one call, where a rule keeps entries. */
export function nameReservation(asked: readonly AskedRule<string>[]): string {
  return asked.some(({ rule }) => keepsEntries.has(rule.algorithm)) ? randomHex(12) : "";
}

const keepsEntries: ReadonlySet<LimitAlgorithm> = new Set(["sliding-window-log", "concurrency"]);

/** The limits as Redis keeps them. On one node every method is one script; on a Cluster one per slot. */
export class RedisLimits {
  readonly #context: CoreContext;
  readonly #deadlineMs: number | undefined;

  constructor(context: CoreContext, deadlineMs: number | undefined) {
    this.#context = context;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Debits all rules or none. Over several slots each part is debited by itself, and when one denies or
   * fails the others are given back: never too many pass, too few may for the length of a round trip.
   */
  async take<Rule extends string>(
    asked: readonly AskedRule<Rule>[],
    { cost, reservation, signal }: Omit<Taken, "atMs"> & { readonly signal: AbortSignal | undefined },
  ): Promise<Findings<Rule>> {
    const parts = this.#bySlot(asked);
    if (parts.length === 1) {
      return await this.#ask("take", asked, cost, reservation, signal);
    }
    const outcomes = await Promise.allSettled(
      parts.map((part) => this.#ask("take", part, cost, reservation, signal)),
    );
    const passed = (index: number) => {
      const outcome = outcomes[index];
      return outcome?.status === "fulfilled" && outcome.value.states.every((state) => state.retryAfterMs === 0);
    };
    if (!parts.every((_, index) => passed(index))) {
      const debited = parts.filter((_, index) => passed(index));
      // A part that cannot be given back stays debited until its window has passed.
      await Promise.allSettled(debited.map((part) => this.#run("refund", part, cost, reservation)));
    }
    return combine(outcomes);
  }

  async peek<Rule extends string>(
    asked: readonly AskedRule<Rule>[],
    { cost, signal }: { readonly cost: number; readonly signal: AbortSignal | undefined },
  ): Promise<Findings<Rule>> {
    const parts = this.#bySlot(asked);
    return combine(
      await Promise.allSettled(parts.map((part) => this.#ask("peek", part, cost, "", signal))),
    );
  }

  async refund(asked: readonly AskedRule<string>[], cost: number): Promise<void> {
    await Promise.all(this.#bySlot(asked).map((part) => this.#run("refund", part, cost, "")));
  }

  /** Gives back what one call took, which Redis knows by its name: safe to repeat. */
  async release(asked: readonly AskedRule<string>[], { cost, reservation }: Taken): Promise<void> {
    await Promise.all(
      this.#bySlot(asked).map((part) =>
        runOn(this.#context, "state", decideScript, toInput("refund", part, { cost, reservation }), {
          ...this.#options(undefined),
          resend: "once",
        }),
      ),
    );
  }

  async settle(asked: readonly AskedRule<string>[], taken: Taken, actual: number): Promise<void> {
    const { cost, reservation, atMs } = taken;
    await Promise.all(
      this.#bySlot(asked).map((part) => {
        const input = toInput("settle", part, { cost, reservation, actual, taken: atMs });
        return runOn(this.#context, "state", decideScript, input, this.#options(undefined));
      }),
    );
  }

  async block(asked: readonly AskedRule<string>[], durationMs: number): Promise<void> {
    await Promise.all(
      this.#bySlot(asked).map((part) =>
        runOn(
          this.#context,
          "state",
          blockScript,
          { keys: {}, args: { duration: durationMs }, restKeys: part.map(({ blockKey }) => blockKey) },
          // Blocking twice for the same time is blocking once.
          { ...this.#options(undefined), resend: "once" },
        ),
      ),
    );
  }

  async reset(asked: readonly AskedRule<string>[]): Promise<void> {
    const keys = asked.flatMap(({ stateKey, blockKey }) => [stateKey, blockKey]);
    const results = await this.#context.state.batch(
      keys.map((key) => ({ name: "UNLINK", keys: [key], args: [] })),
      { ...this.#options(undefined), resend: "once" },
    );
    for (const result of results) {
      if (!result.ok) {
        throw result.error;
      }
    }
  }

  async #ask<Rule extends string>(
    mode: "take" | "peek",
    asked: readonly AskedRule<Rule>[],
    cost: number,
    reservation: string,
    signal: AbortSignal | undefined,
  ): Promise<Findings<Rule>> {
    const reply = await this.#run(mode, asked, cost, reservation, signal);
    const figures = Array.isArray(reply) ? reply.map(Number) : [];
    const [, nowMs] = figures;
    if (nowMs === undefined || figures.length !== 2 + asked.length * 3) {
      throw new RedisReplyError(`rate-limit/decide answered ${JSON.stringify(reply)}`);
    }
    const states = asked.map(({ name, rule }, index) => ({
      name,
      rule,
      remaining: figures[2 + index * 3] ?? 0,
      retryAfterMs: figures[3 + index * 3] ?? 0,
      resetAfterMs: figures[4 + index * 3] ?? 0,
    }));
    return { nowMs, states };
  }

  #run(
    mode: Mode,
    asked: readonly AskedRule<string>[],
    cost: number,
    reservation: string,
    signal?: AbortSignal,
  ): Promise<RedisReply> {
    const input = toInput(mode, asked, { cost, reservation });
    return runOn(this.#context, "state", decideScript, input, this.#options(signal));
  }

  #options(signal: AbortSignal | undefined): CallOptions {
    const anySlot = this.#context.state.capabilities.topology === "single";
    return { deadlineMs: this.#deadlineMs, signal, anySlot };
  }

  /** One part on a single node, where a script may touch any key; on a Cluster one part per slot. */
  #bySlot<Rule extends string>(asked: readonly AskedRule<Rule>[]): (readonly AskedRule<Rule>[])[] {
    const { state } = this.#context;
    if (state.capabilities.topology === "single" || asked.length === 1) {
      return [asked];
    }
    return [...Map.groupBy(asked, ({ stateKey }) => state.slotOf(stateKey)).values()];
  }
}

function toInput(
  mode: Mode,
  asked: readonly AskedRule<string>[],
  call: { readonly cost: number; readonly reservation: string; readonly actual?: number; readonly taken?: number },
) {
  const restKeys: string[] = [];
  const restArgs: (string | number)[] = [];
  for (const { rule, stateKey, blockKey } of asked) {
    restKeys.push(stateKey, blockKey);
    const { rate = 0, perMs = rule.windowMs } = rule.refill ?? {};
    restArgs.push(rule.algorithm, rule.limit, perMs, rate);
  }
  const { cost, reservation, actual = 0, taken = 0 } = call;
  return { keys: {}, args: { mode, cost, reservation, actual, taken }, restKeys, restArgs };
}

/** All parts' findings, at the latest of their times. Fails as the first part that failed. */
function combine<Rule extends string>(
  outcomes: readonly PromiseSettledResult<Findings<Rule>>[],
): Findings<Rule> {
  const parts = outcomes.map((outcome) => {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
    return outcome.value;
  });
  return {
    nowMs: Math.max(...parts.map(({ nowMs }) => nowMs)),
    states: parts.flatMap(({ states }) => states),
  };
}
