import { isDeepStrictEqual } from "node:util";
import type { Message } from "@cardinal/api/schemas";
import { createCardinalClient } from "@cardinal/client";
import { roomEventQueries, type RoomHead, roomQueries } from "@cardinal/db";
import type { Reader } from "./reader.ts";
import type { RoomView } from "./room-view.ts";
import type { World } from "./world.ts";
import type { Writer } from "./writer.ts";

const PAGE_SIZE = 100;

/** What is wrong with what readers see and writers were told, held against the log. */
export async function judge(
  world: World,
  roomId: string,
  readers: readonly Reader[],
  writer: Writer,
): Promise<string[]> {
  const { head, log } = await world.db.read((tx) => {
    const found = roomQueries.findHead(tx, roomId);
    if (!found) throw new TypeError("the room is gone");
    return { head: found, log: roomEventQueries.range(tx, roomId, 0, found.headSeq) };
  });
  const faults = writer.faults.map((fault) => `a writer: ${fault}`);
  log.forEach(({ seq }, index) => {
    if (seq !== head.minSeq + index) faults.push(`the log has ${seq} as entry ${index} from ${head.minSeq} on`);
  });
  if (log.length !== head.headSeq - head.minSeq + 1) faults.push("the log does not end at its head");
  const history = await readHistory(world, roomId);
  for (const { clientMessageId, seq } of writer.acknowledged) {
    const found = history.filter((message) => message.clientMessageId === clientMessageId);
    if (found.length !== 1) faults.push(`the message acknowledged as ${seq} is there ${found.length} times`);
  }
  readers.forEach((reader, index) => {
    const wrong = [
      ...reader.view.faults,
      ...reader.refusals.map((refusal) => `was refused: ${refusal}`),
      ...compare(reader.view, head, log, history),
    ];
    faults.push(...wrong.map((fault) => `reader ${index} (${reader.transport}, ${reader.state}): ${fault}`));
  });
  return faults;
}

function compare(
  view: RoomView,
  head: RoomHead,
  log: readonly { readonly seq: number; readonly kind: string }[],
  history: readonly Message[],
): string[] {
  const { position } = view;
  if (position?.seq !== head.headSeq || position.epoch !== head.epoch) {
    return [`stands at ${position?.seq}, the log at ${head.headSeq}`];
  }
  const faults: string[] = [];
  const kinds = new Map(log.map(({ seq, kind }) => [seq, kind]));
  for (const { seq, kind } of view.events) {
    if (seq >= head.minSeq && kinds.get(seq) !== kind) faults.push(`event ${seq} is ${kind}, not ${kinds.get(seq)}`);
  }
  const expected = history.filter(({ number }) => number >= view.firstNumber);
  if (expected.length !== view.messages.size) faults.push(`has ${view.messages.size} messages of ${expected.length}`);
  for (const message of expected) {
    const seen = view.messages.get(message.id);
    if (!isDeepStrictEqual(seen, message)) {
      faults.push(`shows ${JSON.stringify(seen)} for ${JSON.stringify(message)}`);
    }
  }
  return faults;
}

/** The whole room as the API tells it. */
async function readHistory(world: World, roomId: string): Promise<Message[]> {
  using client = createCardinalClient({ url: world.place(0).url, token: world.member(0).token });
  const messages: Message[] = [];
  for (let before: number | undefined; ; ) {
    const page = await client.trpc.chat.history.query({
      roomId,
      limit: PAGE_SIZE,
      ...(before === undefined ? {} : { before }),
    });
    messages.unshift(...page.messages);
    before = page.messages[0]?.number;
    if (!page.hasMore) return messages;
  }
}
