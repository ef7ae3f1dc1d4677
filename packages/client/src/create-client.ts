import type { AppRouter } from "@cardinal/api";
import { createTRPCClient } from "@trpc/client";
import type { TRPCClient } from "@trpc/client";
import { createCardinalLinks } from "./links.ts";
import type { CardinalLinksOptions } from "./links.ts";
import type { Connection } from "./live/connection.ts";
import { createLiveCalls } from "./live/live-calls.ts";
import type { LiveCalls } from "./live/live-calls.ts";

export type CardinalClientOptions = CardinalLinksOptions;

export interface CardinalClient {
  /** Every procedure, typed: `client.trpc.room.list.query()`. */
  readonly trpc: TRPCClient<AppRouter>;
  /** Every subscription to loop over: `for await (const { data } of client.live.chat.onEvent({ roomId }))`. */
  readonly live: LiveCalls;
  readonly connection: Connection;
  /** Reconnects at once; subscriptions resume where they stood. */
  restart(): void;
  /** Ends every subscription and the connection, so that the process can exit. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * A typed client for any TypeScript program, in Node 20 and later or a browser.
 *
 * Calls fail with `TRPCClientError`; `readFault(error)` tells its stable `reason` and the rate limit.
 * Subscriptions reconnect by themselves and lose nothing: after a break the server replays what came after
 * the last event seen, on a WebSocket or on SSE. Nothing is resent that could happen twice: mutations are
 * never retried here.
 *
 * ```ts
 * using client = createCardinalClient({ url: "http://localhost:3000", token });
 * const { rooms } = await client.trpc.room.list.query();
 * for await (const { data } of client.live.chat.onEvent({ roomId: rooms[0].id }, { signal })) console.log(data);
 * ```
 */
export function createCardinalClient(options: CardinalClientOptions): CardinalClient {
  const links = createCardinalLinks(options);
  const trpc = createTRPCClient<AppRouter>({ links: links.links });
  return {
    trpc,
    live: createLiveCalls(trpc),
    connection: links.connection,
    restart: links.restart,
    close: links.close,
    [Symbol.dispose]: links.close,
  };
}
