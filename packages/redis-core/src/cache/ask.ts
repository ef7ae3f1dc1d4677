import { expand, isCompressed } from "../codec/compress.ts";
import { Misuse, RedisCoreError } from "../errors.ts";
import { checkOutput } from "../schema.ts";
import type { CacheParts } from "./cache-parts.ts";
import type { ReadManner } from "./cache-store.ts";
import { drawEarly } from "./early-refresh.ts";
import { type EntryText, parseEntry } from "./entry-text.ts";
import type { FoundEntry, ReadReply } from "./read-reply.ts";
import { shareOwn, shareText, type SharedValue } from "./shared-value.ts";
import { decode } from "../codec/codec.ts";

/** An entry that may be served. */
export interface Usable {
  readonly state: "fresh" | "stale";
  readonly value: SharedValue;
  readonly tags: readonly string[];
  readonly ageMs: number;
}

export interface Answer {
  readonly usable: Usable | null;
  readonly lease: FoundEntry["lease"];
  readonly leaseLeftMs: number;
  /** Bytes that were found but cannot be used. A lease for them must be asked for with `distrust`. */
  readonly spoiled: boolean;
}

/** For reads that load nothing. */
export const justLook: ReadManner = { token: "", mode: "read", early: 0 };

/**
 * Asks Redis for one key. Null when Redis cannot be asked. Bytes that are no value of this namespace are
 * counted and asked for once more, as absent, so that a loader replaces them.
 */
export async function ask<T>(parts: CacheParts<T>, key: string, manner: ReadManner): Promise<Answer | null> {
  const generation = parts.copies?.generation ?? 0;
  const reply = await read(parts, [key], manner);
  const found = reply?.entries[0];
  if (!found) {
    return null;
  }
  const answer = await toAnswer(parts, key, found, reply, generation);
  return answer.spoiled && manner.token !== "" && manner.mode !== "distrust"
    ? await ask(parts, key, { ...manner, mode: "distrust" })
    : answer;
}

/** As `ask`, for keys of one bucket in one round trip. Spoiled entries are reported, not asked for again. */
export async function askMany<T>(
  parts: CacheParts<T>,
  keys: readonly string[],
  manner: ReadManner,
): Promise<Map<string, Answer> | null> {
  const generation = parts.copies?.generation ?? 0;
  const reply = await read(parts, keys, manner);
  if (!reply) {
    return null;
  }
  const answers = new Map<string, Answer>();
  for (const [index, key] of keys.entries()) {
    const found = reply.entries[index];
    if (found) {
      answers.set(key, await toAnswer(parts, key, found, reply, generation));
    }
  }
  return answers;
}

/** Null while Redis is away, which most callers learn from the gate rather than from their own deadline. */
async function read<T>(
  { gate, report, store }: CacheParts<T>,
  keys: readonly string[],
  manner: ReadManner,
): Promise<ReadReply | null> {
  if (!gate.enter()) {
    return null;
  }
  try {
    const reply = await store.read(keys, manner);
    gate.succeeded();
    return reply;
  } catch (error) {
    if (!(error instanceof RedisCoreError) || error instanceof Misuse) {
      throw error;
    }
    gate.failed();
    report.unavailable(error);
    return null;
  }
}

/** In the same turn, unless the value is compressed or its schema asynchronous. */
function toAnswer<T>(
  parts: CacheParts<T>,
  key: string,
  found: FoundEntry,
  reply: ReadReply,
  generation: number,
): Answer | Promise<Answer> {
  const entry = found.raw === "" ? null : parseEntry(found.raw);
  if (!entry) {
    return withValue(parts, key, found, reply, generation, null, null);
  }
  const value = valueOf(parts, entry);
  return value instanceof Promise
    ? value.then((later) => withValue(parts, key, found, reply, generation, entry, later))
    : withValue(parts, key, found, reply, generation, entry, value);
}

function withValue<T>(
  { copies, report, settings }: CacheParts<T>,
  key: string,
  { state, lease, leaseLeftMs }: FoundEntry,
  { position, nowMs }: ReadReply,
  generation: number,
  entry: EntryText | null,
  value: SharedValue | null,
): Answer {
  if (!entry || !value || (state !== "fresh" && state !== "stale")) {
    const spoiled = state !== "miss";
    if (spoiled) {
      report.undecodable(key);
    }
    return { usable: null, lease, leaseLeftMs, spoiled };
  }
  const { tags, createdAtMs, freshUntilMs, loadMs } = entry;
  const ageMs = Math.max(0, nowMs - createdAtMs);
  if (copies && position && state === "fresh") {
    const freshLeftMs = freshUntilMs - nowMs - loadMs * drawEarly(settings.earlyRefresh);
    copies.keep(key, generation, { value, tags, ageMs, validAt: position, freshLeftMs });
  }
  return { usable: { state, value, tags, ageMs }, lease, leaseLeftMs, spoiled: false };
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
