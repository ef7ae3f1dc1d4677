import { z } from "zod";
import { countCharacters } from "../input-fault.ts";
import { messageAuthorSchema } from "../message-author.ts";
import { measureSecSchema, reportNoteSchema } from "../report-words.ts";
import { roleSchema, userIdSchema, usernameSchema, userSchema } from "../user/schemas.ts";

export const roomIdSchema = z.uuid();
export const roomSlugSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "letters, digits and -");

const plainText = (text: string) => !/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u.test(text);
export const roomNameSchema = z
  .string()
  .trim()
  .refine((text) => countCharacters(text) >= 1 && countCharacters(text) <= 60, "1 to 60 characters")
  .refine(plainText, "no control characters");
export const roomTopicSchema = z
  .string()
  .trim()
  .refine((text) => countCharacters(text) <= 200, "at most 200 characters")
  .refine(plainText, "no control characters");
export const roomRoleSchema = z.enum(["owner", "moderator", "member"]);

/** A measure that stands. `untilMs` null: until it is lifted. */
export const sanctionSchema = z.object({ untilMs: z.number().nullable(), why: z.string() });

/** The steps of slow mode, in seconds. */
export const SLOW_MODES = [0, 5, 10, 30, 60, 300, 900, 3_600, 21_600] as const;
export const slowModeSchema = z.literal(SLOW_MODES);

export const roomSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  topic: z.string(),
  isMember: z.boolean(),
  /** `private`: seen by its members only, who are brought in by its owner and moderators. */
  visibility: z.enum(["public", "private"]),
  /** The other one, where the room is a conversation of two; its name is then his. */
  partner: messageAuthorSchema.nullable(),
  /** What the caller may do here; null for one who is not in the room. */
  role: roomRoleSchema.nullable(),
  /** The newest event (message, edit, delete) of the room's log. */
  headSeq: z.number(),
  /** The newest message's number; `unread` is this less the last number read. */
  headMessageNumber: z.number(),
  unread: z.number(),
  memberCount: z.number(),
  /** A plain member waits so many seconds between two messages; 0: not at all. */
  slowModeSec: z.number(),
  /** Since when it is read and no longer written; null: it is in use. */
  archivedAtMs: z.number().nullable(),
  /** The caller may read here and not write. */
  mute: sanctionSchema.nullable(),
  /** The caller may not come in. */
  ban: sanctionSchema.nullable(),
});

export const roomListInput = z.strictObject({
  /** The archived rooms in place of those in use. */
  archived: z.boolean().default(false),
});
export const roomListOutput = z.object({ rooms: z.array(roomSchema) });
export const roomGetInput = z.strictObject({ slug: roomSlugSchema });
export const roomGetOutput = roomSchema;
export const roomJoinInput = z.strictObject({ roomId: roomIdSchema });
export const roomJoinOutput = roomSchema;
export const roomLeaveInput = roomJoinInput;
export const roomLeaveOutput = roomSchema;

export const roomCreateInput = z.strictObject({
  name: roomNameSchema,
  topic: roomTopicSchema.default(""),
  visibility: z.enum(["public", "private"]).default("public"),
});
export const roomCreateOutput = roomSchema;

export const roomUpdateInput = z
  .strictObject({
    roomId: roomIdSchema,
    name: roomNameSchema.optional(),
    topic: roomTopicSchema.optional(),
    slowModeSec: slowModeSchema.optional(),
    /** For the owner alone. */
    visibility: z.enum(["public", "private"]).optional(),
  })
  .refine(({ roomId: _, ...changes }) => Object.values(changes).some((value) => value !== undefined), "nothing to change");
export const roomUpdateOutput = roomSchema;

export const roomOpenDirectInput = z.strictObject({ userId: userIdSchema });
export const roomOpenDirectOutput = roomSchema;

const memberOfRoomInput = z.strictObject({ roomId: roomIdSchema, userId: userIdSchema });
export const roomInviteInput = memberOfRoomInput;
export const roomRemoveMemberInput = memberOfRoomInput;
export const roomSetRoleInput = memberOfRoomInput.extend({ role: z.enum(["moderator", "member"]) });
export const roomPassOnInput = memberOfRoomInput;
export const roomArchiveInput = z.strictObject({ roomId: roomIdSchema, on: z.boolean() });

const whySchema = reportNoteSchema.default("");
export const roomMuteInput = memberOfRoomInput.extend({ forSec: measureSecSchema, reason: whySchema });
export const roomUnmuteInput = memberOfRoomInput;
export const roomBanInput = memberOfRoomInput.extend({ forSec: measureSecSchema, reason: whySchema });
export const roomUnbanInput = memberOfRoomInput;
export const roomMeasureOutput = z.object({});

export const roomBansInput = z.strictObject({ roomId: roomIdSchema });
/** The newest first, 200 at most. */
export const roomBansOutput = z.object({
  bans: z.array(z.object({ user: messageAuthorSchema, createdAtMs: z.number() }).extend(sanctionSchema.shape)),
});

/** The room as the caller sees it afterwards. */
export const roomChangeOutput = roomSchema;

export const roomMembersInput = z.strictObject({
  roomId: roomIdSchema,
  /** The last username of the page before. */
  after: usernameSchema.optional(),
  limit: z.int().min(1).max(200).default(100),
});
export const roomMembersOutput = z.object({
  /** By username. */
  members: z.array(
    userSchema.extend({
      role: roleSchema,
      roomRole: roomRoleSchema,
      joinedAtMs: z.number(),
      /** Shown to those who look after the room. */
      mute: sanctionSchema.nullable(),
    }),
  ),
  hasMore: z.boolean(),
});

export type Sanction = z.infer<typeof sanctionSchema>;
export type RoomBans = z.infer<typeof roomBansOutput>;
export type RoomMembers = z.infer<typeof roomMembersOutput>;
export type RoomView = z.infer<typeof roomSchema>;
