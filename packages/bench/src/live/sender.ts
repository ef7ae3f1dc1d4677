import { answerParent } from "./processes/answer-parent.ts";
import { steadyMs } from "./processes/clock.ts";
import type { HelperProcess } from "./processes/helper-process.ts";

export interface Schedule {
  readonly roomIds: readonly string[];
  readonly perSecond: number;
  readonly ms: number;
  /** The number of the first message. */
  readonly from: number;
}

/** When each message was committed, by the steady clock, and which of the rooms it went to. */
export interface Sent {
  readonly from: number;
  readonly committedAtMs: Float64Array;
  readonly rooms: Uint16Array;
}

/** Stores a message and has it delivered; `committed` is called between the two. */
export type SendOne = (roomId: string, body: string, committed: () => void) => Promise<void> | void;

const BODY = " It is later than it was, and the tea has gone cold again; who is for another round before we deploy?";
const MOST_AT_ONCE = 50;

/** What a message with this number says. Clients find the number in the frame. */
export function bodyOf(number: number): string {
  return `#${String(number).padStart(7, "0")}${BODY}`;
}

/** Sends to the rooms in turn, at random moments that are the same for whoever is measured: members write when they like. */
export async function runSchedule({ roomIds, perSecond, ms, from }: Schedule, send: SendOne): Promise<Sent> {
  const record = newRecord(from);
  const random = arrivals(from + roomIds.length);
  const startedAtMs = steadyMs();
  const underWay: Promise<void>[] = [];
  let dueMs = 0;
  for (let index = 0; dueMs < ms; index += 1) {
    const room = index % roomIds.length;
    const waitMs = startedAtMs + dueMs - steadyMs();
    if (waitMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    underWay.push(record.send(send, roomIds[room] ?? "", room));
    dueMs += (-Math.log(1 - random()) * 1_000) / perSecond;
  }
  await Promise.all(underWay);
  return record.sent();
}

/** Answers the parent of a process that sends. */
export function serveSender(send: SendOne) {
  const answers = {
    ready: () => true,

    schedule: (schedule: Schedule): Promise<Sent> => runSchedule(schedule, send),

    /** Sends many, as fast as they are stored. */
    burst: async ({ roomId, count, from }: { roomId: string; count: number; from: number }): Promise<Sent> => {
      const record = newRecord(from);
      for (let left = count; left > 0; left -= MOST_AT_ONCE) {
        const some = Array.from({ length: Math.min(left, MOST_AT_ONCE) }, () => record.send(send, roomId, 0));
        await Promise.all(some);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return record.sent();
    },
  };
  answerParent(answers);
  return answers;
}

export type SenderAnswers = ReturnType<typeof serveSender>;
export type SenderProcess = HelperProcess<SenderAnswers>;

function newRecord(from: number) {
  const times: number[] = [];
  const rooms: number[] = [];
  return {
    async send(send: SendOne, roomId: string, room: number) {
      const index = rooms.length;
      rooms.push(room);
      times.push(0);
      await send(roomId, bodyOf(from + index), () => {
        times[index] = steadyMs();
      });
    },
    sent: (): Sent => ({ from, committedAtMs: Float64Array.from(times), rooms: Uint16Array.from(rooms) }),
  };
}

/** Numbers in [0, 1), the same for a seed: mulberry32. */
function arrivals(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
