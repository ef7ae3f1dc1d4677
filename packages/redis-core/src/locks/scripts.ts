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
  keys: ["lease", "waiters", "queue"],
  args: ["holder", "channel"],
});

export const fairAcquireScript = defineScript({
  name: "locks/fair-acquire",
  keys: ["lease", "fence", "waiters", "queue"],
  args: ["holder", "duration", "floor", "waiter", "waiting"],
});

export const leaveQueueScript = defineScript({
  name: "locks/leave-queue",
  keys: ["waiters", "queue"],
  args: ["waiter", "channel", "order"],
});

export const permitAcquireScript = defineScript({
  name: "locks/permit-acquire",
  keys: ["holders", "fence", "waiters"],
  args: ["holder", "duration", "floor", "waiter", "waiting", "permits"],
});

export const permitRenewScript = defineScript({
  name: "locks/permit-renew",
  keys: ["holders"],
  args: ["holder", "duration"],
});

export const permitReleaseScript = defineScript({
  name: "locks/permit-release",
  keys: ["holders", "past", "waiters"],
  args: ["holder", "channel"],
});

export const shareAcquireScript = defineScript({
  name: "locks/share-acquire",
  keys: ["holders", "fence", "waiters", "writers"],
  args: ["holder", "duration", "floor", "waiter", "waiting", "mode"],
});
