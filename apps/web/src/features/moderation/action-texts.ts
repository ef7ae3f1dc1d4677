import type { ReportAction } from "@cardinal/api/schemas";

/** What was decided about a report, in words. */
export const ACTION_TEXTS: Readonly<Record<ReportAction, string>> = {
  dismiss: "Dismissed",
  remove: "Message deleted",
  mute: "Author muted",
  ban: "Author banned from the room",
  suspend: "Author suspended",
};

/** Lines of the audit log, in words. Others are shown as they are. */
export const AUDIT_TEXTS: Readonly<Record<string, string>> = {
  "report.dismiss": "dismissed a report about",
  "message.remove": "deleted a message of",
  "room.mute": "muted",
  "room.unmute": "let speak again",
  "room.ban": "banned",
  "room.unban": "let back in",
  "room.kick": "put out",
  "room.make-moderator": "made a moderator:",
  "room.make-member": "took the moderator's role from",
  "room.pass-on": "made the owner:",
  "room.archive": "archived",
  "room.unarchive": "put in use again",
  "user.suspend": "suspended",
  "user.unsuspend": "lifted the suspension of",
};
