import { newId, roomQueries, userQueries } from "@cardinal/db";
import type { FilledLoad } from "../live-contender.ts";
import { loads } from "../loads.ts";
import { type Installation, openDeps } from "./open-deps.ts";

const SESSIONS_AT_ONCE = 50;
/** No argon2 hash: nobody signs in with a password here. */
const NO_PASSWORD = "none";

/**
 * Members, their rooms and sessions as the product makes them: a member and a session for each client, every member in
 * one room of each load. Clients sit in their rooms by turns, so that the processes hold some of each room.
 */
export async function fillInstallation(installation: Installation): Promise<ReadonlyMap<string, FilledLoad>> {
  const { deps, close } = await openDeps(installation);
  try {
    const most = Math.max(...loads.map(({ rooms, clientsPerRoom }) => rooms * clientsPerRoom));
    const userIds = await deps.db.write((tx) =>
      Array.from({ length: most }, (_, index) => {
        const username = `member${index}`;
        const email = `${username}@example.org`;
        const given = { username, displayName: `Member ${index}`, email, passwordHash: NO_PASSWORD };
        return userQueries.create(tx, { ...given, nowMs: Date.now() }).id;
      }),
    );
    const tokens: string[] = [];
    for (let from = 0; from < userIds.length; from += SESSIONS_AT_ONCE) {
      const created = await Promise.all(
        userIds
          .slice(from, from + SESSIONS_AT_ONCE)
          .map((userId) => deps.sessions.create({ userId, data: { via: "password" } })),
      );
      tokens.push(...created.map(({ token }) => token));
    }
    const filled = loads.map(async (load) => {
      const roomIds = await deps.db.write((tx) =>
        Array.from({ length: load.rooms }, (_, index) => {
          const slug = `${load.name.replaceAll(" ", "-")}-${index}`;
          return roomQueries.create(tx, { id: newId(), slug, name: slug, nowMs: Date.now() }).id;
        }),
      );
      const seats = tokens.slice(0, load.rooms * load.clientsPerRoom).map((token, index) => {
        const roomId = roomIds[index % load.rooms] ?? "";
        return { token, roomId };
      });
      await deps.db.write((tx) => {
        for (const [index, { roomId }] of seats.entries()) {
          roomQueries.join(tx, { roomId, userId: userIds[index] ?? "", nowMs: Date.now() });
        }
      });
      return [load.name, { roomIds, seats }] as const;
    });
    return new Map(await Promise.all(filled));
  } finally {
    await close();
  }
}
