import { isPassing, readFault } from "@cardinal/client/errors";
import { createCardinalLinks } from "@cardinal/client/links";
import type { AppRouter } from "@cardinal/api";
import { QueryClient } from "@tanstack/react-query";
import { createTRPCClient } from "@trpc/client";
import { createTRPCQueryUtils } from "@trpc/react-query";
import { forcedTransport } from "./forced-transport.ts";
import { infiniteQueryLink } from "./infinite-query-link.ts";
import { currentMember, expireSession } from "./session-state.ts";
import { trpc } from "./trpc.ts";

const MAX_RETRIES = 2;

/** The live connection of this tab and the links every call goes through. */
export const live = createCardinalLinks({
  url: location.origin,
  transport: forcedTransport(location.search),
  tabs: { member: currentMember },
  onFault: (fault) => {
    if (fault.code === "UNAUTHORIZED" && fault.reason !== "WRONG_CREDENTIALS") expireSession();
  },
});

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A refusal stays a refusal; only what may pass is asked again.
      retry: (failures, error) => failures < MAX_RETRIES && isPassing(readFault(error)),
    },
  },
});

/** What the hooks of `trpc` call with. */
export const hooksClient = trpc.createClient({ links: [infiniteQueryLink, ...live.links] });

/** Subscriptions, and the outbox's sends, which outlive the component they began in. */
export const liveClient = createTRPCClient<AppRouter>({ links: live.links });

/** The queries of `trpc` outside of React: loaders, stores. */
export const api = createTRPCQueryUtils({ queryClient, client: hooksClient });
