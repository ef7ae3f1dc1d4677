import type { GetOrSetOptions, Loader } from "./cache.ts";
import { type CacheSettings, toLifeMs, toPositiveTimerMs, toTimerMs } from "./cache-settings.ts";

/** One call of `getOrSet`, with its own options or the namespace's. */
export interface LoadCall<T> {
  readonly key: string;
  readonly loader: Loader<T>;
  readonly tags: readonly string[];
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly negativeTtlMs: number;
  readonly softTimeoutMs: number;
  readonly hardTimeoutMs: number;
  readonly forceFresh: boolean;
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined;
}

/** @throws {Misuse} naming the option that is wrong. */
export function toLoadCall<T>(
  settings: CacheSettings<T>,
  key: string,
  loader: Loader<T>,
  options: GetOrSetOptions,
): LoadCall<T> {
  const { tags = [], ttl, grace, negativeTtl, softTimeout, hardTimeout } = options;
  return {
    key,
    loader,
    tags,
    ttlMs: ttl === undefined ? settings.ttlMs : toLifeMs(ttl, "ttl"),
    graceMs: grace === undefined ? settings.graceMs : toLifeMs(grace, "grace"),
    negativeTtlMs:
      negativeTtl === undefined ? settings.negativeTtlMs : toLifeMs(negativeTtl, "negativeTtl"),
    softTimeoutMs: softTimeout === undefined ? settings.softTimeoutMs : toTimerMs(softTimeout, "softTimeout"),
    hardTimeoutMs:
      hardTimeout === undefined ? settings.hardTimeoutMs : toPositiveTimerMs(hardTimeout, "hardTimeout"),
    forceFresh: options.forceFresh ?? false,
    waitUntil: options.waitUntil,
  };
}

/** Whether what this process has may answer a call: not where it wants no cache at all, or its loader's word. */
export function mayUseCopy({ ttl, forceFresh }: GetOrSetOptions): boolean {
  return forceFresh !== true && (ttl === undefined || Number.parseFloat(String(ttl)) > 0);
}
