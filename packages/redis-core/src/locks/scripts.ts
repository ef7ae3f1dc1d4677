import { defineScript } from "../script/define-script.ts";

export const acquireScript = defineScript({
  name: "locks/acquire",
  keys: ["lease", "fence", "waiters"],
  args: ["holder", "duration", "floor", "waiter", "waiting"],
});

export const renewScript = defineScript({
  name: "locks/renew",
  keys: ["lease"],
  args: ["holder", "duration"],
});

export const releaseScript = defineScript({
  name: "locks/release",
  keys: ["lease", "waiters"],
  args: ["holder", "channel"],
});
