import { frameJson } from "../frame-json.ts";

const TEXT_FRAME = 0x81;
/** Clients number their calls from 1, so a few ids serve most of them; a frame for any other is made anew. */
const MOST_KEPT = 256;

/** What of a frame is the same for all who get it, and the messages made of it so far, by their beginnings. */
interface Shared {
  readonly eventId: string;
  readonly tail: Buffer;
  readonly messages: Map<string, Buffer>;
}

const sharedByFrame = new WeakMap<object, Shared>();

export type CallId = number | string;

/** How every answer to a call begins: `{"id":7`. */
export function beginningOf(id: CallId, jsonrpc: "2.0" | undefined): string {
  return JSON.stringify({ id, jsonrpc }).slice(0, -1);
}

/**
 * A tracked event of a subscription, as the bytes of a whole WebSocket message (RFC 6455 §5.2: final, text, unmasked).
 * The frame is serialised once, however many subscriptions get it; and the bytes are the same object for all whose
 * answers begin alike. They must not be changed.
 */
export function eventMessage(beginning: string, eventId: string, frame: object): Buffer {
  let shared = sharedByFrame.get(frame);
  if (shared?.eventId !== eventId) {
    shared = { eventId, tail: tailOf(eventId, frame), messages: new Map() };
    sharedByFrame.set(frame, shared);
  }
  const { tail, messages } = shared;
  let message = messages.get(beginning);
  if (message === undefined) {
    message = toMessage(beginning, tail);
    if (messages.size < MOST_KEPT) {
      messages.set(beginning, message);
    }
  }
  return message;
}

function tailOf(eventId: string, frame: object): Buffer {
  const id = JSON.stringify(eventId);
  return Buffer.from(`,"result":{"type":"data","data":{"id":${id},"data":${frameJson(frame)}},"id":${id}}}`);
}

function toMessage(beginning: string, tail: Buffer): Buffer {
  const length = Buffer.byteLength(beginning) + tail.length;
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const message = Buffer.allocUnsafe(headerLength + length);
  message[0] = TEXT_FRAME;
  if (headerLength === 2) {
    message[1] = length;
  } else if (headerLength === 4) {
    message[1] = 126;
    message.writeUInt16BE(length, 2);
  } else {
    message[1] = 127;
    message.writeBigUInt64BE(BigInt(length), 2);
  }
  const written = message.write(beginning, headerLength);
  tail.copy(message, headerLength + written);
  return message;
}
