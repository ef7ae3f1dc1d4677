import { messageQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { MessageNotFound, OperationReused, SignedInAsAnother } from "../../errors/domain-errors.ts";
import type { Message } from "../../routers/chat/schemas.ts";
import { requireMembership } from "../room/require-membership.ts";
import { refuseSilenced } from "../room/require-voice.ts";
import { refuseHasty } from "./refuse-hasty.ts";
import { ringInbox } from "../inbox/tell-member.ts";
import { findMentioned } from "./find-mentioned.ts";
import { tellOfMessage } from "./tell-of-message.ts";
import { toMessageView } from "./message-view.ts";
import { ringRoom } from "./ring-room.ts";

interface SendMessageInput {
  readonly authorId: string;
  /** Whom the sender takes himself to be; absent, whoever is signed in. */
  readonly writtenBy?: string | undefined;
  readonly roomId: string;
  /** Checked and trimmed by the schema. */
  readonly body: string;
  readonly clientMessageId: string;
  readonly replyToId?: string | null | undefined;
}

type SendMessageDeps = Pick<AppDeps, "db" | "now" | "doorbells" | "log">;

/**
 * Stores a message with its event in one transaction, then rings the room's doorbell. Sent again with the
 * same `clientMessageId` it answers the first message and stores nothing. Without Redis it is stored all the
 * same: listeners find it in the log.
 *
 * @throws {RoomNotFound} {NotAMember} {RoomArchived} {Muted}
 * @throws {SlowMode} with the exact wait, for a plain member whose last message here is younger than the room allows.
 * @throws {MessageNotFound} when what it answers is not in this room.
 * @throws {SignedInAsAnother} when who wrote it is not who is signed in.
 * @throws {OperationReused} when the author used this `clientMessageId` in another room.
 */
export async function sendMessage(
  deps: SendMessageDeps,
  input: SendMessageInput,
): Promise<{ message: Message; seq: number }> {
  if (input.writtenBy !== undefined && input.writtenBy !== input.authorId) {
    throw new SignedInAsAnother();
  }
  const told: string[] = [];
  const stored = await deps.db.write((tx) => {
    const nowMs = deps.now();
    const room = requireMembership(tx, input.roomId, input.authorId);
    // What is stored already is answered again, whatever was decided since.
    if (messageQueries.findByClientId(tx, input.authorId, input.clientMessageId) === undefined) {
      refuseSilenced(room, nowMs);
      refuseHasty(tx, room, input.authorId, nowMs);
    }
    const { replyToId = null } = input;
    if (replyToId !== null && messageQueries.findById(tx, replyToId)?.roomId !== input.roomId) {
      throw new MessageNotFound();
    }
    const mentionedUserIds = findMentioned(tx, input.roomId, input.authorId, input.body);
    const change = messageQueries.appendMessage(tx, { ...input, replyToId, mentionedUserIds, nowMs });
    if (change.message.roomId !== input.roomId) {
      throw new OperationReused();
    }
    if (change.isNew && room.partner === null) {
      told.push(...tellOfMessage(tx, room, change.message, { mentionedUserIds, replyToId, nowMs }));
    }
    return change;
  });
  const message = toMessageView(stored.message);
  if (stored.isNew) {
    ringRoom(deps, { seq: stored.seq, kind: "message", atMs: message.createdAtMs, message });
    ringInbox(deps, told, "inbox");
  }
  return { message, seq: stored.seq };
}
