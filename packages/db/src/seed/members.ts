import { hashSync } from "@node-rs/argon2";
import type { WriteTransaction } from "../database/transaction.ts";
import * as userQueries from "../queries/user.ts";
import type { UserRole } from "../schema/user.ts";
import { createNextId, MS, SEED_NOW_MS } from "./seed-time.ts";

/** The password of every seeded member. */
export const DEMO_PASSWORD = "cardinal-demo-1";

/** The members offered as one-click logins in development. */
export const DEMO_USERNAMES = ["ada", "bo", "cy", "di"] as const;

export interface SeededMember {
  id: string;
  username: string;
  displayName: string;
  createdAtMs: number;
}

interface Profile {
  username: string;
  displayName: string;
  bio: string;
  role?: UserRole;
}

const PROFILES: readonly Profile[] = [
  {
    username: "ada",
    displayName: "Ada Okafor",
    role: "admin",
    bio: "Keeps the lights on here. Ask me about fencing tokens, or about my tomatoes.",
  },
  {
    username: "bo",
    displayName: "Bo Lindqvist",
    bio: "Backend at a ticketing company. Our traffic is flat for weeks and then it is Friday at ten.",
  },
  {
    username: "cy",
    displayName: "Cy Marchetti",
    bio: "Freelance TypeScript. I review pull requests for a living and for fun.",
  },
  {
    username: "di",
    displayName: "Di Nakamura",
    bio: "Games, leaderboards, and the arguments people have about ties.",
  },
  {
    username: "emeka",
    displayName: "Emeka Obi",
    bio: "SRE. I have opinions about eviction policies and I will share them.",
  },
  {
    username: "farah",
    displayName: "Farah Haddad",
    bio: "Data engineer turned API designer. Allergic to unbounded keys.",
  },
  { username: "gus", displayName: "Gus Pereira", bio: "Full stack in Porto. Surf before stand-up." },
  { username: "hanna", displayName: "Hanna Virtanen", bio: "Database person visiting Redis country." },
  { username: "ilya", displayName: "Ilya Brandt", bio: "Distributed systems, slow coffee." },
  {
    username: "june",
    displayName: "June Park",
    bio: "Front end lead. I care about the first 150 milliseconds.",
  },
  {
    username: "kofi",
    displayName: "Kofi Mensah",
    bio: "Runs a learn-to-code night in Kumasi. New questions welcome.",
  },
  {
    username: "lena",
    displayName: "Lena Fischer",
    bio: "Build tools, monorepos, and undoing clever things.",
  },
  { username: "mateo", displayName: "Mateo Rojas", bio: "Payments. Idempotency keys are my love language." },
  {
    username: "nia",
    displayName: "Nia Roberts",
    bio: "Support engineer. I read your logs so that you do not have to.",
  },
  {
    username: "omar",
    displayName: "Omar Saleh",
    bio: "Mobile developer who ended up owning the session service.",
  },
  { username: "priya", displayName: "Priya Raman", bio: "Search and ranking. Sorted sets before breakfast." },
  {
    username: "quinn",
    displayName: "Quinn Abbott",
    bio: "Student. Reading the Redis source one file a week.",
  },
  {
    username: "rosa",
    displayName: "Rosa Delgado",
    bio: "Engineering manager, still ships on Fridays (small things).",
  },
  { username: "sven", displayName: "Sven Aaltonen", bio: "Embedded by day, chat servers by night." },
  { username: "tala", displayName: "Tala Reyes", bio: "Security. I will ask where the secret is stored." },
  { username: "uma", displayName: "Uma Krishnan", bio: "Analytics pipelines and honest charts." },
  { username: "victor", displayName: "Victor Chen", bio: "Performance. Please attach a flame graph." },
  {
    username: "wren",
    displayName: "Wren Gallagher",
    bio: "Technical writer. If it is not in the docs it did not happen.",
  },
  { username: "zoe", displayName: "Zoë Banks", bio: "Product designer who codes. Dark mode first." },
];

/** The oldest member came this long before the seed's instant, the newest a good eight weeks before it. */
const FIRST_JOINED_DAYS_AGO = 250;
const JOINED_EVERY_DAYS = 8;

/** A salt must not be fixed for real passwords. These are public, and the seed's bytes must not change. */
const SALT = Buffer.from("cardinal-seed-16");

/** Adds the 24 members, the administrator first. They share one password and therefore one hash. */
export function seedMembers(tx: WriteTransaction): SeededMember[] {
  const nextId = createNextId(1);
  const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
  const passwordHash = hashSync(DEMO_PASSWORD, { ...cost, salt: SALT });
  return PROFILES.map((profile, index) => {
    const joinedDay = SEED_NOW_MS - (FIRST_JOINED_DAYS_AGO - index * JOINED_EVERY_DAYS) * MS.day;
    const nowMs = joinedDay + ((index * 7) % 24) * MS.hour + index * 137_000;
    return userQueries.create(tx, {
      ...profile,
      id: nextId(nowMs),
      email: `${profile.username}@cardinal.test`,
      avatarHue: (index * 137) % 360,
      passwordHash,
      nowMs,
    });
  });
}

/** The id of the first seeded member: a database that has it was seeded before. */
export function firstMemberId(): string {
  return createNextId(1)(SEED_NOW_MS - FIRST_JOINED_DAYS_AGO * MS.day);
}
