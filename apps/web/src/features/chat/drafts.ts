import { currentMember } from "../../lib/session-state.ts";
import { storage } from "../../lib/storage.ts";

const keyOf = (roomId: string) => `cardinal.member.draft.${currentMember()}.${roomId}`;

/** What a member has begun to write, per room. Kept over reloads and an expired session, until sign-out. */
export const drafts = {
  get: (roomId: string): string => storage.get(keyOf(roomId)) ?? "",
  set(roomId: string, text: string): void {
    if (text === "") storage.remove(keyOf(roomId));
    else storage.set(keyOf(roomId), text);
  },
};
