import { messageQueries } from "@cardinal/db";
import { DirectRoom, NotYourRoom } from "../../errors/domain-errors.ts";
import { TooManyPins } from "../../errors/moderation-errors.ts";
import { type Message, MOST_PINS } from "../../routers/chat/schemas.ts";
import { looksAfter } from "../room/require-moderation.ts";
import { refuseArchived } from "../room/require-voice.ts";
import { changeMessage, type ChangeMessageDeps } from "./change-message.ts";
import { requireMessage } from "./require-message.ts";

interface PinMessageInput {
  readonly actorId: string;
  readonly messageId: string;
  readonly on: boolean;
}

/**
 * Pins a message for everybody in the room, or takes the pin back: an event of the room's log. For those who look after
 * the room. Says what shall be, so repeating it changes nothing.
 *
 * @throws {MessageNotFound} {NotYourRoom} {DirectRoom} {RoomArchived}
 * @throws {TooManyPins}
 */
export async function pinMessage(deps: ChangeMessageDeps, input: PinMessageInput): Promise<Message> {
  return changeMessage(deps, input.on ? "pin" : "unpin", (tx, nowMs) => {
    const { message, room } = requireMessage(tx, input.messageId, input.actorId);
    if (room.partner !== null) {
      throw new DirectRoom();
    }
    if (!looksAfter(tx, room, input.actorId)) {
      throw new NotYourRoom();
    }
    refuseArchived(room);
    if (input.on && message.pinnedAtMs === null && messageQueries.countPinned(tx, room.id) >= MOST_PINS) {
      throw new TooManyPins(MOST_PINS);
    }
    return messageQueries.pin(tx, { ...input, nowMs }) ?? { message, seq: null };
  });
}
