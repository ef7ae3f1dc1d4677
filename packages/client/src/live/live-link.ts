import type { AppRouter } from "@cardinal/api";
import type { TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { Unsubscribable } from "@trpc/server/observable";
import { isPassing, readFault } from "../errors.ts";
import { retryDelayMs } from "./backoff.ts";
import type { ConnectionTracker } from "./connection.ts";
import type { LiveSubscription, LiveTransports } from "./live-transports.ts";

/**
 * The link every subscription ends in. It keeps a subscription alive over failures and changes of transport:
 * each new attempt carries the id of the last tracked event, so that the server replays what was missed.
 * Refusals (a code for which `isPassing` says no) end it with an error; everything else is retried with full
 * jitter, or after the time the rate limiter asked for.
 */
export function liveLink(transports: LiveTransports, tracker: ConnectionTracker): TRPCLink<AppRouter> {
  return (runtime) =>
    ({ op, next }) =>
      observable((observer) => {
        const key = Symbol(op.path);
        let inner: Unsubscribable | null = null;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let lastEventId: string | undefined;
        let failures = 0;
        let opening = 0;

        const detach = () => {
          opening += 1;
          clearTimeout(timer);
          inner?.unsubscribe();
          inner = null;
        };

        const retryAfter = (delayMs: number) => {
          detach();
          failures += 1;
          tracker.set(key, "lost");
          tracker.setRetryAt(Date.now() + delayMs);
          timer = setTimeout(attach, delayMs);
        };

        const attach = () => {
          detach();
          const current = opening;
          const input: unknown = op.input;
          const resumed =
            lastEventId === undefined ? op : { ...op, input: { ...Object(input ?? {}), lastEventId } };
          const subscription = transports
            .link(runtime)({ op: resumed, next })
            .subscribe({
              next(envelope) {
                if (current !== opening) return;
                const { result } = envelope;
                if (result.type === "state") {
                  if (result.state === "pending") {
                    tracker.set(key, "served");
                  } else if (result.state === "connecting" && result.error) {
                    tracker.set(key, "lost");
                  }
                } else if (result.type === "started") {
                  tracker.set(key, "served");
                } else if (result.type !== "stopped") {
                  failures = 0;
                  if (result.id !== undefined) lastEventId = result.id;
                  tracker.set(key, "served");
                }
                observer.next(envelope);
              },
              error(error) {
                if (current !== opening) return;
                const fault = readFault(error);
                if (!isPassing(fault)) {
                  tracker.remove(key);
                  observer.error(error);
                  return;
                }
                retryAfter(fault.rateLimit?.retryAfterMs ?? retryDelayMs(failures));
              },
              complete() {
                if (current !== opening) return;
                tracker.remove(key);
                observer.complete();
              },
            });
          if (current === opening) inner = subscription;
          else subscription.unsubscribe();
        };

        const handle: LiveSubscription = {
          detach: () => {
            detach();
            tracker.set(key, failures > 0 || lastEventId !== undefined ? "lost" : "starting");
          },
          attach,
          end: () => {
            detach();
            tracker.remove(key);
            observer.complete();
          },
        };
        transports.add(handle);
        tracker.set(key, "starting");
        attach();
        return () => {
          transports.remove(handle);
          detach();
          tracker.remove(key);
        };
      });
}
