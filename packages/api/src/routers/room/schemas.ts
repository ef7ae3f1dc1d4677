import { z } from "zod";

export const roomIdSchema = z.uuid();
export const roomSlugSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "letters, digits and -");

export const roomSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  topic: z.string(),
  isMember: z.boolean(),
  /** What the caller may do here; null for one who is not in the room. */
  role: z.enum(["owner", "moderator", "member"]).nullable(),
  /** The newest event (message, edit, delete) of the room's log. */
  headSeq: z.number(),
  /** The newest message's number; `unread` is this less the last number read. */
  headMessageNumber: z.number(),
  unread: z.number(),
  memberCount: z.number(),
});

export const roomListOutput = z.object({ rooms: z.array(roomSchema) });
export const roomGetInput = z.strictObject({ slug: roomSlugSchema });
export const roomGetOutput = roomSchema;
export const roomJoinInput = z.strictObject({ roomId: roomIdSchema });
export const roomJoinOutput = roomSchema;
export const roomLeaveInput = roomJoinInput;
export const roomLeaveOutput = roomSchema;

export type RoomView = z.infer<typeof roomSchema>;
