import { randomHex } from "../random.ts";
import { type Bucket, bucket } from "./bucket.ts";
import type { IdentifiedView } from "./page-view.ts";

/** Views of one hour that go to Redis in one run, known there by `id`. */
export interface Parcel {
  readonly id: string;
  readonly hourIndex: number;
  readonly views: readonly IdentifiedView[];
  /** Where each view stood in what was handed in. */
  readonly places: readonly number[];
}

/** A run of this many takes Redis some 2 ms, in which it serves nobody else. */
const mostViews = 200;

/** Sorts views into parcels by the hour they belong to. `aheadMs`: what the server's time is ahead of theirs. */
export function parcelsOf(views: readonly IdentifiedView[], aheadMs: number): Parcel[] {
  const open = new Map<number, { views: IdentifiedView[]; places: number[] }>();
  const parcels: Parcel[] = [];
  let hour: Bucket | undefined;
  views.forEach((view, place) => {
    const atMs = view.atMs ?? view.takenAtMs + aheadMs;
    if (!hour || atMs < hour.startsAtMs || atMs >= hour.endsAtMs) {
      hour = bucket(atMs).hour;
    }
    const hourIndex = hour.index;
    let group = open.get(hourIndex);
    if (!group || group.views.length === mostViews) {
      group = { views: [], places: [] };
      open.set(hourIndex, group);
      parcels.push({ id: randomHex(12), hourIndex, ...group });
    }
    group.views.push(view);
    group.places.push(place);
  });
  return parcels;
}
