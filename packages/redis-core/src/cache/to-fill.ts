import { compress } from "../codec/compress.ts";
import type { CacheSettings } from "./cache-settings.ts";
import type { Fill } from "./cache-store.ts";
import type { Loaded } from "./run-loader.ts";

interface FillCall {
  readonly key: string;
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly negativeTtlMs: number;
}

/** What to store for a loaded value, or why nothing is: no time to live, or too large. */
export async function toFill<T>(
  settings: CacheSettings<T>,
  call: FillCall,
  loaded: Loaded<T>,
  text: string,
): Promise<Fill | "skipped" | "too_large"> {
  const isAbsent = loaded.value === undefined;
  const skips = loaded.ttlMs === 0;
  const livesMs = isAbsent && !skips ? call.negativeTtlMs : (loaded.ttlMs ?? call.ttlMs);
  if (livesMs === 0) {
    return "skipped";
  }
  const stored = fits(text, settings.compressAbove) ? text : await compress(text);
  if (!fits(stored, settings.maxBytes)) {
    return "too_large";
  }
  return {
    name: call.key,
    freshMs: Math.max(1, Math.ceil(livesMs * (1 - settings.jitter * Math.random()))), // jitter
    graceMs: isAbsent ? 0 : (loaded.graceMs ?? call.graceMs),
    loadMs: Math.round(loaded.tookMs),
    tags: loaded.tags,
    text: stored,
  };
}

/** UTF-8 takes one to three bytes per UTF-16 unit, so most texts need no counting. */
function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes;
}
