import { randomUUID } from "node:crypto";
import { roomQueries } from "@cardinal/db";
import { createTestServer, type TestServer } from "./create-test-server.ts";
import type { TestClient } from "./test-client.ts";

const NAMES = ["ada", "bo", "cy", "di"] as const;
export type Name = (typeof NAMES)[number];

/** Bo owns the rooms here, Cy moderates them, Di is a plain member; Ada is the admin. All call the first process. */
export interface ModeratedRooms extends AsyncDisposable {
  readonly one: TestServer;
  /** It looks at nothing for an hour: what happens there at once, a message has caused. */
  readonly two: TestServer;
  readonly as: Readonly<Record<Name, TestClient>>;
  readonly idOf: Readonly<Record<Name, string>>;
  /** A new room with these besides its owner, through the database: the API's own limits are not what is tested. */
  newRoom(...members: Name[]): Promise<string>;
}

export async function openModeratedRooms(redisUrl: string): Promise<ModeratedRooms> {
  const one = await createTestServer({ redisUrl });
  const overrides = { deps: { live: { checkEveryMs: 3_600_000 } } };
  const two = await createTestServer({ redisUrl, besides: one, overrides });
  const as = {} as Record<Name, TestClient>;
  const idOf = {} as Record<Name, string>;
  for (const name of NAMES) {
    as[name] = await one.signedInClient(name);
    idOf[name] = String(Object((await as[name].query("auth.me")).data).user.id);
  }
  return {
    one,
    two,
    as,
    idOf,
    async newRoom(...members) {
      const nowMs = Date.now();
      return one.server.context.db.write((tx) => {
        const { id: roomId } = roomQueries.create(tx, { slug: `room-${randomUUID()}`, name: "Ranks", nowMs });
        roomQueries.join(tx, { roomId, userId: idOf.bo, role: "owner", nowMs });
        for (const name of members) {
          roomQueries.join(tx, { roomId, userId: idOf[name], role: name === "cy" ? "moderator" : "member", nowMs });
        }
        return roomId;
      });
    },
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}
