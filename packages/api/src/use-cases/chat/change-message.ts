import type { MessageWithAuthor, WriteTransaction } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { MessageNotFound } from "../../errors/domain-errors.ts";
import type { Message, RoomEvent } from "../../routers/chat/schemas.ts";
import { toMessageView } from "./message-view.ts";
import { ringRoom } from "./ring-room.ts";

export type ChangeMessageDeps = Pick<AppDeps, "db" | "now" | "doorbells" | "log">;

/** What a change found: the event it made, or the message as it stands because nothing was to change. */
export interface Changed {
  readonly message: MessageWithAuthor;
  readonly seq: number | null;
}

/** Commits one change of a message with its event, then rings the room's doorbell. Needs no Redis. */
export async function changeMessage(
  deps: ChangeMessageDeps,
  kind: Exclude<RoomEvent["kind"], "message">,
  change: (tx: WriteTransaction, nowMs: number) => Changed | undefined,
): Promise<Message> {
  const nowMs = deps.now();
  const changed = await deps.db.write((tx) => change(tx, nowMs));
  if (changed === undefined) {
    throw new MessageNotFound();
  }
  const message = toMessageView(changed.message);
  if (changed.seq !== null) {
    ringRoom(deps, { seq: changed.seq, kind, atMs: nowMs, message });
  }
  return message;
}
