import type { CoreContext } from "../context.ts";
import type { Subscription } from "../port.ts";
import { randomHex } from "../random.ts";
import { waitUntil } from "../wait-until.ts";
import type { LeaseStore } from "./lease-store.ts";

/** One caller that waits for a lock. */
export interface Waiter {
  /** Random, known to Redis while it waits. */
  readonly name: string;
  /** Resolves when releases are heard, or after `ms`: looking now and then is slower and enough. */
  listening(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Resolves at a release meant for this waiter, or after `ms`. Rejects with the signal's reason. */
  woken(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Must be called when done, whatever the outcome; `wakesNext` when there may be room for another. */
  leave(wakesNext: boolean): void;
}

interface Seat extends Waiter {
  wake(): void;
}

interface Room {
  /** By name, in the order they came. */
  readonly seats: Map<string, Seat>;
  readonly subscribing: Promise<Subscription | null>;
}

const subscribeWithinMs = 1_000;

const rooms = new WeakMap<CoreContext, Map<string, Room>>();

/**
 * Enters the room of a lock: the callers of this process that wait for it. They share a subscription, and
 * a release wakes the first of them only, or the one it names, so that a crowd does not ask Redis all at once.
 */
export function enterWaitingRoom(context: CoreContext, store: LeaseStore): Waiter {
  const open = rooms.get(context) ?? new Map<string, Room>();
  rooms.set(context, open);
  const room = open.get(store.room) ?? openRoom(context, store.channels);
  open.set(store.room, room);
  const seat = createSeat(room, () => {
    if (room.seats.size === 0 && open.get(store.room) === room) {
      open.delete(store.room);
      room.subscribing.then((subscription) => subscription?.close()).catch(() => {});
    }
  });
  room.seats.set(seat.name, seat);
  return seat;
}

function openRoom(context: CoreContext, channels: readonly string[]): Room {
  const seats = new Map<string, Seat>();
  const wakeAll = () => {
    for (const seat of seats.values()) {
      seat.wake();
    }
  };
  const wake = (name: string) => {
    const [first] = seats.values();
    (name === "" ? first : seats.get(name))?.wake();
  };
  const subscribing = context.state.capabilities.subscribe
    ? context.state
        .subscribe(channels, { onMessage: wake, onGap: wakeAll })
        // Polling is slower and enough.
        .catch(() => null)
    : Promise.resolve(null);
  return { seats, subscribing };
}

function createSeat(room: Room, left: () => void): Seat {
  let isWoken = false;
  let resume: (() => void) | undefined;
  return {
    name: randomHex(8),
    wake() {
      isWoken = true;
      resume?.();
    },
    listening: (ms, signal) => settled(room.subscribing, Math.min(ms, subscribeWithinMs), signal),
    async woken(ms, signal) {
      if (!isWoken) {
        const wakeUp = Promise.withResolvers<void>();
        resume = wakeUp.resolve;
        await settled(wakeUp.promise, ms, signal);
        resume = undefined;
      }
      signal?.throwIfAborted();
      isWoken = false;
    },
    leave(wakesNext) {
      room.seats.delete(this.name);
      if (isWoken || wakesNext) {
        // Woken and gone before trying, the release was meant for whoever still waits.
        const [next] = room.seats.values();
        next?.wake();
      }
      left();
    },
  };
}

/** Resolves when it settles, or after `ms`. Rejects with the signal's reason. */
async function settled(
  promise: Promise<unknown>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await waitUntil(ms, { promise, signal });
  signal?.throwIfAborted();
}
