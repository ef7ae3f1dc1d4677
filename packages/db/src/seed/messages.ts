import type { WriteTransaction } from "../database/transaction.ts";
import * as messageQueries from "../queries/message.ts";
import * as readStateQueries from "../queries/read-state.ts";
import { createConversations, type SpokenLine } from "./conversations/create-conversations.ts";
import { DEMO_USERNAMES, type SeededMember } from "./members.ts";
import { createRandom, type Random } from "./random.ts";
import type { SeededRoom } from "./rooms.ts";
import { createNextId, MS, SEED_NOW_MS, type NextId } from "./seed-time.ts";

const WEEKS = 8;
const EMOJIS = ["👍", "🎉", "❤️", "😄", "👀", "🙏", "🔥"];
const EDITS = ["(edit: typo)", "(edited: fewer words)", "Edit: thank you all!"];
const EDIT_SHARE = 0.02;
const DELETE_SHARE = 0.008;
const REACTION_SHARE = 0.12;

/** Something that happens in a room at an instant. Things happen in the order of their instants. */
interface Happening {
  atMs: number;
  happen(tx: WriteTransaction): void;
}

/**
 * Fills the rooms: conversations over eight weeks, with replies, mentions, reactions, some edits and a few
 * deletions, all through the queries the product uses, so that log, heads and read states agree.
 */
export function seedMessages(tx: WriteTransaction, rooms: readonly SeededRoom[]): void {
  const nextId = createNextId(3);
  const planned = rooms.map((room, index) => {
    const random = createRandom(7_000 + index);
    const lines = createConversations({
      scripts: room.plan.conversations,
      count: room.plan.messages,
      speakers: room.members,
      random,
      fromMs: SEED_NOW_MS - WEEKS * 7 * MS.day,
      toMs: SEED_NOW_MS - MS.hour,
      // What they have not read yet was not written by them.
      quiet: { usernames: DEMO_USERNAMES, fromMs: SEED_NOW_MS - 3 * MS.day },
    });
    return { room, random, happenings: lines.flatMap((line) => happeningsOf(line, { room, random, nextId })) };
  });
  // In the order of time across the rooms too: it is the order in which search finds them.
  const happenings = planned.flatMap((plan) => plan.happenings).toSorted((a, b) => a.atMs - b.atMs);
  for (const { happen } of happenings) happen(tx);
  for (const { room, random } of planned) seedReadStates(tx, room, random);
}

function happeningsOf(
  line: SpokenLine,
  context: { room: SeededRoom; random: Random; nextId: NextId },
): Happening[] {
  const { room, random } = context;
  const { atMs, speaker } = line;
  const messageId = context.nextId(atMs);
  line.messageId = messageId;
  const addressed = line.answers !== undefined && random.chance(0.14) ? line.answers : undefined;
  const isReply = line.answers !== undefined && addressed === undefined && random.chance(0.1);
  const body = addressed === undefined ? line.text : `@${addressed.speaker.username} ${line.text}`;
  const happenings: Happening[] = [
    {
      atMs,
      happen: (tx) => {
        messageQueries.appendMessage(tx, {
          id: messageId,
          roomId: room.id,
          authorId: speaker.id,
          body,
          replyToId: isReply ? (line.answers?.messageId ?? null) : null,
          mentionedUserIds: addressed === undefined ? [] : [addressed.speaker.id],
          nowMs: atMs,
        });
      },
    },
  ];
  if (random.chance(DELETE_SHARE)) {
    const nowMs = atMs + random.integer(20, 300) * 1_000;
    const removal = { messageId, actorId: speaker.id, nowMs };
    happenings.push({ atMs: nowMs, happen: (tx) => void messageQueries.remove(tx, removal) });
  } else if (random.chance(EDIT_SHARE)) {
    const nowMs = atMs + random.integer(15, 240) * 1_000;
    const edited = `${body} ${random.pick(EDITS)}`;
    happenings.push({
      atMs: nowMs,
      happen: (tx) => void messageQueries.edit(tx, { messageId, actorId: speaker.id, body: edited, nowMs }),
    });
  }
  if (random.chance(REACTION_SHARE)) happenings.push(...reactionsTo(messageId, atMs, speaker, context));
  return happenings;
}

function reactionsTo(
  messageId: string,
  atMs: number,
  author: SeededMember,
  { room, random }: { room: SeededRoom; random: Random },
): Happening[] {
  const emoji = random.pick(EMOJIS);
  const others = room.members.filter((member) => member.id !== author.id);
  return random
    .shuffle(others)
    .slice(0, random.integer(1, 4))
    .map((member) => {
      const nowMs = atMs + random.integer(10, 900) * 1_000;
      const change = { messageId, userId: member.id, emoji, on: true, nowMs };
      return { atMs: nowMs, happen: (tx) => void messageQueries.react(tx, change) };
    });
}

/** Half of the members have read everything; the others stopped a little before the end. */
function seedReadStates(tx: WriteTransaction, room: SeededRoom, random: Random): void {
  for (const member of room.members) {
    const isDemo = DEMO_USERNAMES.some((username) => username === member.username);
    const behind = isDemo ? random.integer(1, 9) : random.chance(0.5) ? 0 : random.integer(1, 60);
    readStateQueries.markRead(tx, {
      userId: member.id,
      roomId: room.id,
      number: room.plan.messages - behind,
      nowMs: SEED_NOW_MS,
    });
  }
}
