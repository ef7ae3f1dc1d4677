import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { isOneOf, jsonColumn, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

export const OUTBOX_STATES = ["pending", "queued", "done", "dead"] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/**
 * The job queue's truth. A row is written in the transaction of the business change, relayed to the queue as
 * job `o-<id>` (pending → queued), and closed by the handler's transaction (done or dead).
 */
export const outbox = sqliteTable(
  "outbox",
  {
    /** Order of commitment; decides what comes earlier under one ordering key. */
    position: integer("position").primaryKey({ autoIncrement: true }),
    id: text("id").notNull().unique(),
    /** Rows of one key run one after the other. Null has no order. */
    orderingKey: text("ordering_key"),
    /** The member whose share of the queue this uses. Null is the system. */
    ownerId: text("owner_id").references(() => user.id, { onDelete: "cascade" }),
    queue: text("queue").notNull(),
    jobName: text("job_name").notNull(),
    payloadVersion: integer("payload_version").notNull(),
    payload: jsonColumn("payload").notNull(),
    /** Names the effect: two rows with one key have one effect. */
    jobKey: text("job_key").notNull(),
    runAtMs: integer("run_at").notNull(),
    state: text("state", { enum: OUTBOX_STATES }).notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
    createdAtMs: timeColumn("created_at").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [
    index("outbox_pending")
      .on(t.runAtMs)
      .where(sql`state = 'pending'`),
    index("outbox_pending_owner")
      .on(t.ownerId, t.position)
      .where(sql`state = 'pending'`),
    index("outbox_open_key")
      .on(t.orderingKey, t.position)
      .where(sql`state in ('pending', 'queued')`),
    index("outbox_queued")
      .on(t.updatedAtMs)
      .where(sql`state = 'queued'`),
    index("outbox_queued_owner")
      .on(t.ownerId)
      .where(sql`state = 'queued'`),
    index("outbox_owner").on(t.ownerId, t.position),
    index("outbox_state").on(t.state, t.position),
    index("outbox_job_key").on(t.jobKey),
    check("outbox_state_word", isOneOf(t.state, OUTBOX_STATES)),
    check("outbox_payload_json", sql`json_valid(${t.payload})`),
    check("outbox_counters", sql`${t.attempts} >= 0 and ${t.payloadVersion} >= 1`),
  ],
);

/** Proof that a job's effect happened, written in the transaction of the effect: at most one per key. */
export const jobEffect = sqliteTable(
  "job_effect",
  {
    jobKey: text("job_key").primaryKey(),
    outboxId: text("outbox_id").notNull(),
    result: jsonColumn("result"),
    atMs: integer("at").notNull(),
  },
  (t) => [
    index("job_effect_outbox").on(t.outboxId),
    check("job_effect_result_json", sql`${t.result} is null or json_valid(${t.result})`),
  ],
);

export type OutboxRow = typeof outbox.$inferSelect;
export type JobEffectRow = typeof jobEffect.$inferSelect;
