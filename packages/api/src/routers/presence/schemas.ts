import { z } from "zod";
import { roomIdSchema } from "../room/schemas.ts";
import { userSchema } from "../user/schemas.ts";

/** `site` is everybody; otherwise a room's id. */
export const presenceRoomSchema = z.union([z.literal("site"), roomIdSchema]);

export const presenceUserSchema = z.object({
  user: userSchema,
  state: z.string(),
  connections: z.number(),
  sinceMs: z.number(),
});

export const presenceListInput = z.strictObject({ room: presenceRoomSchema });
export const presenceListOutput = z.object({
  version: z.number(),
  users: z.array(presenceUserSchema),
  total: z.number(),
});

/** A page (a browser tab) of a member, named by itself, at random. */
export const pageIdSchema = z.uuid();

export const presenceSetStateInput = z.strictObject({
  page: pageIdSchema,
  state: z.enum(["active", "idle", "away"]),
});
export const presenceSetStateOutput = z.object({});

export const presenceOnChangeInput = z.strictObject({
  room: presenceRoomSchema,
  /** What `presence.setState` says of this page then holds for its presence here. */
  page: pageIdSchema.optional(),
  lastEventId: z.string().max(128).nullish(),
});
/** The first frame is a snapshot; diffs follow, each one version on. A new snapshot replaces all. */
export const presenceOnChangeFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("snapshot"), version: z.number(), users: z.array(presenceUserSchema) }),
  z.object({
    kind: z.literal("diff"),
    version: z.number(),
    joins: z.array(presenceUserSchema),
    /** User ids. */
    leaves: z.array(z.string()),
    updates: z.array(presenceUserSchema),
  }),
]);

export type PresenceUser = z.infer<typeof presenceUserSchema>;
export type PresenceList = z.infer<typeof presenceListOutput>;
export type PresenceOnChangeFrame = z.infer<typeof presenceOnChangeFrame>;
