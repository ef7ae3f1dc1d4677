import { Misuse, RedisCoreError } from "../errors.ts";
import { shareText, type SharedValue } from "./shared-value.ts";
import type { CacheParts } from "./cache-parts.ts";
import type { FoundEntry, ReadReply } from "./cache-store.ts";
import { type EntryText, parseEntry } from "./entry-text.ts";
import { passesSchema } from "../schema.ts";

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

export interface Question {
  readonly token: string;
  readonly waits?: boolean;
  readonly distrust?: boolean;
}

/**
 * Asks Redis for one key. Null when Redis cannot be asked. Bytes that are no value of this namespace are
 * counted and asked for once more, as absent, so that a loader replaces them.
 */
export async function ask<T>(parts: CacheParts<T>, key: string, question: Question): Promise<Answer | null> {
  const answers = await askMany(parts, [key], question);
  const answer = answers?.get(key) ?? null;
  if (answer?.spoiled && question.token !== "" && !question.distrust) {
    return await ask(parts, key, { ...question, distrust: true });
  }
  return answer;
}

/** As `ask`, for keys of one bucket in one round trip. Spoiled entries are reported, not asked for again. */
export async function askMany<T>(
  parts: CacheParts<T>,
  keys: readonly string[],
  question: Question,
): Promise<Map<string, Answer> | null> {
  const { gate, metrics, store, copies } = parts;
  if (!gate.enter()) {
    return null;
  }
  const generation = copies?.generation ?? 0;
  let reply: ReadReply;
  try {
    reply = await store.read(keys, question);
    gate.succeeded();
  } catch (error) {
    if (!(error instanceof RedisCoreError) || error instanceof Misuse) {
      throw error;
    }
    gate.failed();
    metrics.unavailable(error);
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

async function toAnswer<T>(
  parts: CacheParts<T>,
  key: string,
  { state, lease, leaseLeftMs, raw }: FoundEntry,
  { position, nowMs }: ReadReply,
  generation: number,
): Promise<Answer> {
  const entry = state === "miss" ? null : parseEntry(raw);
  const value = entry && (await valueOf(parts, entry));
  const spoiled = raw !== "" && !value;
  if (spoiled) {
    parts.metrics.undecodable();
  }
  if (!entry || !value || state === "miss") {
    return { usable: null, lease, leaseLeftMs, spoiled };
  }
  const { tags, createdAtMs, freshUntilMs } = entry;
  const ageMs = Math.max(0, nowMs - createdAtMs);
  if (state === "fresh" && position) {
    const freshLeftMs = freshUntilMs - nowMs;
    parts.copies?.keep(key, generation, { value, tags, ageMs, validAt: position, freshLeftMs });
  }
  return { usable: { state, value, tags, ageMs }, lease, leaseLeftMs, spoiled };
}

async function valueOf<T>({ settings }: CacheParts<T>, { text }: EntryText): Promise<SharedValue | null> {
  let value: SharedValue;
  try {
    value = shareText(text);
  } catch {
    return null;
  }
  const plain = value.read();
  if (settings.schema && plain !== undefined && !(await passesSchema(settings.schema, plain))) {
    return null;
  }
  return value;
}
