import { defineScript } from "../script/define-script.ts";

export const incrementScript = defineScript({
  name: "counter/increment",
  keys: ["values", "seen", "operation"],
  args: [
    "item",
    "by",
    "keep",
    "max_items",
    "window",
    "takes_back",
    "has_operation",
    "write_behind",
    "half_life",
    "forget",
  ],
  rest: "keys",
});

export const rankedScript = defineScript({
  name: "counter/ranked",
  keys: ["ranked"],
  args: ["n", "forget"],
  rest: "keys",
});

export const countsScript = defineScript({
  name: "counter/counts",
  keys: ["values", "touched"],
  args: ["forget"],
  rest: "args",
});

export const claimScript = defineScript({
  name: "counter/claim",
  keys: ["pending", "claim"],
  args: ["holder", "lease", "batch", "keep"],
});

export const settleScript = defineScript({
  name: "counter/settle",
  keys: ["claim"],
  args: ["number", "holder", "outcome"],
});

export const loadScript = defineScript({
  name: "counter/load",
  keys: ["values"],
  args: ["keep", "max_items", "write_behind", "forgets"],
  rest: "keys and args",
});
