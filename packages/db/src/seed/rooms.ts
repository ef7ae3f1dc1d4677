import type { WriteTransaction } from "../database/transaction.ts";
import * as roomQueries from "../queries/room.ts";
import { GENERAL } from "./conversations/general.ts";
import { HELP } from "./conversations/help.ts";
import { OFF_TOPIC } from "./conversations/off-topic.ts";
import { REDIS } from "./conversations/redis.ts";
import { SHOW_AND_TELL } from "./conversations/show-and-tell.ts";
import { TYPESCRIPT } from "./conversations/typescript.ts";
import type { SeededMember } from "./members.ts";
import { createNextId, MS, SEED_NOW_MS } from "./seed-time.ts";

export interface RoomPlan {
  slug: string;
  name: string;
  topic: string;
  /** Members who never joined it. */
  absent: readonly string[];
  messages: number;
  conversations: readonly string[];
}

export interface SeededRoom {
  id: string;
  plan: RoomPlan;
  members: SeededMember[];
}

/** Six rooms; their messages add up to 3,000. */
const PLANS: readonly RoomPlan[] = [
  {
    slug: "general",
    name: "General",
    topic: "Anything about building with Cardinal. Say hello.",
    absent: [],
    messages: 860,
    conversations: GENERAL,
  },
  {
    slug: "redis",
    name: "Redis",
    topic: "Keys, scripts, eviction, failover, and what happened at 3 a.m.",
    absent: ["di", "zoe", "gus"],
    messages: 660,
    conversations: REDIS,
  },
  {
    slug: "typescript",
    name: "TypeScript",
    topic: "Types that help. Post the smallest reproduction you can.",
    absent: ["cy", "uma", "sven", "tala"],
    messages: 520,
    conversations: TYPESCRIPT,
  },
  {
    slug: "help",
    name: "Help",
    topic: "Stuck? Say what you ran, what you saw and what you expected.",
    absent: ["zoe", "victor"],
    messages: 450,
    conversations: HELP,
  },
  {
    slug: "show-and-tell",
    name: "Show and tell",
    topic: "You made something. Show it before it is finished.",
    absent: ["bo", "ilya", "hanna", "nia", "mateo"],
    messages: 270,
    conversations: SHOW_AND_TELL,
  },
  {
    slug: "off-topic",
    name: "Off topic",
    topic: "Coffee, weather, keyboards, plants.",
    absent: ["emeka", "farah", "wren"],
    messages: 240,
    conversations: OFF_TOPIC,
  },
];

/** Adds the rooms and their members. Everyone joined before the first message, or when he became a member. */
export function seedRooms(tx: WriteTransaction, members: readonly SeededMember[]): SeededRoom[] {
  const nextId = createNextId(2);
  const opened = SEED_NOW_MS - 249 * MS.day;
  return PLANS.map((plan, index) => {
    const nowMs = opened + index * MS.hour;
    const admin = members[0];
    const created = roomQueries.create(tx, {
      id: nextId(nowMs),
      epoch: nextId(nowMs),
      slug: plan.slug,
      name: plan.name,
      topic: plan.topic,
      ...(admin === undefined ? {} : { createdBy: admin.id }),
      nowMs,
    });
    const present = members.filter((member) => !plan.absent.includes(member.username));
    for (const member of present) {
      roomQueries.join(tx, {
        roomId: created.id,
        userId: member.id,
        role: member === admin ? "owner" : "member",
        nowMs: Math.max(nowMs, member.createdAtMs + (index + 1) * MS.hour),
      });
    }
    return { id: created.id, plan, members: present };
  });
}
