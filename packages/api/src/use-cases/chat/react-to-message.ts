import { messageQueries } from "@cardinal/db";
import { TooManyReactions } from "../../errors/domain-errors.ts";
import { type Message, MOST_REACTIONS } from "../../routers/chat/schemas.ts";
import { refuseSilenced } from "../room/require-voice.ts";
import { changeMessage, type ChangeMessageDeps } from "./change-message.ts";
import { requireMessage } from "./require-message.ts";

interface ReactInput {
  readonly actorId: string;
  readonly messageId: string;
  readonly emoji: string;
  readonly on: boolean;
}

/**
 * Sets or takes back the caller's reaction with an emoji. Says what shall be, so repeating it changes nothing.
 *
 * @throws {MessageNotFound} {RoomArchived} {Muted}
 * @throws {TooManyReactions} for a further emoji on a message that has many different ones.
 */
export async function reactToMessage(
  deps: ChangeMessageDeps,
  { actorId, messageId, emoji, on }: ReactInput,
): Promise<Message> {
  return changeMessage(deps, "reaction", (tx, nowMs) => {
    const { message, room } = requireMessage(tx, messageId, actorId);
    refuseSilenced(room, nowMs);
    const isKnown = message.reactions.some((reaction) => reaction.emoji === emoji);
    if (on && !isKnown && message.reactions.length >= MOST_REACTIONS) {
      throw new TooManyReactions();
    }
    return (
      messageQueries.react(tx, { messageId, userId: actorId, emoji, on, nowMs }) ?? { message, seq: null }
    );
  });
}
