import { type CoreContext, runOn } from "../context.ts";
import { atEndOfTurn } from "../script/gather-calls.ts";
import { HourKeyCache } from "./hour-keys.ts";
import type { IdentifiedView } from "./page-view.ts";
import { type Parcel, parcelsOf } from "./parcel.ts";
import { clockKeepsJumping, textsOf } from "./replies.ts";
import { trackScript } from "./scripts.ts";
import type { ServerTime } from "./server-time.ts";
import type { AnalyticsSettings } from "./settings.ts";
import { trackInputOf } from "./track-input.ts";

const clockTries = 3;
const rememberDirectMs = 60_000;
/** Runs under way at once for one caller, lest the last of many miss its deadline. */
const mostRuns = 16;

interface Waiting {
  readonly view: IdentifiedView;
  resolve(counted: boolean): void;
  reject(error: unknown): void;
}

/**
 * Takes checked views to Redis. Every answer is true for a view that was counted and false for one whose id was
 * seen before.
 */
export class Ingest {
  readonly #context: CoreContext;
  readonly #site: string;
  readonly #settings: AnalyticsSettings;
  readonly #time: ServerTime;
  readonly #hourKeys: HourKeyCache;
  /** Pages that left the list of a day; the next run of that day drops their visitors. */
  #sweep: { readonly day: number; readonly pages: readonly string[] } | undefined;
  #turn: Waiting[] = [];

  constructor(context: CoreContext, site: string, settings: AnalyticsSettings, time: ServerTime) {
    this.#context = context;
    this.#site = site;
    this.#settings = settings;
    this.#time = time;
    this.#hourKeys = new HourKeyCache(context.keys.analytics, site);
  }

  /** One view, in the same run as the others of this turn of the event loop. */
  add(view: IdentifiedView): Promise<boolean> {
    return new Promise<boolean>((resolve, reject) => {
      this.#turn.push({ view, resolve, reject });
      if (this.#turn.length === 1) {
        atEndOfTurn(() => void this.#sendTurn());
      }
    });
  }

  /** One run for each hour and 200 views, several at once, in the order of the views. */
  async addMany(views: readonly IdentifiedView[]): Promise<boolean[]> {
    const counted = Array.from({ length: views.length }, () => false);
    const parcels = this.parcels(views);
    for (let first = 0; first < parcels.length; first += mostRuns) {
      await Promise.all(
        parcels.slice(first, first + mostRuns).map(async (parcel) => {
          putInto(counted, parcel, await this.deliver(parcel, rememberDirectMs));
        }),
      );
    }
    return counted;
  }

  parcels(views: readonly IdentifiedView[]): Parcel[] {
    return parcelsOf(views, this.#time.aheadMs);
  }

  /**
   * Counts a parcel, once however often it is delivered within `rememberMs`. One round trip, but when our idea of
   * the server's time had it in the wrong hour: then nothing was counted, and it is sorted anew.
   */
  async deliver(parcel: Parcel, rememberMs: number, tries = clockTries): Promise<boolean[]> {
    const input = trackInputOf({
      keys: this.#context.keys.analytics,
      site: this.#site,
      hourKeys: this.#hourKeys.of(parcel.hourIndex),
      sweep: this.#takeSweep(parcel.hourIndex),
      settings: this.#settings,
      parcel,
      rememberMs,
      localNowMs: this.#time.localMs(),
      serverNowMs: this.#time.nowMs(),
    });
    // Its id lets Redis recognise it.
    const reply = await runOn(this.#context, "state", trackScript, input, { resend: "once" });
    const [status, answer = "", ...evicted] = textsOf(reply);
    if (status !== "clock") {
      this.#sweep = evicted.length === 0 ? undefined : { day: dayOf(parcel.hourIndex), pages: evicted };
      return Array.from(answer, (flag) => flag === "1");
    }
    if (tries === 0) {
      throw clockKeepsJumping();
    }
    this.#time.learn(Number(answer));
    const counted = Array.from({ length: parcel.views.length }, () => false);
    for (const part of this.parcels(parcel.views)) {
      putInto(counted, part, await this.deliver(part, rememberMs, tries - 1));
    }
    return counted;
  }

  async #sendTurn(): Promise<void> {
    const waiting = this.#turn;
    this.#turn = [];
    await Promise.all(
      this.parcels(waiting.map(({ view }) => view)).map(async (parcel) => {
        const own = parcel.places.map((place) => waiting[place]);
        try {
          const counted = await this.deliver(parcel, rememberDirectMs);
          own.forEach((each, index) => each?.resolve(counted[index] ?? false));
        } catch (error) {
          own.forEach((each) => each?.reject(error));
        }
      }),
    );
  }

  #takeSweep(hourIndex: number): readonly string[] {
    if (this.#sweep?.day !== dayOf(hourIndex)) {
      return [];
    }
    const { pages } = this.#sweep;
    this.#sweep = undefined;
    return pages;
  }
}

function dayOf(hourIndex: number): number {
  return Math.floor(hourIndex / 24);
}

function putInto(counted: boolean[], { places }: Parcel, answers: readonly boolean[]): void {
  places.forEach((place, index) => {
    counted[place] = answers[index] ?? false;
  });
}
