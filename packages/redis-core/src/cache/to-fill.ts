import type { CacheSettings } from "./cache-settings.ts";
import type { Fill } from "./cache-store.ts";
import type { Loaded } from "./run-loader.ts";

interface FillCall {
  readonly key: string;
  readonly ttlMs: number;
  readonly negativeTtlMs: number;
}

/** What to store for a loaded value, or why nothing is: no time to live, or too large. */
export function toFill<T>(
  settings: CacheSettings<T>,
  { key, ttlMs, negativeTtlMs }: FillCall,
  loaded: Loaded<T>,
  text: string,
): Fill | "skipped" | "too_large" {
  const isAbsent = loaded.value === undefined;
  const livesMs = isAbsent ? negativeTtlMs : (loaded.ttlMs ?? ttlMs);
  if (livesMs === 0) {
    return "skipped";
  }
  if (!fits(text, settings.maxBytes)) {
    return "too_large";
  }
  const freshMs = Math.max(1, Math.ceil(livesMs * (1 - settings.jitter * Math.random()))); // jitter
  return { name: key, freshMs, graceMs: isAbsent ? 0 : settings.graceMs, tags: loaded.tags, text };
}

/** UTF-8 takes one to three bytes per UTF-16 unit, so most texts need no counting. */
function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes;
}
