import { auditQueries, roomQueries, sanctionQueries, sessionQueries, userQueries, type WriteTransaction } from "@cardinal/db";
import { DirectRoom, UserNotFound } from "../../errors/domain-errors.ts";
import { Outranked } from "../../errors/moderation-errors.ts";
import { isAdmin } from "../room/require-moderation.ts";
import { requireAdmin, requireRank } from "./require-rank.ts";

/** The same measure asked for again within this time is the same one: its first answer was lost. */
const SAME_WITHIN_MS = 60_000;

export interface Measure {
  readonly actorId: string;
  readonly userId: string;
  readonly kind: "mute" | "ban";
  /** Null: until it is lifted. */
  readonly forSec: number | null;
  readonly reason: string;
  readonly nowMs: number;
  /** Where it follows a report. */
  readonly reportId?: string;
}

/**
 * Mutes a member in a room, or puts him out and keeps him out; with a line of the audit log. The caller has checked
 * that the actor may act in this room.
 *
 * @throws {UserNotFound} {DirectRoom} {Outranked}
 */
export function imposeInRoom(tx: WriteTransaction, measure: Measure & { readonly roomId: string }): void {
  const { userId, roomId, kind } = measure;
  if (userQueries.findById(tx, userId) === undefined) {
    throw new UserNotFound();
  }
  if (typeof roomQueries.findById(tx, roomId)?.directKey === "string") {
    throw new DirectRoom();
  }
  requireRank(tx, measure);
  if (kind === "ban") {
    roomQueries.leave(tx, { roomId, userId });
  }
  impose(tx, measure, roomId, `room.${kind}`);
}

/**
 * Keeps a member off the site and ends his sessions, in the same transaction. The caller tells Redis of that.
 *
 * @throws {NotAnAdmin} {UserNotFound}
 * @throws {Outranked} for another admin.
 */
export function imposeOnSite(tx: WriteTransaction, measure: Omit<Measure, "kind">): void {
  const { actorId, userId, nowMs } = measure;
  requireAdmin(tx, actorId);
  if (userQueries.findById(tx, userId) === undefined) {
    throw new UserNotFound();
  }
  if (isAdmin(tx, userId)) {
    throw new Outranked();
  }
  impose(tx, { ...measure, kind: "ban" }, null, "user.suspend");
  sessionQueries.revokeLive(tx, userId, { nowMs });
}

/** Ends a measure, if one stands, with a line of the audit log. */
export function liftMeasure(
  tx: WriteTransaction,
  input: Pick<Measure, "actorId" | "userId" | "kind" | "nowMs"> & { readonly roomId: string | null },
): void {
  const { actorId, userId, kind, roomId, nowMs } = input;
  const target = { userId, roomId, kind };
  const isStanding = sanctionQueries.findStanding(tx, target, nowMs) !== undefined;
  sanctionQueries.lift(tx, { ...target, liftedBy: actorId, nowMs });
  if (isStanding) {
    const action = roomId === null ? "user.unsuspend" : `room.un${kind}`;
    auditQueries.insert(tx, { actorId, action, subjectKind: "user", subjectId: userId, roomId, nowMs });
  }
}

function impose(tx: WriteTransaction, measure: Measure, roomId: string | null, action: string): void {
  const { actorId, userId, kind, forSec, reason, nowMs, reportId } = measure;
  const target = { userId, roomId, kind };
  const expiresAtMs = forSec === null ? null : nowMs + forSec * 1_000;
  const standing = sanctionQueries.findStanding(tx, target, nowMs);
  if (standing?.issuedBy === actorId && nowMs - standing.createdAtMs < SAME_WITHIN_MS) {
    const lasts = standing.expiresAtMs === null ? null : (standing.expiresAtMs - standing.createdAtMs) / 1_000;
    if (lasts === forSec && standing.reason === reason) {
      return;
    }
  }
  sanctionQueries.impose(tx, { ...target, reason, issuedBy: actorId, expiresAtMs, nowMs });
  auditQueries.insert(tx, {
    actorId,
    action,
    subjectKind: "user",
    subjectId: userId,
    roomId,
    details: { reason, forSec, ...(reportId !== undefined && { reportId }) },
    nowMs,
  });
}
