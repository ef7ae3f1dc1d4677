import type { AppRouter } from "@cardinal/api";
import { DEMO_PASSWORD } from "@cardinal/db";
import {
  createTRPCClient,
  createWSClient,
  httpSubscriptionLink,
  type TRPCClient,
  TRPCClientError,
  wsLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import type { TestClient } from "./test-client.ts";

export type Transport = "websocket" | "sse";

export interface LiveClient {
  readonly api: TRPCClient<AppRouter>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The token of a seeded login, as other programs sign in. */
export async function tokenOf(client: TestClient, username: string): Promise<string> {
  const { data } = await client.mutate("auth.signIn", { login: username, password: DEMO_PASSWORD, issueToken: true });
  return String(Object(data).token);
}

/** A program that holds a session token and listens over one of the transports. It reconnects quickly. */
export function openLiveClient(url: string, token: string, transport: Transport): LiveClient {
  if (transport === "sse") {
    const link = httpSubscriptionLink<AppRouter, typeof EventSource>({
      url: `${url}/api/trpc`,
      EventSource,
      eventSourceOptions: () => ({
        fetch: (address: string | URL, init: RequestInit) =>
          fetch(address, { ...init, headers: withAuthorization(init.headers, token) }),
      }),
    });
    return toLiveClient(createTRPCClient<AppRouter>({ links: [link] }), async () => {});
  }
  const socket = createWSClient({
    url: `${url.replace("http", "ws")}/api/trpc`,
    connectionParams: { token },
    retryDelayMs: () => 50,
  });
  return toLiveClient(createTRPCClient<AppRouter>({ links: [wsLink<AppRouter>({ client: socket })] }), () =>
    socket.close(),
  );
}

function toLiveClient(api: TRPCClient<AppRouter>, close: () => Promise<void>): LiveClient {
  return { api, close, [Symbol.asyncDispose]: close };
}

function withAuthorization(init: RequestInit["headers"], token: string): Headers {
  const headers = new Headers(init);
  headers.set("authorization", `Bearer ${token}`);
  return headers;
}

/** What a subscription delivered. */
export interface Collected<Frame> {
  readonly frames: Frame[];
  readonly ids: string[];
  /** `error.data.reason` of errors that ended it. */
  readonly reasons: unknown[];
  readonly isCompleted: () => boolean;
  /** Resolves once it is delivering. */
  readonly started: Promise<void>;
  stop(): void;
}

interface Handlers<Frame> {
  readonly onStarted: () => void;
  readonly onData: (envelope: { id: string; data: Frame }) => void;
  readonly onError: (error: unknown) => void;
  readonly onComplete: () => void;
}

/** Collects what `subscribe` delivers: `collect((handlers) => client.api.chat.onEvent.subscribe(input, handlers))`. */
export function collect<Frame>(
  subscribe: (handlers: Handlers<Frame>) => { unsubscribe(): void },
): Collected<Frame> {
  const frames: Frame[] = [];
  const ids: string[] = [];
  const reasons: unknown[] = [];
  const started = Promise.withResolvers<void>();
  let isCompleted = false;
  const subscription = subscribe({
    onStarted: () => {},
    onData: ({ id, data }) => {
      frames.push(data);
      ids.push(id);
      started.resolve();
    },
    onError: (error) => {
      reasons.push(error instanceof TRPCClientError ? (Object(error.data).reason ?? error.message) : error);
      started.resolve();
    },
    onComplete: () => {
      isCompleted = true;
    },
  });
  return {
    frames,
    ids,
    reasons,
    isCompleted: () => isCompleted,
    started: started.promise,
    stop: () => subscription.unsubscribe(),
  };
}
