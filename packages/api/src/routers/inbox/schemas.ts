import { z } from "zod";

/** What a line is about: enough to show it and to go there. */
export const inboxItemSchema = z.object({
  id: z.string(),
  /** `mention`: named in a message. `reply`: a message of his was answered. `invite`: brought into a room. */
  kind: z.enum(["mention", "reply", "invite"]),
  createdAtMs: z.number(),
  isRead: z.boolean(),
  /** Who caused it. */
  actor: z.string(),
  room: z.object({ slug: z.string(), name: z.string() }),
  /** Of a mention or a reply: the message's number in the room, and how it begins. */
  message: z.object({ number: z.number(), excerpt: z.string() }).nullable(),
});

export const inboxListInput = z.strictObject({
  /** The last line of the page before. */
  before: z.string().max(64).optional(),
  limit: z.int().min(1).max(100).default(30),
});
/** Newest first. */
export const inboxListOutput = z.object({ items: z.array(inboxItemSchema), hasMore: z.boolean(), unread: z.number() });

export const inboxMarkReadInput = z.strictObject({
  /** Absent: all that came until now. */
  ids: z.array(z.string().max(64)).min(1).max(100).optional(),
});
export const inboxMarkReadOutput = z.object({ unread: z.number() });

/**
 * How the inbox stands: the latest counts, so a client may miss any but the last. `revision` is another
 * when the member's rooms have changed (brought in, put out, read elsewhere): time to list them again.
 */
export const inboxOnEventFrame = z.object({
  unread: z.number(),
  newest: inboxItemSchema.nullable(),
  revision: z.number(),
  /** How many reports wait for the member; null for who looks after nothing. */
  reports: z.number().nullable(),
});

export type InboxItem = z.infer<typeof inboxItemSchema>;
export type InboxList = z.infer<typeof inboxListOutput>;
export type InboxOnEventFrame = z.infer<typeof inboxOnEventFrame>;
