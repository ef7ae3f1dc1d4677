import type { LiveCounter } from "../deps/counters.ts";
import type { CounterOnChangeFrame } from "../routers/counter/schemas.ts";
import type { CounterTopic } from "./counter-topic.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import { StateFeed } from "./state-feed.ts";
import type { TopicRegistry } from "./topic-registry.ts";

const FRAME_EVERY_MS = 250;

/** How a counter stands, and again whenever it shows another value; what happens in between is left out. */
export async function openCounterFeed(
  topics: TopicRegistry<CounterTopic>,
  { name }: LiveCounter,
  sink: FrameSink<CounterOnChangeFrame>,
): Promise<Feed> {
  const { topic, release } = await topics.hold(name);
  let shown: number | undefined;
  const feed = new StateFeed(sink, {
    everyMs: FRAME_EVERY_MS,
    async read() {
      const { value, version } = await topic.read();
      if (value === shown) {
        return null;
      }
      shown = value;
      return { id: String(version), frame: { kind: "value", value, version } };
    },
    release() {
      unfollow();
      release();
    },
  });
  const unfollow = topic.follow(feed.wake);
  return feed;
}
