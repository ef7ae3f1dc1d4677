import type { Keyspace } from "../keyspace/keyspace.ts";
import { bucket, hourMs } from "./bucket.ts";

/** The keys that all views of one hour write to, as `track.lua` names them. */
export type HourKeys = ReturnType<typeof hourKeysOf>;

/** Spelled once an hour and site rather than once a view. */
export class HourKeyCache {
  readonly #keys: Keyspace["analytics"];
  readonly #site: string;
  #last: { readonly index: number; readonly keys: HourKeys } | undefined;

  constructor(keys: Keyspace["analytics"], site: string) {
    this.#keys = keys;
    this.#site = site;
  }

  of(index: number): HourKeys {
    if (this.#last?.index !== index) {
      this.#last = { index, keys: hourKeysOf(this.#keys, this.#site, index) };
    }
    return this.#last.keys;
  }
}

function hourKeysOf(keys: Keyspace["analytics"], site: string, index: number) {
  const { hour, day } = bucket(index * hourMs);
  const previous = bucket(Math.max(0, index - 1) * hourMs);
  return {
    hour: keys.hour(site, hour.name),
    hour_visitors: keys.hourVisitors(site, hour.name),
    previous_hour: keys.hour(site, previous.hour.name),
    day: keys.day(site, day.name),
    day_visitors: keys.dayVisitors(site, day.name),
    previous_day: keys.day(site, previous.day.name),
    members: keys.members(site, day.name),
    page_hours: keys.pageHours(site, day.name),
    evicted: keys.evicted(site, day.name),
    pages: keys.top(site, day.name, "page"),
    pages_missed: keys.missed(site, day.name, "page"),
    pages_candidates: keys.candidates(site, day.name, "page"),
    referrers: keys.top(site, day.name, "referrer"),
    referrers_missed: keys.missed(site, day.name, "referrer"),
    referrers_candidates: keys.candidates(site, day.name, "referrer"),
    countries: keys.top(site, day.name, "country"),
    countries_missed: keys.missed(site, day.name, "country"),
    countries_candidates: keys.candidates(site, day.name, "country"),
    devices: keys.top(site, day.name, "device"),
    devices_missed: keys.missed(site, day.name, "device"),
    devices_candidates: keys.candidates(site, day.name, "device"),
    browsers: keys.top(site, day.name, "browser"),
    browsers_missed: keys.missed(site, day.name, "browser"),
    browsers_candidates: keys.candidates(site, day.name, "browser"),
  };
}
