import type { Report } from "@cardinal/api/schemas";
import { Avatar } from "../../components/ui/avatar.tsx";
import { formatFull, formatRelative } from "../../lib/format-time.ts";
import { REPORT_REASON_TEXTS } from "../../lib/report-reason-texts.ts";
import { ACTION_TEXTS } from "./action-texts.ts";
import { ResolveForm } from "./resolve-form.tsx";

/** One report: what was said, by whom, what is wrong with it, and what can be done or was. */
export function ReportCard({ report }: { report: Report }) {
  const { message, reporter, room, reason, note, createdAtMs, resolution } = report;
  return (
    <li className="rounded-2xl border border-line bg-surface p-5">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
        <span className="rounded-full bg-warn-wash px-2.5 py-0.5 font-medium text-warn">
          {REPORT_REASON_TEXTS[reason]}
        </span>
        <span className="text-ink-soft">
          {reporter.displayName} in {room.name}
        </span>
        <time dateTime={new Date(createdAtMs).toISOString()} title={formatFull(createdAtMs)} className="text-ink-faint">
          {formatRelative(createdAtMs)}
        </time>
      </p>
      {note !== "" && <p className="mt-2 break-words">“{note}”</p>}
      <figure className="mt-3 flex gap-3 rounded-lg bg-sunken p-3">
        <Avatar user={message.author} size="small" />
        <div className="min-w-0 flex-1">
          <figcaption className="text-sm font-semibold">
            {message.author.displayName}{" "}
            <span className="font-normal text-ink-faint">
              @{message.author.username}
              {message.isDeleted && " · deleted since"}
            </span>
          </figcaption>
          <blockquote className="line-clamp-6 break-words whitespace-pre-wrap">{message.excerpt}</blockquote>
        </div>
      </figure>
      {resolution === null ? (
        <ResolveForm report={report} />
      ) : (
        <p className="mt-3 text-sm text-ink-soft">
          <span className="font-medium text-ink">{ACTION_TEXTS[resolution.action]}</span>
          {resolution.by !== null && ` by ${resolution.by}`}, {formatFull(resolution.atMs)}
          {resolution.note !== "" && `: ${resolution.note}`}
        </p>
      )}
    </li>
  );
}
