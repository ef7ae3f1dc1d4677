import type { Database } from "@cardinal/db";
import type { JobHandlerEntry } from "@cardinal/jobs";
import type { Mailer } from "../mail/mailer.ts";
import { type TagInvalidators, invalidateCacheTagsHandler } from "./invalidate-cache-tags.handler.ts";
import { sendPasswordResetEmailHandler } from "./send-password-reset-email.handler.ts";
import { sendWelcomeEmailHandler } from "./send-welcome-email.handler.ts";
import { trimOutboxHandler } from "./trim-outbox.handler.ts";
import { trimRoomLogHandler } from "./trim-room-log.handler.ts";
import { trimSessionsHandler } from "./trim-sessions.handler.ts";

export type HandlerDependencies = { db: Database; mailer: Mailer; publicUrl: string; caches: TagInvalidators };

/** The handler of every job, by name. */
export function createHandlers(deps: HandlerDependencies): ReadonlyMap<string, JobHandlerEntry> {
  const entries = [
    sendWelcomeEmailHandler(deps),
    sendPasswordResetEmailHandler(deps),
    invalidateCacheTagsHandler(deps),
    trimSessionsHandler(deps),
    trimOutboxHandler(deps),
    trimRoomLogHandler(deps),
  ];
  return new Map(entries.map((entry) => [entry.contract.name, entry]));
}
