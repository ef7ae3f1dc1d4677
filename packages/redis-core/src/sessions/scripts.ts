import { defineScript } from "../script/define-script.ts";

export const createScript = defineScript({
  name: "sessions/create",
  keys: ["user"],
  args: ["id", "digest", "idle_ms", "absolute_ms", "max_per_user", "channel", "sender", "payload"],
});

export const verifyScript = defineScript({
  name: "sessions/verify",
  keys: ["user"],
  args: ["lookup", "digest", "idle_ms", "touch_every_ms", "ticket", "ticket_ms"],
});

export const replaceScript = defineScript({
  name: "sessions/replace",
  keys: ["user"],
  args: ["id", "revision", "payload"],
});

export const rotateScript = defineScript({
  name: "sessions/rotate",
  keys: ["user"],
  args: ["lookup", "digest", "new_lookup", "new_digest", "idle_ms", "grace_ms"],
});

export const dropScript = defineScript({
  name: "sessions/drop",
  keys: ["user"],
  args: ["mode", "channel", "sender"],
  rest: "args",
});

export const listScript = defineScript({ name: "sessions/list", keys: ["user"], args: [] });

export const restoreScript = defineScript({
  name: "sessions/restore",
  keys: ["user"],
  args: ["ticket", "id", "pointer", "expires_at_ms", "record"],
});
