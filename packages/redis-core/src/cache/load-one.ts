import { encode } from "../codec/codec.ts";
import { randomHex } from "../random.ts";
import { type Answer, ask, type Usable } from "./ask.ts";
import type { Loader } from "./cache.ts";
import type { CacheParts } from "./cache-parts.ts";
import { toFill } from "./to-fill.ts";
import type { Flight, Landing } from "./flights.ts";
import { type Loaded, runLoader } from "./run-loader.ts";
import { absent, shareText, type SharedValue } from "./shared-value.ts";

export interface LoadCall<T> {
  readonly key: string;
  readonly loader: Loader<T>;
  readonly tags: readonly string[];
  readonly ttlMs: number;
  readonly negativeTtlMs: number;
}

/** For how long a failed refresh is not tried again while the stale value can be served. */
const refreshBackOffMs = 1_000;

/** From the question to Redis to the value: a hit, a stale value, another process' load, or our own. */
export async function findOrLoad<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  flight: Flight,
): Promise<Landing<SharedValue>> {
  const token = randomHex(8);
  flight.depart();
  const first = await ask(parts, call.key, { token });
  const contended = first !== null && !first.usable && first.lease === "busy";
  const answer = contended ? await waitForLoad(parts, call.key, token) : first;
  if (!answer) {
    parts.metrics.request("bypass");
    return { result: await loadUnstored(parts, call), forAll: true };
  }
  const { usable, lease } = answer;
  if (usable?.state === "fresh") {
    parts.metrics.request(contended ? "wait" : "hit");
    return { result: usable.value, forAll: false };
  }
  if (usable) {
    parts.metrics.request("stale");
    return lease === "granted"
      ? await refresh(parts, call, token, flight, usable)
      : { result: usable.value, forAll: false };
  }
  parts.metrics.request("miss");
  return lease === "granted"
    ? await loadAndFill(parts, call, token, flight, false)
    : { result: await loadUnstored(parts, call), forAll: false };
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
      const answer = await ask(parts, key, { token, waits: true });
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

/** Serves the stale value, at once or after `softTimeout`, while the new one is loaded. */
async function refresh<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  token: string,
  flight: Flight,
  stale: Usable,
): Promise<Landing<SharedValue>> {
  const served: Landing<SharedValue> = { result: stale.value, forAll: false };
  const loading = loadAndFill(parts, call, token, flight, true).catch(() => served);
  parts.inBackground(loading);
  if (parts.settings.softTimeoutMs === 0) {
    return served;
  }
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<Landing<SharedValue>>((resolve) => {
    timer = setTimeout(resolve, parts.settings.softTimeoutMs, served);
  });
  const landing = await Promise.race([loading, enough]);
  clearTimeout(timer);
  return landing;
}

async function loadAndFill<T>(
  parts: CacheParts<T>,
  call: LoadCall<T>,
  token: string,
  flight: Flight,
  isRefresh: boolean,
): Promise<Landing<SharedValue>> {
  const { store, metrics, settings } = parts;
  const names = [call.key];
  const giveUp = (backOffMs: number) => store.release(token, names, backOffMs).catch(() => {});
  const beat = () => void store.renew(token, names).catch(() => {});
  let loaded: Loaded<T>;
  let text: string;
  try {
    loaded = await load(parts, call, { everyMs: settings.leaseMs / 3, beat });
    text = encode(loaded.value);
  } catch (error) {
    metrics.loadFailed(error, isRefresh);
    await giveUp(isRefresh ? refreshBackOffMs : 0);
    throw error;
  }
  const result = loaded.value === undefined ? absent : shareText(text);
  const fill = toFill(settings, call, loaded, text);
  if (typeof fill === "string") {
    metrics.fill(fill);
    await giveUp(0);
    return { result, forAll: false };
  }
  flight.closeDoors();
  const generation = parts.copies?.generation ?? 0;
  try {
    const { stored, position } = await store.fill(token, [fill]);
    metrics.fill(stored[0] ? "stored" : "fenced");
    if (stored[0] && position) {
      parts.copies?.keep(call.key, generation, {
        value: result,
        tags: fill.tags,
        ageMs: 0,
        validAt: position,
        freshLeftMs: fill.freshMs,
      });
    }
    return { result, forAll: stored[0] === true };
  } catch (error) {
    metrics.fill("unavailable");
    metrics.unavailable(error);
    await giveUp(0);
    return { result, forAll: true };
  }
}

/** Loads for those on board only: without Redis, or without the lease. */
export async function loadUnstored<T>(parts: CacheParts<T>, call: LoadCall<T>): Promise<SharedValue> {
  try {
    const { value } = await load(parts, call);
    return value === undefined ? absent : shareText(encode(value));
  } catch (error) {
    parts.metrics.loadFailed(error, false);
    throw error;
  }
}

async function load<T>(
  { settings, closing, metrics }: CacheParts<T>,
  { key, loader, tags }: LoadCall<T>,
  keepAlive?: { readonly everyMs: number; readonly beat: () => void },
): Promise<Loaded<T>> {
  const startedAt = performance.now();
  const { hardTimeoutMs, namespace } = settings;
  const loaded = await runLoader(`cache ${namespace}, key ${key}`, loader, {
    hardTimeoutMs,
    tags,
    closing,
    keepAlive,
  });
  metrics.loaded((performance.now() - startedAt) / 1_000);
  return loaded;
}
