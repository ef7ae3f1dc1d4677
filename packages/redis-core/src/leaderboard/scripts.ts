import { defineScript } from "../script/define-script.ts";

export const submitScript = defineScript({
  name: "leaderboard/submit",
  keys: ["events", "operation"],
  args: [
    "member",
    "score",
    "update",
    "direction",
    "rank",
    "max_members",
    "metadata",
    "operation_ttl",
    "main",
    "kinds",
  ],
  rest: "keys and args",
});

export const rangeScript = defineScript({
  name: "leaderboard/range",
  keys: ["order", "places"],
  args: ["direction", "rank", "from", "at", "at_score", "count"],
  rest: "keys",
});

export const standingsScript = defineScript({
  name: "leaderboard/standings",
  keys: ["order", "places"],
  args: ["direction", "rank", "want"],
  rest: "keys and args",
});

export const histogramScript = defineScript({
  name: "leaderboard/histogram",
  keys: ["order"],
  args: ["buckets"],
  rest: "args",
});

export const removeScript = defineScript({
  name: "leaderboard/remove",
  keys: ["order", "places", "events"],
  args: ["member", "period", "rank"],
  rest: "keys",
});

export const stageScript = defineScript({
  name: "leaderboard/stage",
  keys: ["order", "places"],
  args: ["direction", "rank", "first", "ttl"],
  rest: "keys and args",
});

export const swapScript = defineScript({
  name: "leaderboard/swap",
  keys: ["events"],
  args: ["count", "expiry", "period"],
  rest: "keys",
});

export const claimScript = defineScript({
  name: "leaderboard/claim",
  keys: ["order", "places", "final", "archive"],
  args: ["holder", "lease", "closes", "expiry", "direction", "winners", "keep"],
  rest: "keys",
});

export const settleScript = defineScript({
  name: "leaderboard/settle",
  keys: ["final"],
  args: ["holder", "outcome"],
});
