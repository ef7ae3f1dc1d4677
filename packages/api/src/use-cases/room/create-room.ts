import { newId, roomQueries, type WriteTransaction } from "@cardinal/db";
import slugify from "@sindresorhus/slugify";
import { ringInbox } from "../inbox/tell-member.ts";
import type { RoomDeps } from "./in-room.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

interface CreateRoomInput {
  readonly actorId: string;
  readonly name: string;
  readonly topic: string;
  readonly visibility: "public" | "private";
}

const SLUG_CHARACTERS = 48;

/** Opens a room, with the caller as its owner. Its address comes from its name, with a number where that is taken. */
export async function createRoom(deps: RoomDeps, input: CreateRoomInput): Promise<RoomView> {
  const { actorId, ...rest } = input;
  const nowMs = deps.now();
  const room = await deps.db.write((tx) => {
    const { id } = roomQueries.create(tx, { ...rest, slug: freeSlug(tx, input.name), createdBy: actorId, nowMs });
    roomQueries.join(tx, { roomId: id, userId: actorId, role: "owner", nowMs });
    return requireRoom(tx, { id }, actorId);
  });
  ringInbox(deps, [actorId], "rooms");
  return toRoomView(room, nowMs);
}

function freeSlug(tx: WriteTransaction, name: string): string {
  const base = slugify(name).slice(0, SLUG_CHARACTERS).replace(/-$/, "") || "room";
  for (let number = 1; number <= 100; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`;
    if (roomQueries.findBySlug(tx, slug) === undefined) {
      return slug;
    }
  }
  return `${base.slice(0, 20)}-${newId()}`;
}
