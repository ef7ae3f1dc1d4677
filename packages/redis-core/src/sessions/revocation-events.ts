import type { CoreContext } from "../context.ts";
import type { Subscription } from "../port.ts";
import { fromBase64Url, randomHex, toBase64Url } from "../random.ts";
import type { Revocation, RevocationListening, StopListening } from "./sessions.ts";

/**
 * Revocations as they reach this process: its own at once, those of others by the channel. At most once; a
 * lost connection is told as a gap.
 */
export class RevocationEvents {
  readonly channel: string;
  readonly #context: CoreContext;
  readonly #origin = randomHex(8);
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  readonly #subscriptions = new Set<Promise<Subscription>>();

  constructor(context: CoreContext) {
    this.#context = context;
    this.channel = context.keys.session.revocations();
    context.onClose(async () => {
      this.#listeners.clear();
      await Promise.allSettled([...this.#subscriptions].map(async (each) => (await each).close()));
    });
  }

  /** What messages about a user begin with: who sends them, and the user. */
  sender(userId: string): string {
    return `${this.#origin}|${toBase64Url(new TextEncoder().encode(userId))}`;
  }

  /** Tells the listeners of this process. */
  emit(revocation: Revocation): void {
    for (const listener of this.#listeners) {
      try {
        listener(revocation);
      } catch (error) {
        this.#context.telemetry.log("error", "session_revocation_listener_threw", { error: String(error) });
      }
    }
  }

  listen(listener: (revocation: Revocation) => void, { onGap }: RevocationListening = {}): StopListening {
    const own = (revocation: Revocation) => listener(revocation);
    this.#listeners.add(own);
    const handler = {
      onMessage: (message: string) => {
        const revocation = this.#parse(message);
        if (revocation && this.#listeners.has(own)) {
          own(revocation);
        }
      },
      onGap: () => onGap?.(),
    };
    const subscription = this.#context.state.subscribe([this.channel], handler);
    this.#subscriptions.add(subscription);
    const ready = subscription.then(() => {});
    ready.catch(() => {});
    const stop = () => {
      this.#listeners.delete(own);
      this.#subscriptions.delete(subscription);
      subscription.then((each) => each.close()).catch(() => {});
    };
    return Object.assign(stop, { ready });
  }

  #parse(message: string): Revocation | null {
    const [origin, user = "", kind, rest = ""] = message.split("|");
    const bytes = fromBase64Url(user);
    if (origin === this.#origin || !bytes) {
      return null;
    }
    const userId = new TextDecoder().decode(bytes);
    switch (kind) {
      case "some":
        return { userId, kind, ids: rest.split(",").filter((id) => id !== "") };
      case "others":
        return { userId, kind, keptId: rest };
      case "all":
        return { userId, kind };
      default:
        return null;
    }
  }
}
