import { encode } from "../codec/codec.ts";
import { encodeKeySegment } from "../keyspace/key-segment.ts";
import { type Answer, ask, type Usable } from "./ask.ts";
import type { CacheParts } from "./cache-parts.ts";
import { drawEarly } from "./early-refresh.ts";
import type { Flight, Landing } from "./flights.ts";
import type { LoadCall } from "./load-call.ts";
import { type Loaded, runLoader } from "./run-loader.ts";
import { absent, shareText, type SharedValue } from "./shared-value.ts";
import { toFill } from "./to-fill.ts";

/** A lease to load a key, and what it replaces. */
interface Turn {
  readonly token: string;
  readonly old: Usable | null;
  /** Nobody waits for it: its failure is no one's but is remembered, so that not every reader tries. */
  readonly isRefresh: boolean;
}

/** From the question to Redis to the value: a hit, a stale value, another process' load, or our own. */
export async function findOrLoad<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  flight: Flight,
): Promise<Landing<SharedValue>> {
  const { report } = parts;
  flight.depart();
  const first = await ask(parts, call.key, call.forceFresh ? { ...parts.reader.leasing(), mode: "force" } : undefined);
  const contended = first !== null && !first.usable && first.lease === "busy";
  const answer = contended ? await waitForLoad(parts, call.key, first.token) : first;
  if (!answer) {
    report.request("bypass", call.key);
    return { result: await loadUnstored(parts, call), forAll: true };
  }
  const { usable, lease, token } = answer;
  if (usable && !call.forceFresh) {
    report.request(usable.state === "stale" ? "stale" : contended ? "wait" : "hit", call.key);
    return lease === "granted"
      ? await refresh(parts, call, { token, old: usable, isRefresh: true }, flight, usable)
      : { result: usable.value, forAll: false };
  }
  report.request("miss", call.key);
  return lease === "granted"
    ? await loadAndFill(parts, call, { token, old: usable, isRefresh: false }, flight)
    : { result: await loadUnstored(parts, call, usable), forAll: false };
}

/**
 * Waits until the load of another process has ended, by its wake-up or with its lease. After `wait` the
 * answer is "load it yourself, without the right to store it".
 */
async function waitForLoad<T>(parts: CacheParts<T>, key: string, token: string): Promise<Answer | null> {
  const { events, settings } = parts;
  const giveUpAt = performance.now() + settings.waitMs;
  const ear = events.listen(key);
  try {
    const subscribed = await events.subscribe(Math.min(1_000, settings.waitMs));
    for (;;) {
      const answer = await ask(parts, key, { token, mode: "wait", early: 0 });
      if (!answer || answer.usable || answer.lease !== "busy") {
        return answer;
      }
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0) {
        return { ...answer, lease: "none" };
      }
      const pollMs = 50 + Math.random() * 50; // jitter: without wake-ups waiters must not ask together
      const leaseLeftMs = Math.max(0, answer.leaseLeftMs) + 5;
      await ear.next(Math.min(leftMs, subscribed ? leaseLeftMs : Math.min(leaseLeftMs, pollMs)));
    }
  } finally {
    ear.stop();
  }
}

/** Serves what there is while the new value is loaded: at once, or if it is stale after `softTimeout`. */
async function refresh<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  turn: Turn,
  flight: Flight,
  { state, value }: Usable,
): Promise<Landing<SharedValue>> {
  const served: Landing<SharedValue> = { result: value, forAll: false };
  const loading = loadAndFill(parts, call, turn, flight).catch(() => served);
  parts.inBackground(loading);
  call.waitUntil?.(loading);
  if (state === "fresh" || call.softTimeoutMs === 0) {
    return served;
  }
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<Landing<SharedValue>>((resolve) => {
    timer = setTimeout(resolve, call.softTimeoutMs, served);
  });
  const landing = await Promise.race([loading, enough]);
  clearTimeout(timer);
  return landing;
}

async function loadAndFill<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  { token, old, isRefresh }: Turn,
  flight: Flight,
): Promise<Landing<SharedValue>> {
  const { store, report, settings } = parts;
  const names = [call.key];
  const giveUp = (backOffMs: number) => store.release(token, names, backOffMs).catch(() => {});
  const beat = () => void store.renew(token, names).catch(() => {});
  let loaded: Loaded<T>;
  let text: string;
  try {
    loaded = await load(parts, call, old, { everyMs: settings.leaseMs / 3, beat });
    text = encode(loaded.value);
  } catch (error) {
    report.loadFailed(call.key, error, isRefresh);
    await giveUp(isRefresh ? settings.backOffMs : 0);
    throw error;
  }
  const result = loaded.value === undefined ? absent : shareText(text);
  const fill = await toFill(settings, call, loaded, text);
  if (typeof fill === "string") {
    report.fill(fill, call.key);
    await giveUp(0);
    return { result, forAll: false };
  }
  flight.closeDoors();
  const generation = parts.copies?.generation ?? 0;
  try {
    const { stored, position } = await store.fill(token, [fill], call.forceFresh);
    report.fill(stored[0] ? "stored" : "fenced", call.key);
    if (stored[0] && position) {
      const { tags, freshMs, loadMs } = fill;
      const freshLeftMs = freshMs - loadMs * drawEarly(settings.earlyRefresh);
      parts.copies?.keep(call.key, generation, { value: result, tags, ageMs: 0, validAt: position, freshLeftMs });
    }
    return { result, forAll: stored[0] === true };
  } catch (error) {
    report.fill("unavailable", call.key);
    report.unavailable(error);
    await giveUp(0);
    return { result, forAll: true };
  }
}

/** Loads for those on board only: without Redis, without the lease, or without a time to live. */
export async function loadUnstored<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  old: Usable | null = null,
): Promise<SharedValue> {
  encodeKeySegment(call.key); // A key that could not be stored is refused, whether or not Redis was asked.
  try {
    const { value } = await load(parts, call, old);
    return value === undefined ? absent : shareText(encode(value));
  } catch (error) {
    parts.report.loadFailed(call.key, error, false);
    throw error;
  }
}

async function load<T>(
  { settings, closing, report }: CacheParts<T>,
  { key, loader, tags, hardTimeoutMs }: LoadCall<T>,
  old: Usable | null,
  keepAlive?: { readonly everyMs: number; readonly beat: () => void },
): Promise<Loaded<T>> {
  const what = `cache ${settings.namespace}, key ${key}`;
  const loaded = await runLoader(what, loader, { hardTimeoutMs, tags, stale: old?.value, closing, keepAlive });
  report.loaded(loaded.tookMs);
  return loaded;
}
