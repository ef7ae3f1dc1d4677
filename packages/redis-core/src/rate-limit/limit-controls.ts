import { type CoreContext, runOn } from "../context.ts";
import { Misuse, RedisReplyError } from "../errors.ts";
import type { CallOptions } from "../port.ts";
import { type AskedRule, askedRule, type RulePlan } from "./asked-rule.ts";
import { type LimitAlgorithm, type LimitRule, ruleFigures, ruleOf } from "./rules.ts";
import { controlScript, indexOverrideScript } from "./scripts.ts";
import { splitBySlot } from "./split-by-slot.ts";

/** Overrides of a limiter that can be listed; further ones hold all the same. */
const mostListed = 10_000;

/** Those whose state is text. */
const markedAlgorithms: readonly LimitAlgorithm[] = ["fixed-window", "sliding-window", "token-bucket"];

/** A limit that one identity was given in the place of the rule's. */
export interface OwnLimit<Rule extends string = string> {
  readonly name: Rule;
  readonly identity: string;
  readonly rule: LimitRule;
  /** Epoch milliseconds by Redis' clock. */
  readonly untilMs: number;
}

/** An asked rule with what is to hold in its place. */
export interface OwnRule<Rule extends string> {
  readonly asked: AskedRule<Rule>;
  readonly rule: LimitRule;
}

/** What is said of single identities: blocks, and limits of their own. Both stand in one key of each rule. */
export class LimitControls<Rule extends string> {
  readonly #context: CoreContext;
  readonly #limiter: string;
  readonly #plans: ReadonlyMap<string, RulePlan<Rule>>;
  readonly #options: CallOptions;

  constructor(
    context: CoreContext,
    limiter: string,
    plans: readonly RulePlan<Rule>[],
    deadlineMs: number | undefined,
  ) {
    this.#context = context;
    this.#limiter = limiter;
    this.#plans = new Map(plans.map((plan) => [plan.name, plan]));
    const anySlot = context.state.capabilities.topology === "single";
    // Each of these done twice is the same done once.
    this.#options = { deadlineMs, anySlot, resend: "once" };
  }

  block(asked: readonly AskedRule<Rule>[], durationMs: number): Promise<void> {
    return this.#control("block", durationMs, asked, []);
  }

  unblock(asked: readonly AskedRule<Rule>[]): Promise<void> {
    return this.#control("unblock", 0, asked, []);
  }

  /** Forgets counts and blocks; limits of their own stay. */
  reset(asked: readonly AskedRule<Rule>[]): Promise<void> {
    return this.#control("reset", 0, asked, []);
  }

  async override(own: readonly OwnRule<Rule>[], durationMs: number): Promise<void> {
    const asked = own.map((each) => each.asked);
    const figures = own.map(({ rule }) => ruleFigures(rule));
    await Promise.all([
      this.#control("override", durationMs, asked, figures),
      this.#index(asked, durationMs),
    ]);
  }

  async clear(asked: readonly AskedRule<Rule>[]): Promise<void> {
    await Promise.all([this.#control("clear", 0, asked, []), this.#index(asked, 0)]);
  }

  /** The overrides that end first, from the `from`th on. Two round trips. */
  async list(from: number, count: number): Promise<OwnLimit<Rule>[]> {
    const key = this.#context.keys.limit.overrides(this.#limiter);
    const { state } = this.#context;
    const members = await state.command("ZRANGE", [key], [from, from + count - 1], this.#options);
    if (!Array.isArray(members)) {
      throw new RedisReplyError(`ZRANGE answered ${JSON.stringify(members)}`);
    }
    const noted = members.flatMap((member) => {
      const [, name = "", identity = ""] = /^(\S+) ([^]*)$/.exec(String(member)) ?? [];
      const plan = this.#plans.get(name);
      return plan ? [askedRule(plan, identity)] : [];
    });
    const controls = await state.batch(
      noted.map(({ controlKey }) => ({ name: "GET", keys: [controlKey], args: [] })),
      this.#options,
    );
    return noted.flatMap(({ plan, identity }, index) => {
      const control = controls[index];
      if (control?.ok === false) {
        throw control.error;
      }
      const [, untilMs = 0, limit = 0, perMs = 0, rate = 0] = String(control?.reply ?? "").split(" ").map(Number);
      // Set for a bucket, it says nothing of a window, and the other way round.
      return untilMs > 0 && rate > 0 === (plan.rule.algorithm === "token-bucket")
        ? [{ name: plan.name, identity, rule: ruleOf(plan.rule.algorithm, [limit, perMs, rate]), untilMs }]
        : [];
    });
  }

  async #control(
    operation: "block" | "unblock" | "reset" | "override" | "clear",
    duration: number,
    asked: readonly AskedRule<Rule>[],
    figures: readonly (readonly number[])[],
  ): Promise<void> {
    const withFigures = asked.map((rule, index) => ({ ...rule, figures: figures[index] ?? [] }));
    await Promise.all(
      splitBySlot(this.#context.state, withFigures).map((part) => {
        const restKeys = part.flatMap((rule) => [rule.stateKey, rule.controlKey, ...this.#markedKeys(rule)]);
        const restArgs = part.flatMap((rule) => rule.figures);
        const input = { keys: {}, args: { operation, duration }, restKeys, restArgs };
        return runOn(this.#context, "state", controlScript, input, this.#options);
      }),
    );
  }

  /** States that tell whether there is a control, of whatever algorithm this and other deployments have the rule. */
  #markedKeys({ plan, identity }: AskedRule<Rule>): string[] {
    const { state } = this.#context.keys.limit;
    return markedAlgorithms.map((algorithm) => state(algorithm, identity, this.#limiter, plan.name));
  }

  async #index(asked: readonly AskedRule<Rule>[], duration: number): Promise<void> {
    const overrides = this.#context.keys.limit.overrides(this.#limiter);
    const restArgs = asked.map(({ plan, identity }) => `${plan.name} ${identity}`);
    const input = { keys: { overrides }, args: { duration, most: mostListed }, restArgs };
    await runOn(this.#context, "state", indexOverrideScript, input, this.#options);
  }
}

/** @throws {Misuse} unless the rule that is to hold instead is of the same algorithm. */
export function assertAlike(plan: RulePlan<string>, rule: LimitRule): void {
  if (rule.algorithm !== plan.rule.algorithm) {
    throw new Misuse(`rule "${plan.name}" is a ${plan.rule.algorithm}; its override cannot be a ${rule.algorithm}`);
  }
}
