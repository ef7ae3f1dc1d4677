import type { CardinalLinksOptions } from "@cardinal/client/links";

type Transport = NonNullable<CardinalLinksOptions["transport"]>;

const KEY = "cardinal.transport";
const TRANSPORTS: readonly Transport[] = ["auto", "websocket", "sse"];

/** Which transport the address asks for (`?transport=sse`); it holds for this tab, until another is asked for. */
export function forcedTransport(search: string): Transport {
  const asked = TRANSPORTS.find((name) => name === new URLSearchParams(search).get("transport"));
  try {
    if (asked) sessionStorage.setItem(KEY, asked);
    return TRANSPORTS.find((name) => name === sessionStorage.getItem(KEY)) ?? "auto";
  } catch {
    // Storage is blocked: it holds for this page.
    return asked ?? "auto";
  }
}
