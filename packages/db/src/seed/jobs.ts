import type { WriteTransaction } from "../database/transaction.ts";
import * as jobEffectQueries from "../queries/job-effect.ts";
import * as mailQueries from "../queries/mail.ts";
import * as outboxQueries from "../queries/outbox.ts";
import type { SeededMember } from "./members.ts";
import { createNextId, MS, SEED_NOW_MS } from "./seed-time.ts";

const FROM_ADDRESS = "hello@cardinal.test";

/** Far enough away that it is still waiting whenever this is looked at. */
const WAITS_UNTIL_MS = Date.UTC(2030, 0, 1);

/**
 * Jobs in every state. Everyone was greeted when he joined (done, with the mail), but for three: one mail was
 * refused for good (dead), one was handed to the queue and is sent at the first start (queued), one is put
 * off (pending).
 */
export function seedJobs(tx: WriteTransaction, members: readonly SeededMember[]): void {
  const nextId = createNextId(6);
  const [toRefuse, toPutOff, toQueue] = members.slice(-3);
  for (const member of members) {
    const nowMs = member.createdAtMs;
    const row = outboxQueries.insert(tx, {
      id: nextId(nowMs),
      queue: "email",
      jobName: "send-welcome-email",
      payloadVersion: 1,
      payload: { userId: member.id },
      ownerId: member.id,
      runAtMs: member === toPutOff ? WAITS_UNTIL_MS : nowMs,
      nowMs,
    });
    if (member === toPutOff) continue;
    outboxQueries.markQueued(tx, [row.id], nowMs + 40);
    if (member === toQueue) continue;
    if (member === toRefuse) {
      const error = "the mail server refused the recipient: 550 5.1.1 mailbox unavailable";
      outboxQueries.markDead(tx, row.id, { attempts: 8, error, nowMs: nowMs + 2 * MS.hour });
      continue;
    }
    const sentAtMs = nowMs + 900;
    jobEffectQueries.insertOnce(tx, { jobKey: row.jobKey, outboxId: row.id, nowMs: sentAtMs });
    outboxQueries.markDone(tx, row.id, { attempts: 1, nowMs: sentAtMs });
    const key = { id: nextId(sentAtMs), idempotencyKey: row.jobKey };
    mailQueries.insertOnce(tx, { ...welcomeMail(member), ...key, nowMs: sentAtMs });
  }
  seedMaintenance(tx, nextId);
}

/** A week of nightly trimming, done. */
function seedMaintenance(tx: WriteTransaction, nextId: (atMs: number) => string): void {
  for (let day = 7; day >= 1; day -= 1) {
    const nowMs = SEED_NOW_MS - day * MS.day + 3 * MS.hour + 41 * MS.minute;
    const row = outboxQueries.insert(tx, {
      id: nextId(nowMs),
      queue: "maintenance",
      jobName: "trim-outbox",
      payloadVersion: 1,
      payload: { keepDays: 30 },
      nowMs,
    });
    outboxQueries.markQueued(tx, [row.id], nowMs + 30);
    jobEffectQueries.insertOnce(tx, { jobKey: row.jobKey, outboxId: row.id, nowMs: nowMs + 210 });
    outboxQueries.markDone(tx, row.id, { attempts: 1, nowMs: nowMs + 210 });
  }
}

function welcomeMail(member: SeededMember) {
  const greeting = `Welcome to Cardinal, ${member.displayName}!`;
  const advice = "Say hello in General, and look at the leaderboard when you have a minute.";
  return {
    userId: member.id,
    template: "welcome",
    toAddress: `${member.username}@cardinal.test`,
    toName: member.displayName,
    fromAddress: FROM_ADDRESS,
    subject: greeting,
    text: `${greeting}\n\n${advice}\n`,
    html: `<!doctype html><html lang="en"><body><h1>${greeting}</h1><p>${advice}</p></body></html>`,
  };
}
