import { defineScript } from "../script/define-script.ts";

export const enterScript = defineScript({
  name: "presence/enter",
  keys: ["connections", "users", "order", "leaving", "version", "fence", "events"],
  args: ["field", "user", "state", "has_meta", "meta", "ttl", "ring"],
});

export const leaveScript = defineScript({
  name: "presence/leave",
  keys: ["connections", "users", "order", "leaving", "version", "events"],
  args: ["field", "grace", "ttl", "ring"],
});

export const sweepRoomScript = defineScript({
  name: "presence/sweep-room",
  keys: ["connections", "users", "order", "leaving", "version", "events", "fence"],
  args: ["incarnation", "grace", "ttl", "fence_ttl", "ring"],
});

export const beatScript = defineScript({
  name: "presence/beat",
  keys: ["users", "order", "leaving", "version", "events", "connections"],
  args: ["user", "has_meta", "meta", "lasts", "ttl", "ring"],
});

export const countScript = defineScript({
  name: "presence/count",
  keys: ["connections", "users", "leaving"],
  args: [],
  rest: "args",
});

export const dueScript = defineScript({
  name: "presence/due",
  keys: ["processes"],
  args: [],
});

export const listScript = defineScript({
  name: "presence/list",
  keys: ["users", "order", "version", "leaving"],
  args: ["after_since", "after_user", "limit"],
});

export const renewScript = defineScript({
  name: "presence/renew",
  keys: ["process", "rooms"],
  args: ["lease", "first", "ttl"],
});

export const registerScript = defineScript({
  name: "presence/register",
  keys: ["process", "rooms"],
  args: ["room", "ttl"],
});

export const noteLeaseScript = defineScript({
  name: "presence/note-lease",
  keys: ["processes"],
  args: ["incarnation", "ends", "ttl"],
});

export const claimScript = defineScript({
  name: "presence/claim",
  keys: ["process", "claim", "rooms"],
  args: ["sweeper", "claim_ttl", "tombstone_ttl"],
});

export const noteUserScript = defineScript({
  name: "presence/note-user",
  keys: ["rooms", "seen"],
  args: ["room", "version", "joined", "ttl", "seen_ttl"],
});

export const retireScript = defineScript({
  name: "presence/retire",
  keys: ["process", "rooms"],
  args: ["tombstone_ttl"],
});
