import { setTimeout as wait } from "node:timers/promises";
import { type CardinalClient, createCardinalClient, isPassing, readFault } from "@cardinal/client";
import type { World } from "./world.ts";

const ANSWER_WITHIN_MS = 2_500;
const RETRY_MS = 80;

/** A change of a room. `of` picks one of the messages sent before, whatever their number. */
export interface Change {
  readonly kind: "send" | "edit" | "remove" | "react" | "pin";
  readonly member: number;
  readonly server: number;
  readonly of: number;
}

/** What was acknowledged: a message's place in the log. */
interface Acknowledged {
  readonly clientMessageId: string;
  readonly messageId: string;
  readonly memberIndex: number;
  readonly seq: number;
}

/** What a message that is gone, or has enough, is refused for. */
const EXPLAINED = new Set(["MESSAGE_NOT_FOUND", "TOO_MANY_REACTIONS", "TOO_MANY_PINS"]);
const EMOJI = ["👍", "🎉", "❤️", "🚀"] as const;

/**
 * Changes a room through whatever server it is told to, and through the next ones while the answer stays out, as
 * clients do: a message keeps its `clientMessageId`, and all other changes say what shall be.
 */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  /** Answers that may not be: neither done, nor refused for a reason that the story explains. */
  readonly faults: string[] = [];
  readonly #world: World;
  readonly #roomId: string;
  readonly #clients = new Map<string, CardinalClient>();
  #count = 0;

  constructor(world: World, roomId: string) {
    this.#world = world;
    this.#roomId = roomId;
  }

  /** Resolves when it was acknowledged or refused. */
  async write(change: Change): Promise<void> {
    this.#count += 1;
    const count = this.#count;
    if (change.kind === "send" || this.acknowledged.length === 0) {
      await this.#send(change, count);
      return;
    }
    const target = this.acknowledged[change.of % this.acknowledged.length];
    if (!target) return;
    const { messageId } = target;
    // Only its owner, the first member, pins in a room.
    const members = { send: 0, react: change.member, pin: 0, edit: target.memberIndex, remove: target.memberIndex };
    const member = members[change.kind];
    await this.#until(member, change.server, ({ trpc }, signal) => {
      if (change.kind === "edit") {
        return trpc.chat.edit.mutate({ messageId, body: `changed by ${count}` }, { signal });
      }
      if (change.kind === "remove") return trpc.chat.remove.mutate({ messageId }, { signal });
      if (change.kind === "pin") return trpc.chat.pin.mutate({ messageId, on: count % 3 > 0 }, { signal });
      const emoji = EMOJI[change.of % EMOJI.length] ?? "👍";
      return trpc.chat.react.mutate({ messageId, emoji, on: count % 3 > 0 }, { signal });
    });
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  async #send(change: Change, count: number): Promise<void> {
    const clientMessageId = crypto.randomUUID();
    const body = `message ${count} by member ${change.member}`;
    const sent = await this.#until(change.member, change.server, ({ trpc }, signal) =>
      trpc.chat.send.mutate({ roomId: this.#roomId, body, clientMessageId }, { signal }),
    );
    if (sent === null || !("seq" in sent)) {
      this.faults.push(`message ${count} was refused`);
      return;
    }
    const { message, seq } = sent;
    this.acknowledged.push({ clientMessageId, messageId: message.id, memberIndex: change.member, seq });
  }

  /** Null: it was refused, which a message that is gone may be. */
  async #until<T>(
    member: number,
    server: number,
    call: (client: CardinalClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T | null> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call(this.#client(member, server + attempt), AbortSignal.timeout(ANSWER_WITHIN_MS));
      } catch (error) {
        const fault = readFault(error);
        if (EXPLAINED.has(fault.reason ?? "")) return null;
        if (!isPassing(fault)) {
          this.faults.push(JSON.stringify(fault));
          return null;
        }
        await wait(RETRY_MS);
      }
    }
  }

  #client(member: number, server: number): CardinalClient {
    const { url } = this.#world.place(server);
    const { token } = this.#world.member(member);
    const key = `${url} ${token}`;
    const client = this.#clients.get(key) ?? createCardinalClient({ url, token });
    this.#clients.set(key, client);
    return client;
  }
}
