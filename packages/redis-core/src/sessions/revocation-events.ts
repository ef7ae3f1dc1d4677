import type { CoreContext } from "../context.ts";
import type { Subscription } from "../port.ts";
import { fromBase64Url, randomHex, toBase64Url } from "../random.ts";
import type { Revocation, RevocationListening, StopListening } from "./sessions.ts";

/** One revocation that is under way. */
export interface Telling {
  readonly channel: string;
  /** What the script's message begins with: process, operation and user. */
  readonly sender: string;
  /** Tells the listeners of this process, who may have heard of it by the channel already. */
  emit(revocation: Revocation): void;
}

const mostRemembered = 1_000;

/**
 * Revocations as they reach this process: its own as soon as it knows, those of others by the channel. Each at most
 * once, also when its script ran twice; a lost connection is told as a gap.
 */
export class RevocationEvents {
  readonly #channel: string;
  readonly #context: CoreContext;
  readonly #origin = randomHex(8);
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  readonly #subscriptions = new Set<Promise<Subscription>>();
  /** Operations told of, oldest first. */
  readonly #told = new Set<string>();
  #operations = 0;

  constructor(context: CoreContext) {
    this.#context = context;
    this.#channel = context.keys.session.revocations();
    context.onClose(async () => {
      this.#listeners.clear();
      await Promise.allSettled([...this.#subscriptions].map(async (each) => (await each).close()));
    });
  }

  begin(userId: string): Telling {
    this.#operations += 1;
    const operation = `${this.#origin}.${this.#operations}`;
    return {
      channel: this.#channel,
      sender: `${operation}|${toBase64Url(new TextEncoder().encode(userId))}`,
      emit: (revocation) => {
        if (this.#isNews(operation)) {
          this.#listeners.forEach((listener) => this.#tell(listener, revocation));
        }
      },
    };
  }

  listen(listener: (revocation: Revocation) => void, { onGap }: RevocationListening = {}): StopListening {
    const own = (revocation: Revocation) => listener(revocation);
    this.#listeners.add(own);
    const subscription = this.#context.state.subscribe([this.#channel], {
      onMessage: (message) => this.#hear(message),
      onGap: () => onGap?.(),
    });
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

  /** Each subscription hears a message; the first tells all listeners. */
  #hear(message: string): void {
    const [operation = ""] = message.split("|", 1);
    const revocation = parseMessage(message);
    if (revocation && this.#isNews(operation)) {
      this.#listeners.forEach((listener) => this.#tell(listener, revocation));
    }
  }

  #isNews(operation: string): boolean {
    if (this.#told.has(operation)) {
      return false;
    }
    this.#told.add(operation);
    if (this.#told.size > mostRemembered) {
      const [oldest = ""] = this.#told;
      this.#told.delete(oldest);
    }
    return true;
  }

  #tell(listener: (revocation: Revocation) => void, revocation: Revocation): void {
    try {
      listener(revocation);
    } catch (error) {
      this.#context.telemetry.log("error", "session_revocation_listener_threw", { error: String(error) });
    }
  }
}

function parseMessage(message: string): Revocation | null {
  const [, user = "", kind, rest = ""] = message.split("|");
  const bytes = fromBase64Url(user);
  if (!bytes) {
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
