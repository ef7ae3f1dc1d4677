import { defineScript } from "../script/define-script.ts";

export const submitScript = defineScript({
  name: "leaderboard/submit",
  keys: ["events", "operation"],
  args: ["member", "score", "update", "order", "rank", "operation_ttl"],
  rest: "keys and args",
});

export const rangeScript = defineScript({
  name: "leaderboard/range",
  keys: ["scores", "members", "version"],
  args: ["order", "from", "at", "at_score", "count"],
});

export const standingsScript = defineScript({
  name: "leaderboard/standings",
  keys: ["scores", "members"],
  args: ["order"],
  rest: "args",
});

export const removeScript = defineScript({
  name: "leaderboard/remove",
  keys: ["scores", "members", "version", "events"],
  args: ["member", "period"],
});

export const stageScript = defineScript({
  name: "leaderboard/stage",
  keys: ["scores", "members"],
  args: ["order", "first", "ttl"],
  rest: "args",
});

export const swapScript = defineScript({
  name: "leaderboard/swap",
  keys: ["staged_scores", "staged_members", "scores", "members", "version", "events"],
  args: ["count", "last", "expiry", "period"],
});
