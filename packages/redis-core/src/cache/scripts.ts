import { defineScript } from "../script/define-script.ts";

export const readScript = defineScript({
  name: "cache/read",
  keys: ["meta"],
  args: ["token", "early", "manner"],
  rest: "keys",
});

export const fillScript = defineScript({
  name: "cache/fill",
  keys: ["meta"],
  args: ["token", "channel", "announce"],
  rest: "keys and args",
});

export const releaseScript = defineScript({
  name: "cache/release",
  keys: [],
  args: ["token", "channel", "back_off_ms"],
  rest: "keys and args",
});

export const renewScript = defineScript({
  name: "cache/renew",
  keys: [],
  args: ["token", "lease_ms"],
  rest: "keys",
});

export const writeScript = defineScript({
  name: "cache/write",
  keys: ["meta", "entry", "lease"],
  args: ["channel", "bucket", "key", "new_epoch", "meta_ttl_ms", "fresh_ms", "grace_ms", "tags", "text"],
});

export const expireScript = defineScript({
  name: "cache/expire",
  keys: ["meta", "entry", "lease"],
  args: ["channel", "bucket", "key"],
});

export const invalidateScript = defineScript({
  name: "cache/invalidate",
  keys: ["meta"],
  args: ["channel", "bucket", "new_epoch", "meta_ttl_ms", "most_tags", "mark"],
  rest: "args",
});

export const seqsScript = defineScript({ name: "cache/seqs", keys: ["meta"], args: [] });
