import { isOutage, type RedisCore } from "@cardinal/redis-core";
import type { Analytics } from "@cardinal/redis-core/analytics";
import type { Log } from "../context/log.ts";
import { Conflated } from "../live/conflated.ts";
import type { Doorbells } from "./doorbells.ts";

/** A process says at most so often that a counter has changed; who listens reads it then. */
const RING_EVERY_MS = 250;
const POST_VIEWS = "post-views-";
/** Counters that ring at this moment; more than these are told of by the next look. */
const MOST_RINGING = 10_000;

/** A figure that is shown while it changes. Its name is that of its channel. */
export interface LiveCounter {
  readonly name: string;
  /** How it stands. One round trip. @throws {RedisUnavailable} */
  read(): Promise<number>;
  /** How often it must be looked at: because it changes by itself, or a ring may be lost. */
  readonly lookEveryMs: number;
}

/** The counters of the product, and who tells of their changes. */
export interface Counters {
  /** Different visitors of the site in the last five minutes. It falls by itself. */
  readonly visitorsNow: LiveCounter;
  /** Views of a post by members, each member's once an hour. */
  postViews(slug: string): LiveCounter;
  /** The counter of a name. */
  named(name: string): LiveCounter;
  /** Counts a member's look at a post, and tells. Without Redis it is lost, which is no error to him. */
  countPostView(slug: string, memberId: string): Promise<void>;
  /** Tells those who follow that a counter has changed. Never throws, waits for nothing. */
  ring(counter: LiveCounter): void;
}

interface CountersOptions {
  readonly core: RedisCore;
  readonly analytics: Pick<Analytics, "now">;
  readonly doorbells: Pick<Doorbells, "counter">;
  readonly log: Log;
}

export function createCounters({ core, analytics, doorbells, log }: CountersOptions): Counters {
  const views = core.counter("post-views", { dedupe: "1h", keep: "400d", maxItems: 10_000 });
  const ringing = new Map<string, Conflated>();

  const ring = ({ name }: LiveCounter) => {
    let bell = ringing.get(name);
    if (bell === undefined) {
      if (ringing.size >= MOST_RINGING) {
        for (const [quiet, { isIdle }] of ringing) {
          if (isIdle) {
            ringing.delete(quiet);
          }
        }
      }
      const publish = () => {
        doorbells
          .counter(name)
          .publish("changed")
          .catch((error: unknown) => log.debug({ err: error, counter: name }, "nobody was told of a counter"));
      };
      bell = new Conflated(publish, RING_EVERY_MS);
      ringing.set(name, bell);
    }
    bell.ring();
  };

  const postViews = (slug: string): LiveCounter => ({
    name: `${POST_VIEWS}${slug}`,
    lookEveryMs: 15_000,
    read: async () => (await views.get([slug])).get(slug) ?? 0,
  });

  const visitorsNow: LiveCounter = { name: "visitors-now", lookEveryMs: 5_000, read: () => analytics.now() };

  return {
    visitorsNow,
    postViews,
    named: (name) => (name === visitorsNow.name ? visitorsNow : postViews(name.slice(POST_VIEWS.length))),
    async countPostView(slug, memberId) {
      try {
        await views.increment(slug, { viewer: memberId });
        ring(postViews(slug));
      } catch (error) {
        if (!isOutage(error)) {
          throw error;
        }
        log.warn({ err: error }, "a view of a post was lost");
      }
    },
    ring,
  };
}
