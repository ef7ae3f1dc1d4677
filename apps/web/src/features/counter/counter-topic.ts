import type { CounterOnChangeFrame } from "@cardinal/api/schemas";
import { liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";
import type { TopicCallbacks } from "../../lib/live-topic.ts";

const latest = (_before: number | null, { value }: CounterOnChangeFrame) => value;
const topicOf = (open: (callbacks: TopicCallbacks<CounterOnChangeFrame>) => { unsubscribe(): void }) =>
  new LiveTopic<number, CounterOnChangeFrame>(open, latest);

/** The views of a post by its slug, each member's once an hour, as they come. */
export const postViewsTopic = topicsByKey((slug: string) =>
  topicOf((callbacks) => liveClient.counter.onChange.subscribe({ counter: "post-views", slug }, callbacks)),
);

/** How many people looked at a page of the site in the last five minutes. */
export const visitorsTopic = topicsByKey(() =>
  topicOf((callbacks) => liveClient.counter.onChange.subscribe({ counter: "visitors-now" }, callbacks)),
);
