import type { Report, ReportAction } from "@cardinal/api/schemas";
import { useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Field } from "../../components/ui/field.tsx";
import { Select } from "../../components/ui/select.tsx";
import { api } from "../../lib/api-client.ts";
import { DURATION_TEXTS, type DurationChoice, secondsOf } from "../../lib/durations.ts";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";

const CHOICES: Readonly<Record<ReportAction, string>> = {
  dismiss: "Dismiss: nothing is wrong",
  remove: "Delete the message",
  mute: "Mute its author in this room",
  ban: "Ban its author from this room",
  suspend: "Suspend its author from the site",
};
const HAS_DURATION: ReadonlySet<ReportAction> = new Set(["mute", "ban", "suspend"]);

/** The decision about a report. It settles every open report about the same message. */
export function ResolveForm({ report }: { report: Report }) {
  const me = useMe();
  const [action, setAction] = useState<ReportAction>("dismiss");
  const [duration, setDuration] = useState<DurationChoice>("86400");
  const [note, setNote] = useState("");
  const resolve = trpc.moderation.resolve.useMutation({ onSettled: () => void api.moderation.invalidate() });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    resolve.mutate({
      reportId: report.id,
      action,
      note,
      ...(HAS_DURATION.has(action) && { forSec: secondsOf(duration) }),
    });
  };
  return (
    <form onSubmit={submit} className="mt-4 flex flex-wrap items-end gap-3">
      <Select
        label="What shall be done"
        value={action}
        options={CHOICES}
        without={me.role === "admin" ? undefined : "suspend"}
        onChange={setAction}
      />
      {HAS_DURATION.has(action) && (
        <Select label="How long" value={duration} options={DURATION_TEXTS} onChange={setDuration} />
      )}
      <Field
        label="Why"
        className="min-w-40 flex-1"
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <Button type="submit" look="primary" busy={resolve.isPending}>
        Settle
      </Button>
      {resolve.error && (
        <p role="alert" className="w-full text-sm text-accent">
          {faultText(resolve.error)}
        </p>
      )}
    </form>
  );
}
