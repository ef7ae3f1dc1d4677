import { randomHex } from "../random.ts";
import { bucket } from "./bucket.ts";
import type { IdentifiedView } from "./page-view.ts";

/** Views of one hour that go to Redis in one run, known there by `id`. */
export interface Parcel {
  readonly id: string;
  readonly hourIndex: number;
  readonly views: readonly IdentifiedView[];
  /** Where each view stood in what was handed in. */
  readonly places: readonly number[];
}

/** A run of this many takes Redis about 2 ms. */
const mostViews = 500;

/** Sorts views into parcels by the hour they belong to. `aheadMs`: what the server's clock is ahead of ours. */
export function parcelsOf(views: readonly IdentifiedView[], aheadMs: number): Parcel[] {
  const open = new Map<number, { views: IdentifiedView[]; places: number[] }>();
  const parcels: Parcel[] = [];
  views.forEach((view, place) => {
    const { index: hourIndex } = bucket(view.atMs ?? view.takenAtMs + aheadMs).hour;
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
