import { defineScript } from "../script/define-script.ts";

export const acquireScript = defineScript({
  name: "locks/acquire",
  keys: [],
  args: ["holder", "duration", "floor", "waiting"],
  rest: "keys",
});

export const renewScript = defineScript({
  name: "locks/renew",
  keys: [],
  args: ["holder", "duration", "token"],
  rest: "keys",
});

export const releaseScript = defineScript({
  name: "locks/release",
  keys: [],
  args: ["holder"],
  rest: "keys",
});

export const giveUpScript = defineScript({
  name: "locks/give-up",
  keys: [],
  args: ["holder"],
  rest: "keys",
});

export const inspectScript = defineScript({
  name: "locks/inspect",
  keys: [],
  args: [],
  rest: "keys",
});

export const forceReleaseScript = defineScript({
  name: "locks/force-release",
  keys: [],
  args: [],
  rest: "keys",
});

export const fairAcquireScript = defineScript({
  name: "locks/fair-acquire",
  keys: ["state", "waiters", "queue"],
  args: ["holder", "duration", "floor", "waiter", "waiting"],
});

export const fairReleaseScript = defineScript({
  name: "locks/fair-release",
  keys: ["state", "waiters", "queue"],
  args: ["holder"],
});

export const leaveQueueScript = defineScript({
  name: "locks/leave-queue",
  keys: ["waiters", "queue"],
  args: ["waiter", "channel", "order"],
});

export const permitAcquireScript = defineScript({
  name: "locks/permit-acquire",
  keys: ["holders", "fence", "waiters", "past"],
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
  args: ["holder", "channel", "why"],
});

export const shareAcquireScript = defineScript({
  name: "locks/share-acquire",
  keys: ["holders", "fence", "waiters", "writers", "past"],
  args: ["holder", "duration", "floor", "waiter", "waiting", "mode"],
});

export const holdersInspectScript = defineScript({
  name: "locks/holders-inspect",
  keys: ["holders", "fence", "waiters"],
  args: [],
});

export const holdersClearScript = defineScript({
  name: "locks/holders-clear",
  keys: ["holders", "waiters"],
  args: ["channel"],
});
