import { type ReadTransaction, type ReportDetails, type ReportReader, reportQueries, roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Report, ReportList } from "../../routers/moderation/schemas.ts";
import { isAdmin } from "../room/require-moderation.ts";

interface ListReportsInput {
  readonly userId: string;
  readonly state: "open" | "resolved";
  /** A report's id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** A page of the reports a member may settle, newest first: for an admin all, for others those of their rooms. */
export async function listReports(deps: Pick<AppDeps, "db">, input: ListReportsInput): Promise<ReportList> {
  return deps.db.read((tx) => {
    const reader = readerOf(tx, input.userId);
    const found = reportQueries.list(tx, reader, { ...input, limit: input.limit + 1 });
    return {
      reports: found.slice(0, input.limit).map(toReportView),
      hasMore: found.length > input.limit,
      open: reportQueries.countOpen(tx, reader),
    };
  });
}

export function readerOf(tx: ReadTransaction, userId: string): ReportReader {
  return { userId, isAdmin: isAdmin(tx, userId) };
}

/** How many reports wait for a member; null for who looks after nothing. */
export function countReportsFor(tx: ReadTransaction, userId: string): number | null {
  const reader = readerOf(tx, userId);
  return reader.isAdmin || roomQueries.looksAfterAny(tx, userId) ? reportQueries.countOpen(tx, reader) : null;
}

export function toReportView(report: ReportDetails): Report {
  const { id, state, reason, note, createdAtMs, reporter, room, action, resolution, resolvedBy, resolvedAtMs } = report;
  return {
    id,
    state,
    reason,
    note,
    createdAtMs,
    reporter,
    room,
    message: {
      id: report.messageId,
      number: report.messageNumber,
      author: report.author,
      excerpt: report.excerpt,
      isDeleted: report.isDeleted,
    },
    resolution:
      action === null || resolvedAtMs === null ? null : { action, note: resolution, by: resolvedBy, atMs: resolvedAtMs },
  };
}
