import { defineScript } from "../script/define-script.ts";

export const decideScript = defineScript({
  name: "rate-limit/decide",
  keys: [],
  args: ["mode", "cost", "rules"],
  rest: "keys and args",
});

export const controlScript = defineScript({
  name: "rate-limit/control",
  keys: [],
  args: ["operation", "duration"],
  rest: "keys and args",
});

export const indexOverrideScript = defineScript({
  name: "rate-limit/index-override",
  keys: ["overrides"],
  args: ["duration", "most"],
  rest: "args",
});

export const recordScript = defineScript({
  name: "rate-limit/record",
  keys: [],
  args: ["retention", "most"],
  rest: "keys and args",
});

export const readStatisticsScript = defineScript({
  name: "rate-limit/read-statistics",
  keys: [],
  args: ["top"],
  rest: "keys",
});

export const turnScript = defineScript({
  name: "rate-limit/turn",
  keys: ["queue", "places"],
  args: ["ticket", "duration", "most"],
});
