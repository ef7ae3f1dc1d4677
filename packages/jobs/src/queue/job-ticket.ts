import { z } from "zod";

/**
 * All that BullMQ holds of a job: which row it stands for. Payloads stay in the database, so Redis keeps no personal
 * data in clear text and whoever can write to Redis cannot forge a payload.
 */
export const jobTicketSchema = z.strictObject({ outboxId: z.string().min(1).max(64) });
export type JobTicket = z.infer<typeof jobTicketSchema>;

/** What a scheduler's job carries: which schedule is due. */
export const scheduleTicketSchema = z.strictObject({ scheduleId: z.string().min(1).max(64) });
export type ScheduleTicket = z.infer<typeof scheduleTicketSchema>;

/** BullMQ's id of the job for an outbox row. */
export function bullJobId(outboxId: string): string {
  return `o-${outboxId}`;
}
