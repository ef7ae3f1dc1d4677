import { defineScript } from "../script/define-script.ts";

export const incrementScript = defineScript({
  name: "counter/increment",
  keys: ["values", "seen", "operation"],
  args: ["item", "by", "keep", "maxItems", "window", "hasOperation"],
});
