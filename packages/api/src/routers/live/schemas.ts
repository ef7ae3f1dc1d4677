import { z } from "zod";

/** Eight tabs with a room, its presence, the site's, the inbox and a few figures each need about fifty. */
export const MOST_FEED_TOPICS = 128;

export const feedTopicSchema = z.strictObject({
  /** Chosen by the caller; frames name it. */
  key: z.string().min(1).max(64),
  /** The subscription, such as `chat.onEvent`. */
  path: z.string().min(1).max(64),
  /** Its input. */
  input: z.unknown().optional(),
  /** The id of the last frame seen: the topic goes on after it. */
  lastEventId: z.string().max(128).nullish(),
});

export const liveFeedInput = z.strictObject({
  topics: z
    .array(feedTopicSchema)
    .min(1)
    .max(MOST_FEED_TOPICS)
    .refine((topics) => new Set(topics.map(({ key }) => key)).size === topics.length, "two topics have one key"),
  /** Whose feed it is to be; for anybody else it is refused. Pages that share a feed say so. */
  memberId: z.string().max(64).nullish(),
  /** Added by transports on a reconnect, and without meaning: each topic has its own. */
  lastEventId: z.string().max(128).nullish(),
});

export type FeedTopicInput = z.infer<typeof feedTopicSchema>;
