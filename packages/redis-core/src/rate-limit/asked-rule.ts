import type { Keyspace } from "../keyspace/keyspace.ts";
import { Misuse } from "../errors.ts";
import type { LimitRule, LimitRules } from "./rules.ts";

/** One rule of a call, with the keys of the identity it counts. */
export interface AskedRule<Rule extends string> {
  readonly name: Rule;
  readonly rule: LimitRule;
  readonly stateKey: string;
  readonly blockKey: string;
}

/** Whom each rule counts: a user id, an address … `null` leaves the rule out of this call. */
export type LimitKeys<R extends LimitRules> = { readonly [Rule in keyof R]: string | null };

/**
 * The rules a call asks, in the order of their declaration.
 *
 * @throws {Misuse} when a rule was given no key at all, or every rule `null`.
 */
export function askedRules<R extends LimitRules>(
  keyspace: Keyspace,
  limiter: string,
  rules: R,
  keys: LimitKeys<R>,
): AskedRule<keyof R & string>[] {
  const asked: AskedRule<keyof R & string>[] = [];
  for (const name in rules) {
    const identity = keys[name];
    const rule = rules[name];
    if (identity === undefined || rule === undefined) {
      throw new Misuse(`rule "${name}" of limiter "${limiter}" was given no key; null leaves it out`);
    }
    if (identity !== null) {
      const stateKey = keyspace.limit.state(rule.algorithm, identity, limiter, name);
      asked.push({ name, rule, stateKey, blockKey: keyspace.limit.block(identity, limiter, name) });
    }
  }
  if (asked.length === 0) {
    throw new Misuse(`no rule of limiter "${limiter}" was given a key`);
  }
  return asked;
}

/** @throws {Misuse} unless it is a whole number of at least 0. */
export function assertCost(cost: number): void {
  if (!Number.isSafeInteger(cost) || cost < 0) {
    throw new Misuse(`cost must be a whole number of at least 0, got ${cost}`);
  }
}
