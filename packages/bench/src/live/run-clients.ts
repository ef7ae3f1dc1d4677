import { join } from "node:path";
import { HelperProcess } from "./processes/helper-process.ts";
import type { ClientProcess, Target } from "./clients/client-process.ts";
import type { LiveContender, RunningContender } from "./live-contender.ts";
import type { Load } from "./loads.ts";
import type { Schedule, Sent } from "./sender.ts";

const PROCESSES = 2;
const script = join(import.meta.dirname, "clients/client-process.ts");

export interface ClientFigures {
  readonly delays: Float32Array;
  readonly received: number;
  readonly lost: number;
  readonly twice: number;
  readonly disordered: number;
  readonly cut: number;
}

/** All clients of a load, in processes of their own. */
export class Clients implements AsyncDisposable {
  readonly #helpers = Array.from({ length: PROCESSES }, () => new HelperProcess<ClientProcess>(script));

  /** Connects a load's clients, spread over the servers; resolves when all are in their rooms. */
  async open(contender: LiveContender, { urls }: RunningContender, load: Load): Promise<void> {
    const { seats, roomIds } = contender.filled.get(load.name) ?? { seats: [], roomIds: [] };
    const targets = seats.map((seat, index): Target => {
      const url = urls[Math.floor(index / load.rooms) % urls.length] ?? "";
      return { ...seat, room: roomIds.indexOf(seat.roomId), url, lastFrame: undefined };
    });
    await Promise.all(
      this.#helpers.map((helper, number) =>
        helper.ask("open", {
          protocol: contender.protocol,
          targets: targets.filter((_, index) => Math.floor(index / load.rooms / urls.length) % PROCESSES === number),
        }),
      ),
    );
  }

  /** Has members send. Those of one process do: they sit in every room, on every server. */
  async speak(schedule: Schedule): Promise<Sent> {
    const [first] = this.#helpers;
    if (first === undefined) {
      throw new TypeError("there are no clients");
    }
    return await first.askWithin(schedule.ms * 2 + 60_000, "speak", schedule);
  }

  /** Waits until every client has every message sent to its room, or so long; tells what came how. */
  async figures(sent: readonly Sent[], span: { fromMs: number; toMs: number }): Promise<ClientFigures> {
    let all = await this.#figures(sent, span);
    for (let left = 20; all.lost > 0 && left > 0; left -= 1) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      all = await this.#figures(sent, span);
    }
    return all;
  }

  async forget(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.ask("forget")));
  }

  async cut(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.ask("cut")));
  }

  /** The milliseconds until the last of `clients` who come back has `events` events. */
  async comeBack(clients: number, events: number, withinMs: number): Promise<{ ms: number; received: number }> {
    const count = (clients / PROCESSES) * events;
    const each = await Promise.all(this.#helpers.map((helper) => helper.ask("comeBack", { count, withinMs })));
    return {
      ms: Math.max(...each.map(({ ms }) => ms)),
      received: each.reduce((sum, { received }) => sum + received, 0),
    };
  }

  /** Microseconds of processor time until now. */
  async cpuUs(): Promise<number> {
    const each = await Promise.all(this.#helpers.map((helper) => helper.ask("cpu")));
    return each.reduce((sum, { us }) => sum + us, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper[Symbol.asyncDispose]()));
  }

  async #figures(sent: readonly Sent[], span: { fromMs: number; toMs: number }): Promise<ClientFigures> {
    const each = await Promise.all(this.#helpers.map((helper) => helper.ask("figures", { sent, ...span })));
    const sum = (of: (figures: ClientFigures) => number) => each.reduce((total, figures) => total + of(figures), 0);
    return {
      delays: concatenate(each.map(({ delays }) => delays)),
      received: sum(({ received }) => received),
      lost: sum(({ lost }) => lost),
      twice: sum(({ twice }) => twice),
      disordered: sum(({ disordered }) => disordered),
      cut: sum(({ cut }) => cut),
    };
  }
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
