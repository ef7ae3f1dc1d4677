import { newId, roomQueries, userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { UserNotFound } from "../../errors/domain-errors.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { ringInbox } from "../inbox/tell-member.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

interface OpenDirectInput {
  readonly actorId: string;
  readonly userId: string;
}

/**
 * The conversation of two members: one for each pair, made by whoever asks first, also when both ask at once.
 *
 * @throws {UserNotFound} also for oneself.
 */
export async function openDirect(
  deps: Pick<AppDeps, "db" | "now" | "doorbells" | "log">,
  input: OpenDirectInput,
): Promise<RoomView> {
  const { actorId, userId } = input;
  const nowMs = deps.now();
  const room = await deps.db.write((tx) => {
    if (userId === actorId || userQueries.findById(tx, userId) === undefined) {
      throw new UserNotFound();
    }
    const directKey = roomQueries.directKeyOf(actorId, userId);
    const known = roomQueries.findByDirectKey(tx, directKey);
    if (known !== undefined) {
      return requireRoom(tx, { id: known.id }, actorId);
    }
    const id = newId();
    roomQueries.create(tx, {
      id,
      slug: `dm-${id}`,
      name: "Direct",
      visibility: "private",
      createdBy: actorId,
      directKey,
      nowMs,
    });
    for (const member of [actorId, userId]) {
      roomQueries.join(tx, { roomId: id, userId: member, nowMs });
    }
    return requireRoom(tx, { id }, actorId);
  });
  ringInbox(deps, [actorId, userId], "rooms");
  return toRoomView(room, nowMs);
}
