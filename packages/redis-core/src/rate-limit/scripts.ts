import { defineScript } from "../script/define-script.ts";

export const decideScript = defineScript({
  name: "rate-limit/decide",
  keys: [],
  args: ["mode", "cost", "reservation", "actual", "taken"],
  rest: "keys and args",
});

export const blockScript = defineScript({
  name: "rate-limit/block",
  keys: [],
  args: ["duration"],
  rest: "keys",
});
