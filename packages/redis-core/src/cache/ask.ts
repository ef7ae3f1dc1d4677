import { decode } from "../codec/codec.ts";
import { expand, isCompressed } from "../codec/compress.ts";
import { Misuse } from "../errors.ts";
import { checkOutput } from "../schema.ts";
import type { CacheParts } from "./cache-parts.ts";
import type { ReadManner } from "./cache-store.ts";
import { drawEarly } from "./early-refresh.ts";
import { EntryText } from "./entry-text.ts";
import type { FoundEntry } from "./read-reply.ts";
import { shareOwn, shareText, type SharedValue } from "./shared-value.ts";

/** An entry that may be served. */
export interface Usable {
  readonly state: "fresh" | "stale";
  readonly value: SharedValue;
  readonly entry: EntryText;
  /** Redis' time when it was read. */
  readonly nowMs: number;
}

export interface Answer {
  readonly usable: Usable | null;
  readonly lease: FoundEntry["lease"];
  readonly leaseLeftMs: number;
  /** Holds the lease. */
  readonly token: string;
  /** Bytes that were found but cannot be used. A lease for them must be asked for with `distrust`. */
  readonly spoiled: boolean;
}

/** Looks for one key, together with all that are looked for in this turn. Null when Redis cannot be asked. */
export async function look<T>(parts: CacheParts<T>, key: string): Promise<Answer | null> {
  const generation = parts.copies?.generation ?? 0;
  const found = await parts.reader.readOne(key, false);
  return found && toAnswer(parts, key, found, generation);
}

/**
 * As `look`, and takes the lease to load what is missing, stale or soon to end. Bytes that are no value of this
 * namespace are counted and asked for once more, as absent, so that a loader replaces them. A `manner` of its own
 * asks at once.
 */
export async function ask<T>(parts: CacheParts<T>, key: string, manner?: ReadManner): Promise<Answer | null> {
  const { reader, copies } = parts;
  const generation = copies?.generation ?? 0;
  const found = manner ? (await reader.read([key], manner))?.[0] : await reader.readOne(key, true);
  if (!found) {
    return null;
  }
  const answer = await toAnswer(parts, key, found, generation);
  return answer.spoiled && manner?.mode !== "distrust"
    ? await ask(parts, key, { token: answer.token, mode: "distrust", early: 0 })
    : answer;
}

/** For keys of one bucket, in one round trip. Spoiled entries are reported, not asked for again. */
export async function askMany<T>(
  parts: CacheParts<T>,
  keys: readonly string[],
  manner: ReadManner,
): Promise<Map<string, Answer> | null> {
  const generation = parts.copies?.generation ?? 0;
  const entries = await parts.reader.read(keys, manner);
  if (!entries) {
    return null;
  }
  const answers = new Map<string, Answer>();
  for (const [index, key] of keys.entries()) {
    const found = entries[index];
    if (found) {
      answers.set(key, await toAnswer(parts, key, found, generation));
    }
  }
  return answers;
}

/** In the same turn, unless the value is compressed or its schema asynchronous. */
function toAnswer<T>(
  parts: CacheParts<T>,
  key: string,
  found: FoundEntry,
  generation: number,
): Answer | Promise<Answer> {
  const { state, lease, leaseLeftMs, moment } = found;
  const entry = state === "fresh" || state === "stale" ? EntryText.parse(found.raw) : null;
  const finish = (value: SharedValue | null): Answer => {
    const { token, nowMs } = moment;
    if (!entry || !value || (state !== "fresh" && state !== "stale")) {
      const spoiled = state !== "miss";
      if (spoiled) {
        parts.report.undecodable(key);
      }
      return { usable: null, lease, leaseLeftMs, token, spoiled };
    }
    if (parts.copies && state === "fresh") {
      keepCopy(parts, key, { entry, value, moment, generation });
    }
    return { usable: { state, value, entry, nowMs }, lease, leaseLeftMs, token, spoiled: false };
  };
  const value = entry && valueOf(parts, entry);
  return value instanceof Promise ? value.then(finish) : finish(value);
}

function keepCopy<T>(
  { copies, settings }: CacheParts<T>,
  key: string,
  read: {
    readonly entry: EntryText;
    readonly value: SharedValue;
    readonly moment: FoundEntry["moment"];
    readonly generation: number;
  },
): void {
  const { entry, value, generation } = read;
  const { position, nowMs } = read.moment;
  if (position) {
    const ageMs = Math.max(0, nowMs - entry.createdAtMs);
    const freshLeftMs = entry.freshUntilMs - nowMs - entry.loadMs * drawEarly(settings.earlyRefresh);
    copies?.keep(key, generation, { value, tags: entry.tags, ageMs, validAt: position, freshLeftMs });
  }
}

/** Null for what the codec did not write and the schema refuses. */
function valueOf<T>(parts: CacheParts<T>, { text }: EntryText): SharedValue | null | Promise<SharedValue | null> {
  if (isCompressed(text)) {
    return expand(text).then(
      (expanded) => shareChecked(parts, expanded),
      () => null,
    );
  }
  return shareChecked(parts, text);
}

function shareChecked<T>(
  { settings: { schema } }: CacheParts<T>,
  text: string,
): SharedValue | null | Promise<SharedValue | null> {
  try {
    if (!schema) {
      return shareText(text);
    }
    const stored = decode(text);
    return stored === undefined ? shareText(text) : checkOutput(schema, stored, shareOwn);
  } catch (error) {
    if (error instanceof Misuse) {
      throw error;
    }
    return null;
  }
}
