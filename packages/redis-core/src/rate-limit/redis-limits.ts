import type { CoreContext } from "../context.ts";
import { Misuse, RedisReplyError } from "../errors.ts";
import type { CallOptions, RedisArgument, RedisReply } from "../port.ts";
import type { AskedRule } from "./asked-rule.ts";
import type { RuleResult } from "./decision.ts";
import { type LimitStatistics, shortIdentity } from "./limit-statistics.ts";
import { ruleOf } from "./rules.ts";
import { decideScript } from "./scripts.ts";
import { splitBySlot } from "./split-by-slot.ts";

/** What Redis found of the rules of a call, in their order, at its own time. */
export interface Findings {
  readonly nowMs: number;
  readonly results: readonly RuleResult[];
}

type Mode = "take" | "peek" | "refund" | "settle";

/** What is asked of all rules of a call. */
export interface LimitCall {
  readonly cost: number;
  /** Name of its entries in logs and leases; `""` where there are none. */
  readonly reservation: string;
  readonly signal?: AbortSignal | undefined;
}

/** The limits as Redis keeps them. On one node every method is one script; on a Cluster one per slot. */
export class RedisLimits {
  readonly #context: CoreContext;
  readonly #statistics: LimitStatistics | null;
  readonly #isSingle: boolean;
  readonly #options: CallOptions;
  readonly #resendable: CallOptions;

  constructor(context: CoreContext, deadlineMs: number | undefined, statistics: LimitStatistics | null) {
    this.#context = context;
    this.#statistics = statistics;
    this.#isSingle = context.state.capabilities.topology === "single";
    this.#options = { deadlineMs, anySlot: this.#isSingle };
    this.#resendable = { ...this.#options, resend: "once" };
  }

  /**
   * Debits all rules or none. Over several slots each part is debited by itself, and when one denies or
   * fails the others are given back: never too many pass, too few may for the length of a round trip.
   */
  async take(asked: readonly AskedRule<string>[], call: LimitCall): Promise<Findings> {
    const parts = splitBySlot(this.#context.state, asked);
    if (parts.length === 1) {
      return readFindings(asked, await this.#run("take", asked, call));
    }
    const outcomes = await Promise.allSettled(
      parts.map(async (part) => readFindings(part, await this.#run("take", part, call))),
    );
    const debited = parts.filter((_, index) => {
      const outcome = outcomes[index];
      return outcome?.status === "fulfilled" && outcome.value.results.every(({ retryAfterMs }) => retryAfterMs === 0);
    });
    if (debited.length < parts.length) {
      // A part that cannot be given back stays debited until its window has passed.
      await Promise.allSettled(debited.map((part) => this.#run("refund", part, { ...call, signal: undefined })));
    }
    return combine(asked, parts, outcomes);
  }

  async peek(asked: readonly AskedRule<string>[], call: LimitCall): Promise<Findings> {
    const parts = splitBySlot(this.#context.state, asked);
    const outcomes = await Promise.allSettled(
      parts.map(async (part) => readFindings(part, await this.#run("peek", part, call))),
    );
    return combine(asked, parts, outcomes);
  }

  async refund(asked: readonly AskedRule<string>[], cost: number): Promise<void> {
    const parts = splitBySlot(this.#context.state, asked);
    await Promise.all(parts.map((part) => this.#run("refund", part, { cost, reservation: "" })));
  }

  /** Gives back what one call took, which Redis knows by its name: safe to repeat. */
  async release(asked: readonly AskedRule<string>[], call: LimitCall): Promise<void> {
    const parts = splitBySlot(this.#context.state, asked);
    await Promise.all(parts.map((part) => this.#run("refund", part, call, [], this.#resendable)));
  }

  /** Puts `actual` in the place of the cost that was taken at Redis' time `takenAtMs`; `null`: just now. */
  async settle(
    asked: readonly AskedRule<string>[],
    call: LimitCall,
    actual: number,
    takenAtMs: number | null,
  ): Promise<void> {
    const parts = splitBySlot(this.#context.state, asked);
    const rest = [actual, takenAtMs ?? ""];
    await Promise.all(parts.map((part) => this.#run("settle", part, call, rest)));
  }

  #run(
    mode: Mode,
    asked: readonly AskedRule<string>[],
    { cost, reservation, signal }: LimitCall,
    rest: readonly RedisArgument[] = [],
    options = this.#options,
  ): Promise<RedisReply> {
    const keys: string[] = [];
    let text = "";
    const counts = mode === "take" && this.#isSingle ? this.#statistics?.keysNow() : undefined;
    for (const { plan, stateKey, controlKey } of asked) {
      keys.push(stateKey, controlKey);
      const ofRule = counts?.get(plan.name);
      if (ofRule) {
        keys.push(ofRule.counts, ofRule.denied);
      }
      text = text === "" ? plan.text : `${text},${plan.text}`;
    }
    const args: RedisArgument[] = [this.#context.clock.overrideMs() ?? "", mode, cost, text];
    if (counts && this.#statistics) {
      args.push(reservation, ...this.#statistics.args, ...asked.map(({ identity }) => shortIdentity(identity)));
    } else if (reservation !== "" || mode === "refund" || mode === "settle") {
      args.push(reservation, ...rest);
    }
    return this.#context.state.run(decideScript, keys, args, signal ? { ...options, signal } : options);
  }
}

function readFindings(asked: readonly AskedRule<string>[], reply: RedisReply): Findings {
  const overridesAt = 1 + asked.length * 3;
  if (!Array.isArray(reply) || reply.length < overridesAt) {
    throw new RedisReplyError(`rate-limit/decide answered ${JSON.stringify(reply)}`);
  }
  const nowMs = Number(reply[0]);
  const results: RuleResult[] = [];
  for (const [index, { plan }] of asked.entries()) {
    const at = 1 + index * 3;
    const retryAfterMs = Number(reply[at + 1]);
    const resetAfterMs = Number(reply[at + 2]);
    if (retryAfterMs < 0) {
      throw new Misuse(`the cost can never pass rule "${plan.name}" with its limit of ${plan.rule.limit}`);
    }
    results.push({
      limit: plan.rule.limit,
      remaining: Number(reply[at]),
      retryAfterMs,
      resetAtMs: nowMs + resetAfterMs,
      resetAfterMs,
      windowMs: plan.rule.windowMs,
    });
  }
  for (let at = overridesAt; at < reply.length; at += 4) {
    const [number = 0, limit = 0, perMs = 0, rate = 0] = reply.slice(at, at + 4).map(Number);
    const [plan, result] = [asked[number - 1]?.plan, results[number - 1]];
    if (plan && result) {
      const own = ruleOf(plan.rule.algorithm, [limit, perMs, rate]);
      results[number - 1] = { ...result, limit: own.limit, windowMs: own.windowMs };
    }
  }
  return { nowMs, results };
}

/** All parts' findings, at the latest of their times. Fails as the first part that failed. */
function combine(
  asked: readonly AskedRule<string>[],
  parts: readonly (readonly AskedRule<string>[])[],
  outcomes: readonly PromiseSettledResult<Findings>[],
): Findings {
  const found = new Map<AskedRule<string>, RuleResult>();
  let latestMs = 0;
  for (const [part, outcome] of outcomes.entries()) {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
    latestMs = Math.max(latestMs, outcome.value.nowMs);
    for (const [index, result] of outcome.value.results.entries()) {
      const rule = parts[part]?.[index];
      if (rule) {
        found.set(rule, result);
      }
    }
  }
  return { nowMs: latestMs, results: asked.flatMap((rule) => found.get(rule) ?? []) };
}
