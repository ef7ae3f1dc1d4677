import type { PresenceUser } from "@cardinal/api/schemas";
import { expect, it } from "vitest";
import { applyPresence } from "./apply-presence.ts";

const present = (id: string, state = "active"): PresenceUser => ({
  user: { id, username: id, displayName: id, role: "member", avatarHue: 0, createdAtMs: 0 },
  state,
  connections: 1,
  sinceMs: 0,
});
const snapshot = { kind: "snapshot" as const, version: 3, users: [present("cy"), present("ada")] };
const ids = (state: { users: readonly PresenceUser[] } | null) => state?.users.map(({ user }) => user.id);

it("begins with a snapshot, by name, and applies newer diffs", () => {
  const first = applyPresence(null, snapshot);
  expect(ids(first)).toEqual(["ada", "cy"]);
  const next = applyPresence(first, {
    kind: "diff",
    version: 4,
    joins: [present("bo")],
    leaves: ["cy"],
    updates: [present("ada", "idle")],
  });
  expect(ids(next)).toEqual(["ada", "bo"]);
  expect(next?.users[0]?.state).toBe("idle");
});

it("ignores a diff that is not newer, or that has nothing to apply to", () => {
  const first = applyPresence(null, snapshot);
  const old = { kind: "diff" as const, version: 3, joins: [], leaves: ["ada"], updates: [] };
  expect(applyPresence(first, old)).toBe(first);
  expect(applyPresence(null, old)).toBeNull();
});
