import { messageQueries, type MessageWithAuthor, type RoomForUser, roomQueries, type WriteTransaction } from "@cardinal/db";
import { writeInbox } from "../inbox/tell-member.ts";

interface Told {
  readonly mentionedUserIds: readonly string[];
  readonly replyToId: string | null;
  readonly nowMs: number;
}

const EXCERPT_CHARACTERS = 140;

/**
 * Writes a new message into the inboxes of those it names and of whom it answers, each once; answers whose. Who has left
 * the room is told nothing.
 */
export function tellOfMessage(
  tx: WriteTransaction,
  room: RoomForUser,
  message: MessageWithAuthor,
  { mentionedUserIds, replyToId, nowMs }: Told,
): string[] {
  const answered = replyToId === null ? undefined : messageQueries.findById(tx, replyToId)?.author.id;
  const isTold =
    answered !== undefined && answered !== message.author.id && roomQueries.isMember(tx, room.id, answered);
  const about = {
    actor: message.author.displayName,
    room: { slug: room.slug, name: room.name },
    message: { number: message.number, excerpt: Array.from(message.body).slice(0, EXCERPT_CHARACTERS).join("") },
  };
  const mentioned = mentionedUserIds.filter((userId) => userId !== answered);
  for (const userId of mentioned) {
    writeInbox(tx, { userId, kind: "mention", ...about }, nowMs);
  }
  if (isTold) {
    writeInbox(tx, { userId: answered, kind: "reply", ...about }, nowMs);
  }
  return isTold ? [answered, ...mentioned] : mentioned;
}
