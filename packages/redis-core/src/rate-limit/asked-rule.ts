import { Misuse } from "../errors.ts";
import { encodeKeySegment } from "../keyspace/key-segment.ts";
import { keyTemplate } from "../keyspace/key-template.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { type LimitRule, type LimitRules, ruleText } from "./rules.ts";

/** One rule of a limiter, with all that does not depend on the identity it counts. */
export interface RulePlan<Rule extends string> {
  readonly name: Rule;
  readonly rule: LimitRule;
  /** The rule as the script reads it. */
  readonly text: string;
  readonly stateKey: (segment: string) => string;
  readonly controlKey: (segment: string) => string;
}

/** One rule of a call, with the keys of the identity it counts. */
export interface AskedRule<Rule extends string> {
  readonly plan: RulePlan<Rule>;
  readonly identity: string;
  readonly stateKey: string;
  readonly controlKey: string;
}

/** Whom each rule counts: a user id, an address … `null` leaves the rule out of this call. */
export type LimitKeys<R extends LimitRules> = { readonly [Rule in keyof R]: string | null };

export function planRules<R extends LimitRules>(
  { limit }: Keyspace,
  limiter: string,
  rules: R,
): RulePlan<keyof R & string>[] {
  const plans: RulePlan<keyof R & string>[] = [];
  for (const name in rules) {
    const rule = rules[name];
    if (rule) {
      plans.push({
        name,
        rule,
        text: ruleText(rule),
        stateKey: keyTemplate((identity) => limit.state(rule.algorithm, identity, limiter, name)),
        controlKey: keyTemplate((identity) => limit.control(identity, limiter, name)),
      });
    }
  }
  return plans;
}

/**
 * The rules a call asks, in the order of their declaration.
 *
 * @throws {Misuse} when a rule was given no key at all, an empty one, or every rule `null`.
 */
export function askedRules<Rule extends string>(
  plans: readonly RulePlan<Rule>[],
  limiter: string,
  keys: Readonly<Record<Rule, string | null>>,
): AskedRule<Rule>[] {
  const asked: AskedRule<Rule>[] = [];
  for (const plan of plans) {
    const identity = keys[plan.name];
    if (typeof identity === "string") {
      asked.push(askedRule(plan, identity));
    } else if (identity !== null) {
      throw new Misuse(`rule "${plan.name}" of limiter "${limiter}" was given no key; null leaves it out`);
    }
  }
  if (asked.length === 0) {
    throw new Misuse(`no rule of limiter "${limiter}" was given a key`);
  }
  return asked;
}

export function askedRule<Rule extends string>(plan: RulePlan<Rule>, identity: string): AskedRule<Rule> {
  const segment = encodeKeySegment(identity);
  return { plan, identity, stateKey: plan.stateKey(segment), controlKey: plan.controlKey(segment) };
}

/** @throws {Misuse} unless it is a whole number of at least 0. */
export function assertCost(cost: number): void {
  if (!Number.isSafeInteger(cost) || cost < 0) {
    throw new Misuse(`cost must be a whole number of at least 0, got ${cost}`);
  }
}
