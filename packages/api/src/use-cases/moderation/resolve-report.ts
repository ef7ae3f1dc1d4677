import {
  auditQueries,
  messageQueries,
  type MessageChange,
  type ReportDetails,
  reportQueries,
  type WriteTransaction,
} from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { ReportNotFound, ReportResolved } from "../../errors/moderation-errors.ts";
import { ringMember } from "../../live/ring-control.ts";
import type { Report, ReportAction } from "../../routers/moderation/schemas.ts";
import { toMessageView } from "../chat/message-view.ts";
import { ringRoom } from "../chat/ring-room.ts";
import { ringInbox } from "../inbox/tell-member.ts";
import { imposeInRoom, imposeOnSite } from "./impose.ts";
import { readerOf, toReportView } from "./list-reports.ts";
import { endSessions } from "./suspend-user.ts";

interface ResolveReportInput {
  readonly actorId: string;
  readonly reportId: string;
  readonly action: ReportAction;
  readonly note: string;
  /** Of a mute, ban or suspension. Null: until it is lifted. */
  readonly forSec?: number | null | undefined;
}

type ResolveDeps = Pick<AppDeps, "db" | "now" | "doorbells" | "sessions" | "log">;

/**
 * Settles a report and every other open one about the same message: the action, its line of the audit log and the new
 * state of the reports are one transaction, its effects on streams and sessions follow at once. The same action again
 * changes nothing.
 *
 * @throws {ReportNotFound} also for who does not look after the room.
 * @throws {ReportResolved} when it was settled by another action.
 * @throws {Outranked} {NotAnAdmin}
 */
export async function resolveReport(deps: ResolveDeps, input: ResolveReportInput): Promise<Report> {
  const { actorId, reportId, action } = input;
  const nowMs = deps.now();
  const done = await deps.db.write((tx) => {
    const reader = readerOf(tx, actorId);
    const report = reportQueries.find(tx, reportId, reader);
    if (report === undefined) {
      throw new ReportNotFound();
    }
    if (report.state === "resolved") {
      if (report.action !== action) {
        throw new ReportResolved();
      }
      return { report, removed: undefined, told: [] };
    }
    const removed = carryOut(tx, report, input, nowMs);
    const { messageId } = report;
    reportQueries.resolveMessage(tx, { messageId, action, resolution: input.note, resolvedBy: actorId, nowMs });
    return {
      report: reportQueries.find(tx, reportId, reader) ?? report,
      removed,
      told: reportQueries.listReaders(tx, report.room.id),
    };
  });
  const { report, removed, told } = done;
  if (removed !== undefined) {
    ringRoom(deps, { seq: removed.seq, kind: "delete", atMs: nowMs, message: toMessageView(removed.message) });
  }
  if (action === "mute" || action === "ban") {
    ringMember(deps, report.room.id, report.author.id);
  }
  if (action === "suspend") {
    await endSessions(deps, report.author.id);
  }
  ringInbox(deps, told, "inbox");
  return toReportView(report);
}

/** What the action does besides settling the report. Every action leaves one line of the audit log. */
function carryOut(
  tx: WriteTransaction,
  report: ReportDetails,
  { actorId, action, note, forSec = null }: ResolveReportInput,
  nowMs: number,
): MessageChange | undefined {
  const { id: reportId, messageId, room, author } = report;
  const measure = { actorId, userId: author.id, roomId: room.id, forSec, reason: note, reportId, nowMs };
  switch (action) {
    case "mute":
    case "ban":
      imposeInRoom(tx, { ...measure, kind: action });
      return undefined;
    case "suspend":
      imposeOnSite(tx, measure);
      return undefined;
    case "dismiss":
    case "remove":
      auditQueries.insert(tx, {
        actorId,
        action: action === "remove" ? "message.remove" : "report.dismiss",
        subjectKind: "user",
        subjectId: author.id,
        roomId: room.id,
        details: { reason: note, reportId, messageId },
        nowMs,
      });
      return action === "remove" ? messageQueries.remove(tx, { messageId, actorId, nowMs }) : undefined;
  }
}
