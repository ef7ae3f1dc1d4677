export { audit, type AuditRow } from "./audit.ts";
export type { Json, JsonObject } from "./columns.ts";
export { fenceEpoch, fenceMark, type FenceEpochRow, type FenceMarkRow } from "./fence.ts";
export { image, IMAGE_STATES, type ImageRow } from "./image.ts";
export {
  board,
  BOARD_ORDERS,
  BOARD_UPDATES,
  challenge,
  pointsLedger,
  season,
  SEASON_STATES,
  seasonResult,
  type BoardRow,
  type ChallengeRow,
  type PointsLedgerRow,
  type SeasonResultRow,
  type SeasonRow,
} from "./leaderboard.ts";
export { mail, MAIL_STATES, type MailRow } from "./mail.ts";
export {
  mention,
  message,
  reaction,
  ROOM_EVENT_KINDS,
  roomEvent,
  type MentionRow,
  type MessageRow,
  type ReactionRow,
  type RoomEventKind,
  type RoomEventRow,
} from "./message.ts";
export { notification, type NotificationRow } from "./notification.ts";
export {
  jobEffect,
  outbox,
  OUTBOX_STATES,
  type JobEffectRow,
  type OutboxRow,
  type OutboxState,
} from "./outbox.ts";
export { pageViewDaily, pageViewHourly, type PageViewDailyRow, type PageViewHourlyRow } from "./page-view.ts";
export {
  comment,
  post,
  postTag,
  tag,
  type CommentRow,
  type PostRow,
  type PostTagRow,
  type TagRow,
} from "./post.ts";
export {
  report,
  REPORT_ACTIONS,
  REPORT_REASONS,
  REPORT_STATES,
  type ReportRow,
} from "./report.ts";
export {
  REDEMPTION_STATES,
  reward,
  rewardRedemption,
  type RewardRedemptionRow,
  type RewardRow,
} from "./reward.ts";
export {
  readState,
  room,
  ROOM_ROLES,
  ROOM_VISIBILITIES,
  roomMember,
  type ReadStateRow,
  type RoomMemberRow,
  type RoomRow,
} from "./room.ts";
export { sanction, SANCTION_KINDS, type SanctionRow } from "./sanction.ts";
export { session, type SessionRow } from "./session.ts";
export {
  apiToken,
  ONE_TIME_PURPOSES,
  oneTimeToken,
  type ApiTokenRow,
  type OneTimeTokenRow,
} from "./token.ts";
export { user, USER_ROLES, type UserRole, type UserRow } from "./user.ts";
