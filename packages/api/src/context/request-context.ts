import { clientAddress } from "@cardinal/redis-core/http";
import type { AppDeps } from "../deps/app-deps.ts";
import type { PolicyDecision } from "../deps/rate-limits.ts";
import { type Identity, identify } from "./identity.ts";
import { RequestHandle } from "./request-handle.ts";
import { headerOf, type RequestSource } from "./request-source.ts";
import { ResponseNotes } from "./response-notes.ts";

/**
 * Everything a procedure may use: built once per request (per connection for a WebSocket), nothing global.
 */
export interface RequestContext {
  readonly deps: AppDeps;
  readonly source: RequestSource;
  readonly requestId: string;
  /** What anonymous callers are counted by. */
  readonly address: string;
  /** What the response will carry: cookies, limit headers. */
  readonly response: ResponseNotes;
  /** Decisions made for this request, for its headers. */
  readonly decisions: PolicyDecision[];
  /** Its call was counted before and costs no limit again. */
  readonly isPaid?: boolean;
  /**
   * Who calls. Over HTTP asked once per request; over a WebSocket at every call, since a session may end
   * while the connection lives.
   */
  identity(): Promise<Identity>;
}

const contexts = new WeakMap<RequestHandle, RequestContext>();

/** A factory of tRPC contexts over one set of dependencies. */
export function createContextFactory(deps: AppDeps): (source: RequestSource) => RequestHandle {
  return (source) => {
    const handle = new RequestHandle();
    const response = new ResponseNotes();
    let known: Promise<Identity> | undefined;
    contexts.set(handle, {
      deps,
      source,
      requestId: source.requestId,
      address: clientAddress(source.remoteAddress, headerOf(source, "x-forwarded-for"), {
        hops: deps.config.trustedProxyHops,
      }),
      response,
      decisions: [],
      identity() {
        if (source.transport === "websocket") {
          return identify(deps, source, response);
        }
        known ??= identify(deps, source, response);
        return known;
      },
    });
    return handle;
  };
}

/**
 * The context of one topic of a feed: the same caller on the same connection, verified once. A topic that is paid for
 * costs no limit.
 */
export function handleForTopic(request: RequestContext, isPaid: boolean): RequestHandle {
  const handle = new RequestHandle();
  contexts.set(handle, { ...request, isPaid, source: { ...request.source, transport: "feed" } });
  return handle;
}

/** The context behind a handle of ours. */
export function requestOf(handle: RequestHandle): RequestContext {
  const context = contexts.get(handle);
  if (context === undefined) {
    throw new TypeError("This context was not made by createContextFactory.");
  }
  return context;
}

/** As `requestOf`, for the error formatter, which may run before there is a context. */
export function findRequest(handle: RequestHandle): RequestContext | undefined {
  return contexts.get(handle);
}
