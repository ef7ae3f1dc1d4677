import { defineScript } from "../script/define-script.ts";

export const createScript = defineScript({
  name: "sessions/create",
  keys: ["user"],
  args: [
    "digest",
    "touch_every_ms",
    "idle_ms",
    "absolute_ms",
    "max_per_user",
    "on_max",
    "channel",
    "sender",
    "payload",
  ],
});

export const verifyScript = defineScript({
  name: "sessions/verify",
  keys: ["user"],
  args: ["digest", "terms"],
});

export const replaceScript = defineScript({
  name: "sessions/replace",
  keys: ["user"],
  args: ["id", "revision", "payload"],
});

export const rotateScript = defineScript({
  name: "sessions/rotate",
  keys: ["user"],
  args: ["digest", "new_digest", "touch_every_ms", "idle_ms", "grace_ms"],
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
