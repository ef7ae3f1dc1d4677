import type { CallOptions } from "../port.ts";
import { type Figure, shown, toHidden } from "./figure.ts";
import type { KeyPlace, KeyReader } from "./key-place.ts";
import { type MeasuredKey, measureKeys } from "./measure-keys.ts";
import type { RedisRole, RoleRedis } from "./redis-nodes.ts";
import { type ScanBounds, scanKeys } from "./scan-keys.ts";

export interface DescribeKeysOptions {
  /** Keys after which the walk ends. Default 50 000. */
  readonly maxKeys?: number;
  /** Milliseconds after which it ends. Default 5000. */
  readonly maxMs?: number;
  /** Keys of each kind whose size and TTL are asked for. Default 100. */
  readonly sampleKeys?: number;
  /** Names for keys that others keep in the same Redis, by what they begin with. */
  readonly otherAreas?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The keys of one kind. Figures of a walk that a bound ended are estimates for the whole. */
export interface KeyKind extends Pick<KeyPlace, "area" | "kind"> {
  readonly keys: number;
  /** The sample's mean size for all of them. */
  readonly bytes: Figure<number>;
  /** Keys without a TTL, by the sample. */
  readonly withoutTtl: number;
  /** Keys whose size and TTL were asked for. */
  readonly sampled: number;
}

export interface KeysOfRole {
  readonly roles: readonly RedisRole[];
  /** Keys on all masters, as DBSIZE says. */
  readonly total: number;
  readonly scanned: number;
  /** Every key was seen, so counts are exact; sizes remain a sample's. */
  readonly isComplete: boolean;
  /** Most bytes first; by number of keys where sizes are hidden. */
  readonly kinds: readonly KeyKind[];
}

export interface SampledKey extends MeasuredKey {
  readonly place: KeyPlace;
}

/** What `describeKeys` and the advice are made of. */
export interface KeySample {
  readonly report: KeysOfRole;
  readonly sample: readonly SampledKey[];
}

export async function sampleRole(
  { roles, port }: RoleRedis,
  readKey: KeyReader,
  bounds: ScanBounds & { readonly sampleKeys: number },
  options: CallOptions,
): Promise<Figure<KeySample>> {
  try {
    const scanned = await scanKeys(port, bounds, options);
    const kinds = new Map<string, { readonly place: KeyPlace; readonly keys: string[] }>();
    for (const key of scanned.keys) {
      const place = readKey(key);
      const name = `${place.area}:${place.kind}`;
      const kind = kinds.get(name) ?? { place, keys: [] };
      kinds.set(name, kind);
      kind.keys.push(key);
    }
    const scale = scanned.isComplete ? 1 : Math.max(1, scanned.total / Math.max(1, scanned.keys.length));
    const sample: SampledKey[] = [];
    const described: KeyKind[] = [];
    for (const { place, keys } of kinds.values()) {
      const { measured, sizes } = await measureKeys(port, spread(keys, bounds.sampleKeys), options);
      sample.push(...measured.map((each) => ({ ...each, place })));
      described.push(describeKind(place, Math.round(keys.length * scale), measured, sizes));
    }
    const { total, isComplete } = scanned;
    const report = { roles, total, scanned: scanned.keys.length, isComplete, kinds: sortKinds(described) };
    return shown({ report, sample });
  } catch (error) {
    bounds.signal?.throwIfAborted();
    return toHidden("SCAN", error);
  }
}

function describeKind(
  { area, kind }: KeyPlace,
  keys: number,
  measured: readonly MeasuredKey[],
  sizes: Figure<true>,
): KeyKind {
  const share = keys / Math.max(1, measured.length);
  const known = measured.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  const mean = known.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, known.length);
  return {
    area,
    kind,
    keys,
    bytes: sizes.ok ? shown(Math.round(mean * keys)) : sizes,
    withoutTtl: Math.round(measured.filter(({ ttlMs }) => ttlMs === -1).length * share),
    sampled: measured.length,
  };
}

/** As many as wanted, evenly over the list. */
function spread(keys: readonly string[], wanted: number): string[] {
  const step = Math.max(1, keys.length / wanted);
  const length = Math.min(wanted, keys.length);
  return Array.from({ length }, (_, index) => keys[Math.floor(index * step)] ?? "");
}

function sortKinds(kinds: readonly KeyKind[]): KeyKind[] {
  const bytesOf = ({ bytes }: KeyKind) => (bytes.ok ? bytes.value : 0);
  return kinds.toSorted((a, b) => bytesOf(b) - bytesOf(a) || b.keys - a.keys);
}
