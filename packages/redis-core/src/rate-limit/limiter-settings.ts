import { toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { LimiterOptions, LimitStatsOptions } from "./limiter.ts";
import type { LimitRules } from "./rules.ts";

const hourMs = 3_600_000;
const mostHours = 31 * 24;

/** The options, checked, with their defaults. */
export interface LimiterSettings {
  readonly onUnavailable: "open" | "closed" | "local";
  readonly instances: number;
  readonly blockCache: number | false;
  readonly statistics: { readonly retentionMs: number; readonly most: number } | null;
  readonly deadlineMs: number | undefined;
}

export function toSettings(name: string, rules: LimitRules, options: LimiterOptions): LimiterSettings {
  const { onUnavailable = "local", instances = 1, blockCache = 10_000, statistics = false, deadlineMs } = options;
  assertNames(name, rules);
  assertWhole(instances, "instances", 1, Number.MAX_SAFE_INTEGER);
  if (blockCache !== false) {
    assertWhole(blockCache, "blockCache", 1, 1_000_000);
  }
  const { retention = "30d", identities = 100 } = statistics === true || statistics === false ? {} : statistics;
  assertWhole(identities, "identities", 0, 10_000);
  const counted = { retentionMs: Math.max(hourMs, toPositiveMs(retention, "retention")), most: identities };
  return { onUnavailable, instances, blockCache, statistics: statistics === false ? null : counted, deadlineMs };
}

/** The time that `stats` is asked for, and for how many identities. */
export function toRange(
  { from, to, top = 10 }: LimitStatsOptions,
  nowMs: number,
): { fromMs: number; toMs: number; top: number } {
  const toMs = Number(to ?? nowMs);
  const fromMs = Number(from ?? toMs - 23 * hourMs);
  const hours = Math.floor(toMs / hourMs) - Math.floor(fromMs / hourMs) + 1;
  if (!(fromMs >= 0 && hours >= 1 && hours <= mostHours)) {
    throw new Misuse(`statistics are read for 1 hour to 31 days, got ${String(from)} to ${String(to)}`);
  }
  assertWhole(top, "top", 0, 10_000);
  return { fromMs, toMs, top };
}

/** @throws {Misuse} */
export function assertWhole(value: number, what: string, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new Misuse(`${what} must be a whole number from ${least} to ${most}, got ${value}`);
  }
}

/** Rules' names go into response headers as they are. */
function assertNames(limiter: string, rules: LimitRules): void {
  const names = Object.keys(rules);
  if (names.length === 0) {
    throw new Misuse(`limiter "${limiter}" needs a rule`);
  }
  for (const name of names) {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      throw new Misuse(`a rule's name must be 1 to 64 letters, digits, "_", "." or "-", got "${name}"`);
    }
  }
}
