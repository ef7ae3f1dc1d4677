import { defineScript } from "../script/define-script.ts";

export const appendScript = defineScript({
  name: "channel/append",
  keys: ["stream", "listening", "operation"],
  args: ["message", "retain", "ttl", "operation_ttl", "ring", "doorbell"],
});

export const readScript = defineScript({
  name: "channel/read",
  keys: ["stream", "listening"],
  args: ["after", "limit", "listening_ttl"],
});

export const consumeScript = defineScript({
  name: "channel/consume",
  keys: ["stream", "listening", "consumer"],
  args: [
    "token",
    "lease",
    "acknowledged",
    "after",
    "limit",
    "from",
    "ttl",
    "listening_ttl",
    "ring",
    "doorbell",
    "name",
  ],
});
