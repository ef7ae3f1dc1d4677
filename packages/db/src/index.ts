export type { DatabaseEvent } from "./database/events.ts";
export {
  DatabaseBusy,
  DatabaseClosed,
  DatabaseError,
  DatabaseFull,
  DatabaseHistoryDiffers,
  DatabaseMisuse,
  DatabaseNotMigrated,
  DatabaseReadOnly,
  DatabaseTooNew,
  ForeignKeyViolation,
  RowNotFound,
  UniqueViolation,
} from "./database/errors.ts";
export { openDatabase, type Database, type OpenDatabaseOptions } from "./database/open-database.ts";
export type {
  ReadTransaction,
  SqlParameters,
  SqlValue,
  Statement,
  WriteTransaction,
} from "./database/transaction.ts";
export { migrate, type MigrateResult } from "./migrate/migrate.ts";
export { newId } from "./new-id.ts";
export * as auditQueries from "./queries/audit.ts";
export * as boardQueries from "./queries/board.ts";
export * as commentQueries from "./queries/comment.ts";
export type { CommentWithAuthor } from "./queries/comment.ts";
export * as fenceQueries from "./queries/fence.ts";
export { fencedWrite, StaleFence } from "./queries/fence.ts";
export { createEpochStore, type EpochStoreOptions } from "./epoch-store.ts";
export * as jobEffectQueries from "./queries/job-effect.ts";
export * as mailQueries from "./queries/mail.ts";
export type { NewMail } from "./queries/mail.ts";
export * as messageQueries from "./queries/message.ts";
export * as messageSearchQueries from "./queries/message-search.ts";
export type { MessageHit, MessageSearch } from "./queries/message-search.ts";
export { readSearchTerms, type SearchTerms } from "./search/search-terms.ts";
export type { TextRange } from "./search/term-ranges.ts";
export type { MessageAuthor, MessageWithAuthor } from "./queries/message-row.ts";
export type { HistoryPage, HistoryPlace, MessageChange, NewMessage } from "./queries/message.ts";
export * as notificationQueries from "./queries/notification.ts";
export type { InboxLine } from "./queries/notification.ts";
export * as oneTimeTokenQueries from "./queries/one-time-token.ts";
export type { NewOneTimeToken } from "./queries/one-time-token.ts";
export * as outboxQueries from "./queries/outbox.ts";
export type { NewOutboxRow } from "./queries/outbox.ts";
export * as pageViewQueries from "./queries/page-view.ts";
export type { PageViewPoint } from "./queries/page-view.ts";
export * as pointsQueries from "./queries/points.ts";
export type { Standing, StandingsScope } from "./queries/points.ts";
export * as postQueries from "./queries/post.ts";
export type { NewPost, PostChanges, PostCursor, PostSummary, PostWithComments } from "./queries/post.ts";
export * as readStateQueries from "./queries/read-state.ts";
export * as reportQueries from "./queries/report.ts";
export type { ReportDetails, ReportReader } from "./queries/report.ts";
export * as roomEventQueries from "./queries/room-event.ts";
export type { RoomEvent } from "./queries/room-event.ts";
export * as roomQueries from "./queries/room.ts";
export type { NewRoom, RoomChanges, RoomForUser, RoomHead, RoomMember, RoomSanction } from "./queries/room.ts";
export * as sanctionQueries from "./queries/sanction.ts";
export type { StandingSanction } from "./queries/sanction.ts";
export * as seasonQueries from "./queries/season.ts";
export * as sessionQueries from "./queries/session.ts";
export type { NewSession } from "./queries/session.ts";
export * as userQueries from "./queries/user.ts";
export type { NewUser, UserChanges, UserSummary } from "./queries/user.ts";
export { DEMO_PASSWORD, DEMO_USERNAMES } from "./seed/members.ts";
export { seedDatabase, type SeedResult } from "./seed/seed-database.ts";
export * as schema from "./schema/index.ts";
export type * from "./schema/index.ts";
export { escapeLike, normalizeEmail, normalizeForSearch, normalizeUsername } from "./text.ts";
