import type { Database } from "../database/open-database.ts";
import type { WriteTransaction } from "../database/transaction.ts";
import * as userQueries from "../queries/user.ts";
import { seedJobs } from "./jobs.ts";
import { seedLeaderboards } from "./leaderboards.ts";
import { firstMemberId, seedMembers } from "./members.ts";
import { seedMessages } from "./messages.ts";
import { seedModeration } from "./moderation.ts";
import { seedPageViews } from "./page-views.ts";
import { seedPosts } from "./posts.ts";
import { seedRooms } from "./rooms.ts";

export interface SeedResult {
  /** False when the database was seeded before, in which case nothing was changed. */
  seeded: boolean;
}

/**
 * Fills an empty database with a believable community: 24 members, 6 rooms with 3,000 messages, 3 boards over
 * 3 seasons, 12 posts, 30 days of page views and jobs in every state. The rows are the same bytes every time.
 * It is one transaction, and a second run changes nothing, so that nobody's changes are overwritten.
 */
export function seedDatabase(db: Database): Promise<SeedResult> {
  return db.write((tx) => {
    if (userQueries.findById(tx, firstMemberId()) !== undefined) return { seeded: false };
    fill(tx);
    return { seeded: true };
  });
}

function fill(tx: WriteTransaction): void {
  const members = seedMembers(tx);
  const rooms = seedRooms(tx, members);
  seedMessages(tx, rooms);
  seedModeration(tx, members, rooms);
  seedLeaderboards(tx, members);
  const posts = seedPosts(tx, members);
  seedPageViews(tx, posts);
  seedJobs(tx, members);
}
