import { roomQueries, userQueries, type RoomRow, type UserRow, type WriteTransaction } from "../src/index.ts";

export const NOW_MS = Date.UTC(2026, 0, 5, 12);

export function addUser(tx: WriteTransaction, username: string): UserRow {
  return userQueries.create(tx, {
    username,
    displayName: username.toUpperCase(),
    email: `${username}@example.test`,
    passwordHash: "not a hash",
    nowMs: NOW_MS,
  });
}

export function addRoom(tx: WriteTransaction, slug: string, members: readonly UserRow[] = []): RoomRow {
  const room = roomQueries.create(tx, { slug, name: slug, nowMs: NOW_MS });
  for (const member of members) roomQueries.join(tx, { roomId: room.id, userId: member.id, nowMs: NOW_MS });
  return room;
}
