import { type CoreContext, runOn } from "../context.ts";
import { RedisReplyError, RedisUnavailable } from "../errors.ts";
import { encodeKeySegment } from "../keyspace/key-segment.ts";
import type { CallOptions, RedisArgument } from "../port.ts";
import type { RulePlan } from "./asked-rule.ts";
import { Tally } from "./limit-tally.ts";
import { readStatisticsScript, recordScript } from "./scripts.ts";

const hourMs = 3_600_000;
/** How long decisions that Redis did not count itself may wait to be told. */
const flushAfterMs = 1_000;
/** Longer identities stand in statistics as their digest, so that these are bounded. */
const longestIdentity = 256;

export interface RuleStats {
  readonly allowed: number;
  readonly denied: number;
  /** Each hour (UTC) of the time asked for, the first one first. */
  readonly hours: readonly { readonly atMs: number; readonly allowed: number; readonly denied: number }[];
  /** Who was denied most often. */
  readonly top: readonly { readonly identity: string; readonly denied: number }[];
}

/** Keys of one rule in one hour. */
interface HourKeys {
  readonly counts: string;
  readonly denied: string;
}

/**
 * Decisions by rule and hour. On one node each is counted by the script that makes it; what Redis does not decide
 * itself (denials of the block cache, decisions without Redis), and on a Cluster all, is told once a second.
 */
export class LimitStatistics<Rule extends string = string> {
  /** Arguments of a script that counts: how long an hour is kept, and how many denied identities of it. */
  readonly args: readonly [retentionMs: number, most: number];
  readonly #context: CoreContext;
  readonly #limiter: string;
  readonly #plans: readonly RulePlan<Rule>[];
  readonly #options: CallOptions;
  #tally: Tally<Rule>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keys: { readonly hour: number; readonly byRule: ReadonlyMap<string, HourKeys> } | undefined;
  /** How far Redis' clock is ahead of this process's. */
  #aheadMs = 0;

  constructor(
    context: CoreContext,
    limiter: string,
    plans: readonly RulePlan<Rule>[],
    { deadlineMs, retentionMs, most }: { deadlineMs: number | undefined; retentionMs: number; most: number },
  ) {
    this.#context = context;
    this.#limiter = limiter;
    this.#plans = plans;
    this.#options = { deadlineMs };
    this.args = [retentionMs, most];
    this.#tally = new Tally(most);
    context.onClose(() => this.flush());
  }

  /** Keys of the present hour, by the latest that Redis said of its time. */
  keysNow(): ReadonlyMap<string, HourKeys> {
    const hour = Math.floor((this.#context.clock.nowMs() + this.#aheadMs) / hourMs);
    if (this.#keys?.hour !== hour) {
      this.#keys = { hour, byRule: new Map(this.#plans.map(({ name }) => [name, this.#keysOf(name, hour)])) };
    }
    return this.#keys.byRule;
  }

  learnTime(redisNowMs: number): void {
    this.#aheadMs = redisNowMs - this.#context.clock.nowMs();
  }

  /** Counts a decision that Redis does not count itself. */
  add(name: Rule, identity: string, allowed: boolean): void {
    this.#tally.add(name, shortIdentity(identity), allowed);
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => void this.flush(), flushAfterMs);
      // Not worth keeping a process alive for; not every platform's timer can be told so.
      (this.#timer as { unref?: () => void }).unref?.();
    }
  }

  /** Tells Redis what was counted here. Never throws: what may have been told is not told again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const tally = this.#tally;
    if (tally.isEmpty) {
      return;
    }
    this.#tally = new Tally(this.args[1]);
    const keys = this.keysNow();
    const restKeys: string[] = [];
    const restArgs: RedisArgument[] = [];
    for (const [name, args] of tally.args()) {
      const { counts, denied } = keys.get(name) ?? this.#keysOf(name, 0);
      restKeys.push(counts, denied);
      restArgs.push(...args);
    }
    const [retention, most] = this.args;
    const input = { keys: {}, args: { retention, most }, restKeys, restArgs };
    try {
      await runOn(this.#context, "state", recordScript, input, this.#options);
    } catch (error) {
      if (error instanceof RedisUnavailable) {
        tally.merge(this.#tally);
        this.#tally = tally;
      } else {
        this.#context.telemetry.count("ratelimit_statistics_lost_total");
      }
    }
  }

  async read(fromMs: number, toMs: number, top: number): Promise<Record<Rule, RuleStats>> {
    await this.flush();
    const first = Math.floor(fromMs / hourMs);
    const hours = Array.from({ length: Math.floor(toMs / hourMs) - first + 1 }, (_, index) => first + index);
    const all = await Promise.all(
      this.#plans.map(async ({ name }) => [name, await this.#readRule(name, hours, top)] as const),
    );
    return Object.fromEntries(all) as Record<Rule, RuleStats>;
  }

  async #readRule(name: Rule, hours: readonly number[], top: number): Promise<RuleStats> {
    const restKeys = hours.flatMap((hour) => {
      const { counts, denied } = this.#keysOf(name, hour);
      return [counts, denied];
    });
    const input = { keys: {}, args: { top }, restKeys };
    const reply = await runOn(this.#context, "state", readStatisticsScript, input, this.#options);
    if (!Array.isArray(reply)) {
      throw new RedisReplyError(`rate-limit/read-statistics answered ${JSON.stringify(reply)}`);
    }
    const counted = hours.map((hour, index) => ({
      atMs: hour * hourMs,
      allowed: Number(reply[index * 2]),
      denied: Number(reply[index * 2 + 1]),
    }));
    const highest = reply.slice(hours.length * 2);
    return {
      allowed: counted.reduce((sum, { allowed }) => sum + allowed, 0),
      denied: counted.reduce((sum, { denied }) => sum + denied, 0),
      hours: counted,
      top: Array.from({ length: highest.length / 2 }, (_, index) => ({
        identity: String(highest[index * 2]),
        denied: Number(highest[index * 2 + 1]),
      })),
    };
  }

  #keysOf(rule: string, hour: number): HourKeys {
    const { counts, denied } = this.#context.keys.limit;
    return { counts: counts(this.#limiter, rule, hour), denied: denied(this.#limiter, rule, hour) };
  }
}

/** What stands for an identity in statistics. */
export function shortIdentity(identity: string): string {
  return identity.length <= longestIdentity ? identity : encodeKeySegment(identity);
}
