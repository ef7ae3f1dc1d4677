import { auditQueries, roomQueries, userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { AuditPage } from "../../routers/moderation/schemas.ts";
import { requireModeration } from "../room/require-moderation.ts";
import { requireAdmin } from "./require-rank.ts";

interface ListAuditInput {
  readonly userId: string;
  /** Absent: of the whole site, for admins. */
  readonly roomId?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/**
 * Who did what to whom, when and why; newest first.
 *
 * @throws {NotAnAdmin} without a room.
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 */
export async function listAudit(deps: Pick<AppDeps, "db">, input: ListAuditInput): Promise<AuditPage> {
  const { userId, roomId, before, limit } = input;
  return deps.db.read((tx) => {
    if (roomId === undefined) {
      requireAdmin(tx, userId);
    } else {
      requireModeration(tx, roomId, userId);
    }
    const after = before === undefined ? undefined : auditQueries.findById(tx, before);
    const found = auditQueries.list(tx, { roomId, after, limit: limit + 1 });
    const rows = found.slice(0, limit);
    const people = new Map(
      userQueries
        .listByIds(tx, rows.flatMap(({ actorId, subjectId }) => [actorId ?? [], subjectId].flat()))
        .map(({ id, username, displayName, avatarHue }) => [id, { id, username, displayName, avatarHue }]),
    );
    const lines = rows.map((row) => {
      const room = row.roomId === null ? undefined : roomQueries.findById(tx, row.roomId);
      const { reason, forSec } = row.details;
      return {
        id: row.id,
        atMs: row.atMs,
        action: row.action,
        actor: people.get(row.actorId ?? "") ?? null,
        user: row.subjectKind === "user" ? (people.get(row.subjectId) ?? null) : null,
        room: room === undefined ? null : { slug: room.slug, name: room.name },
        why: typeof reason === "string" ? reason : "",
        forSec: typeof forSec === "number" ? forSec : null,
      };
    });
    return { lines, hasMore: found.length > limit };
  });
}
