import { z } from "zod";
import { countCharacters, inputFault } from "../input-fault.ts";
import { messageAuthorSchema } from "../message-author.ts";
import { reportNoteSchema, reportReasonSchema } from "../report-words.ts";
import { roomIdSchema } from "../room/schemas.ts";
import { userIdSchema } from "../user/schemas.ts";

export const MESSAGE_MAX_CHARACTERS = 4_000;
export const MESSAGE_MAX_BYTES = 16_384;

/** 1 to 4000 characters once trimmed. The untrimmed text may not pass 16 KB. */
export const messageBodySchema = z
  .string()
  .refine(
    (text) => text.length <= MESSAGE_MAX_BYTES && new TextEncoder().encode(text).length <= MESSAGE_MAX_BYTES,
    inputFault("MESSAGE_TOO_LONG", "a message may not pass 16 KB"),
  )
  .transform((text) => text.toWellFormed().trim())
  .refine((text) => text.length > 0, inputFault("MESSAGE_EMPTY", "a message needs some text"))
  .refine(
    (text) => countCharacters(text) <= MESSAGE_MAX_CHARACTERS,
    inputFault("MESSAGE_TOO_LONG", `at most ${MESSAGE_MAX_CHARACTERS} characters`),
  );

export const messageIdSchema = z.string().min(1).max(64);

export const MOST_REACTIONS = 20;

/** One emoji as people see it, whatever it is made of. */
export const emojiSchema = z
  .string()
  .max(32)
  .refine((text) => /^\p{RGI_Emoji}$/v.test(text), inputFault("NOT_AN_EMOJI", "one emoji"));

/** What a message answers, as it stands when it is read. */
export const repliedMessageSchema = z.object({
  id: z.string(),
  number: z.number(),
  author: z.string(),
  /** The beginning of its text; empty once deleted. */
  excerpt: z.string(),
});

export const reactionSchema = z.object({ emoji: z.string(), userIds: z.array(z.string()) });

export const messageSchema = z.object({
  id: z.string(),
  roomId: z.string(),
  /** Contiguous in the room: 1, 2, 3 … */
  number: z.number(),
  /** The event that last changed this message. */
  seq: z.number(),
  author: messageAuthorSchema,
  /** Empty once deleted. */
  body: z.string(),
  createdAtMs: z.number(),
  editedAtMs: z.number().nullable(),
  deletedAtMs: z.number().nullable(),
  clientMessageId: z.string().nullable(),
  replyTo: repliedMessageSchema.nullable(),
  /** The first emoji first, and of each the first member first. */
  reactions: z.array(reactionSchema),
  /** Null unless it is pinned. */
  pinnedAtMs: z.number().nullable(),
  /** The name of who pinned it. */
  pinnedBy: z.string().nullable(),
});

export const roomEventSchema = z.object({
  /** Contiguous in the room, within one epoch. */
  seq: z.number(),
  /** Whatever the kind, `message` is the message as it stands after the event. */
  kind: z.enum(["message", "edit", "delete", "reaction", "pin", "unpin"]),
  atMs: z.number(),
  message: messageSchema,
});

/** Which page: the newest, unless one of `before`, `after` and `around` says another. */
export const chatHistoryInput = z
  .strictObject({
    roomId: roomIdSchema,
    /** A message number; answers those before it. */
    before: z.int().min(1).optional(),
    /** A message number; answers those after it. */
    after: z.int().min(0).optional(),
    /** A message of the room that stands, or a number: answers the page with it in the middle. */
    around: z.union([z.strictObject({ messageId: messageIdSchema }), z.strictObject({ number: z.int().min(1) })]).optional(),
    limit: z.int().min(1).max(100).default(50),
  })
  .refine(
    ({ before, after, around }) => [before, after, around].filter((place) => place !== undefined).length <= 1,
    "one of before, after and around",
  );
export const chatHistoryOutput = z.object({
  /** Ascending by number, without a gap. */
  messages: z.array(messageSchema),
  /** Whether there are older ones. */
  hasMore: z.boolean(),
  /** The number of the room's newest message; the page reaches it where its last one has it. */
  headNumber: z.number(),
  /** Every event up to here is in the page: a stream that starts at this cursor misses nothing. */
  asOfSeq: z.number(),
  epoch: z.string(),
});

export const SEARCH_MAX_CHARACTERS = 1_000;

export const chatSearchInput = z.strictObject({
  /**
   * Words in any order, the last one as a beginning; `"…"` for several in a row. Everything else is text, so nothing typed
   * is an error. Without a word, an emoji or the like there are no hits.
   */
  query: z.string().max(SEARCH_MAX_CHARACTERS),
  /** Absent: all rooms the caller is in. */
  roomId: roomIdSchema.optional(),
  authorId: userIdSchema.optional(),
  fromMs: z.int().min(0).optional(),
  toMs: z.int().min(0).optional(),
  /** `best`: the hundred best of the newest thousand hits. */
  sort: z.enum(["newest", "best"]).default("newest"),
  /** `nextCursor` of the page before; the other fields as then. */
  cursor: z.string().max(1_000).nullish(),
  limit: z.int().min(1).max(50).default(20),
});
export const searchHitSchema = z.object({
  room: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  message: z.object({ id: z.string(), number: z.number(), author: messageAuthorSchema, createdAtMs: z.number() }),
  snippet: z.object({
    /** The part of the message about the first hit, in one line. */
    text: z.string(),
    /** What to mark in `text`: offsets in UTF-16 units, ascending, `end` not included. */
    highlights: z.array(z.object({ start: z.number(), end: z.number() })),
    isCutBefore: z.boolean(),
    isCutAfter: z.boolean(),
  }),
});
export const chatSearchOutput = z.object({
  hits: z.array(searchHitSchema),
  /** Where to go on; null at the end. A page may be short or empty and still have a next one. */
  nextCursor: z.string().nullable(),
});

export const chatSendInput = z.strictObject({
  roomId: roomIdSchema,
  body: messageBodySchema,
  /** Chosen by the sender: the same id sent again answers the first message and stores nothing. */
  clientMessageId: z.uuid(),
  /** A message of the same room. */
  replyToId: messageIdSchema.nullish(),
  /** Who wrote it, where it may have waited: refused when the session is another member's by now. */
  authorId: userIdSchema.optional(),
});
export const chatSendOutput = z.object({ message: messageSchema, seq: z.number() });

export const chatEditInput = z.strictObject({ messageId: messageIdSchema, body: messageBodySchema });
export const chatRemoveInput = z.strictObject({ messageId: messageIdSchema });
export const chatReactInput = z.strictObject({
  messageId: messageIdSchema,
  emoji: emojiSchema,
  /** Whether the caller's reaction shall stand; asking twice changes nothing. */
  on: z.boolean(),
});
export const MOST_PINS = 50;
export const chatPinInput = z.strictObject({
  messageId: messageIdSchema,
  /** Whether it shall be pinned; asking twice changes nothing. */
  on: z.boolean(),
});
export const chatPinsInput = z.strictObject({ roomId: roomIdSchema });
/** The newest pin first. */
export const chatPinsOutput = z.object({ messages: z.array(messageSchema) });

export const chatReportInput = z.strictObject({
  messageId: messageIdSchema,
  reason: reportReasonSchema,
  note: reportNoteSchema.default(""),
});
export const chatReportOutput = z.object({});

/** The message as it stands afterwards. */
export const chatChangeOutput = z.object({ message: messageSchema });

export const chatSetTypingInput = z.strictObject({ roomId: roomIdSchema, isTyping: z.boolean() });
export const chatSetTypingOutput = z.object({});

export const typistSchema = z.object({ id: z.string(), displayName: z.string() });

export const chatMarkReadInput = z.strictObject({ roomId: roomIdSchema, number: z.int().min(0) });
export const chatMarkReadOutput = z.object({ lastReadNumber: z.number() });

/** `<epoch>.<seq>`: a place in one room's log. */
export const roomCursorSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_-]{1,64}\.\d{1,15}$/, "not a cursor");

const cursorInput = z
  .string()
  .refine(
    (text) => roomCursorSchema.safeParse(text).success,
    inputFault("MALFORMED_CURSOR", "not a cursor: <epoch>.<seq>"),
  )
  .nullish();

export const chatOnEventInput = z.strictObject({
  roomId: roomIdSchema,
  cursor: cursorInput,
  /** Set by the transport on a reconnect; wins over `cursor`. */
  lastEventId: cursorInput,
});
/**
 * `batch`: apply in order. `ready`: caught up with `head`. `reset`: refetch the newest page, then go on. `typing`: who
 * else is writing now, five at most; the latest counts.
 */
export const chatOnEventFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("batch"), events: z.array(roomEventSchema) }),
  z.object({ kind: z.literal("ready"), head: z.number(), epoch: z.string() }),
  z.object({ kind: z.literal("reset"), head: z.number(), epoch: z.string() }),
  z.object({ kind: z.literal("typing"), members: z.array(typistSchema) }),
]);

export type Message = z.infer<typeof messageSchema>;
export type RoomEvent = z.infer<typeof roomEventSchema>;
export type ChatHistory = z.infer<typeof chatHistoryOutput>;
export type ChatSearch = z.infer<typeof chatSearchOutput>;
export type SearchHit = z.infer<typeof searchHitSchema>;
export type Typist = z.infer<typeof typistSchema>;
export type RepliedMessage = z.infer<typeof repliedMessageSchema>;
export type Reaction = z.infer<typeof reactionSchema>;
export type ChatSendInput = z.infer<typeof chatSendInput>;
export type ChatOnEventFrame = z.infer<typeof chatOnEventFrame>;
