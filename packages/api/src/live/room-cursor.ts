import { MalformedCursor } from "../errors/domain-errors.ts";

/** A place in one room's log: every event up to `seq` is known. */
export interface RoomCursor {
  readonly epoch: string;
  readonly seq: number;
}

/** The text clients keep and send back. */
export function formatRoomCursor({ epoch, seq }: RoomCursor): string {
  return `${epoch}.${seq}`;
}

/** @throws {MalformedCursor} for text `formatRoomCursor` cannot have made. */
export function parseRoomCursor(text: string): RoomCursor {
  const match = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})$/.exec(text);
  if (!match?.[1]) {
    throw new MalformedCursor();
  }
  return { epoch: match[1], seq: Number(match[2]) };
}
