import type { MessageRow } from "../schema/message.ts";
import type { UserRow } from "../schema/user.ts";

export type MessageAuthor = Pick<UserRow, "id" | "username" | "displayName" | "avatarHue">;

/** Who reacted with an emoji, in the order they did. */
export interface MessageReaction {
  emoji: string;
  userIds: string[];
}

/** What a message answers, as it stands now. */
export interface RepliedMessage {
  id: string;
  number: number;
  author: string;
  /** The beginning of its text; empty once deleted. */
  excerpt: string;
}

/** A message with who wrote it, what it answers and how members reacted, the first emoji first. */
export type MessageWithAuthor = Omit<MessageRow, "authorId" | "replyToId" | "searchId" | "pinnedBy"> & {
  author: MessageAuthor;
  /** Who pinned it, by the name he shows; null also where he is gone. */
  pinnedBy: string | null;
  replyTo: RepliedMessage | null;
  reactions: MessageReaction[];
};

/** Columns of a message `m` and its author `u`, to be read by `toMessage`. */
export const MESSAGE_COLUMNS = `
  m.id, m.room_id AS roomId, m.number, m.seq, m.last_seq AS lastSeq, m.body,
  (SELECT json_object('id', r.id, 'number', r.number, 'author', ru.display_name, 'excerpt', substr(r.body, 1, 140))
     FROM message r JOIN user ru ON ru.id = r.author_id WHERE r.id = m.reply_to_id) AS replyTo,
  (SELECT json_group_array(json_object('emoji', emoji, 'userIds', json(userIds)) ORDER BY first, emoji)
     FROM (SELECT emoji, min(created_at) AS first, json_group_array(user_id ORDER BY created_at, user_id) AS userIds
             FROM reaction WHERE message_id = m.id GROUP BY emoji)) AS reactions,
  m.client_message_id AS clientMessageId, m.created_at AS createdAtMs, m.edited_at AS editedAtMs,
  m.deleted_at AS deletedAtMs,
  m.pinned_at AS pinnedAtMs, (SELECT display_name FROM user WHERE id = m.pinned_by) AS pinnedBy, u.id AS authorId, u.username, u.display_name AS displayName,
  u.avatar_hue AS avatarHue`;

export type MessageColumns = Omit<MessageRow, "replyToId" | "searchId"> &
  Omit<MessageAuthor, "id"> & { replyTo: string | null; reactions: string };

export function toMessage(row: MessageColumns): MessageWithAuthor {
  return {
    id: row.id,
    roomId: row.roomId,
    number: row.number,
    seq: row.seq,
    lastSeq: row.lastSeq,
    author: {
      id: row.authorId,
      username: row.username,
      displayName: row.displayName,
      avatarHue: row.avatarHue,
    },
    body: row.body,
    replyTo: row.replyTo === null ? null : (JSON.parse(row.replyTo) as RepliedMessage),
    reactions: JSON.parse(row.reactions) as MessageReaction[],
    clientMessageId: row.clientMessageId,
    createdAtMs: row.createdAtMs,
    editedAtMs: row.editedAtMs,
    deletedAtMs: row.deletedAtMs,
    pinnedAtMs: row.pinnedAtMs,
    pinnedBy: row.pinnedBy,
  };
}
