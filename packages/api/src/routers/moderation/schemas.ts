import { z } from "zod";
import { messageAuthorSchema } from "../message-author.ts";
import { measureSecSchema, reportNoteSchema, reportReasonSchema } from "../report-words.ts";
import { roomIdSchema } from "../room/schemas.ts";

export const reportIdSchema = z.uuid();
export const reportStateSchema = z.enum(["open", "resolved"]);
/** `suspend` is for admins. */
export const reportActionSchema = z.enum(["dismiss", "remove", "mute", "ban", "suspend"]);

export const reportSchema = z.object({
  id: z.string(),
  state: reportStateSchema,
  reason: reportReasonSchema,
  note: z.string(),
  createdAtMs: z.number(),
  reporter: messageAuthorSchema,
  room: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  /** The message: its text as it stood when it was reported, whatever became of it. */
  message: z.object({
    id: z.string(),
    number: z.number(),
    author: messageAuthorSchema,
    excerpt: z.string(),
    isDeleted: z.boolean(),
  }),
  /** Null while it is open. */
  resolution: z
    .object({
      action: reportActionSchema,
      note: z.string(),
      by: z.string().nullable(),
      atMs: z.number(),
    })
    .nullable(),
});

export const moderationListInput = z.strictObject({
  state: reportStateSchema.default("open"),
  /** The last report of the page before. */
  before: reportIdSchema.optional(),
  limit: z.int().min(1).max(100).default(30),
});
/** Newest first: for admins all, for others those of the rooms they look after. */
export const moderationListOutput = z.object({
  reports: z.array(reportSchema),
  hasMore: z.boolean(),
  open: z.number(),
});

export const moderationResolveInput = z
  .strictObject({
    reportId: reportIdSchema,
    action: reportActionSchema,
    note: reportNoteSchema.default(""),
    /** How long a mute, ban or suspension lasts. */
    forSec: measureSecSchema.optional(),
  })
  .refine(
    ({ action, forSec }) => forSec === undefined || ["mute", "ban", "suspend"].includes(action),
    "only a mute, a ban or a suspension has a duration",
  );
export const moderationResolveOutput = z.object({ report: reportSchema });

export const moderationAuditInput = z.strictObject({
  /** Of one room; needed by who is no admin. */
  roomId: roomIdSchema.optional(),
  before: z.uuid().optional(),
  limit: z.int().min(1).max(100).default(30),
});
export const auditLineSchema = z.object({
  id: z.string(),
  atMs: z.number(),
  /** Such as `room.ban`. */
  action: z.string(),
  actor: messageAuthorSchema.nullable(),
  /** Whom it was about. */
  user: messageAuthorSchema.nullable(),
  room: z.object({ slug: z.string(), name: z.string() }).nullable(),
  why: z.string(),
  /** How long it was meant to last; null: without an end, or it has no duration. */
  forSec: z.number().nullable(),
});
export const moderationAuditOutput = z.object({ lines: z.array(auditLineSchema), hasMore: z.boolean() });

export type Report = z.infer<typeof reportSchema>;
export type ReportAction = z.infer<typeof reportActionSchema>;
export type ReportList = z.infer<typeof moderationListOutput>;
export type AuditLine = z.infer<typeof auditLineSchema>;
export type AuditPage = z.infer<typeof moderationAuditOutput>;
