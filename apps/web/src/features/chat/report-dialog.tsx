import type { Message, ReportReason } from "@cardinal/api/schemas";
import { useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { Select } from "../../components/ui/select.tsx";
import { TextArea } from "../../components/ui/text-area.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { REPORT_REASON_TEXTS } from "../../lib/report-reason-texts.ts";
import { trpc } from "../../lib/trpc.ts";

/** Tells those who moderate what is wrong with a message. */
export function ReportDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const [reason, setReason] = useState<ReportReason>("spam");
  const [note, setNote] = useState("");
  const report = trpc.chat.report.useMutation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    report.mutate({ messageId: message.id, reason, note });
  };
  return (
    <Dialog title={`Report a message of ${message.author.displayName}`} onClose={onClose}>
      {report.isSuccess ? (
        <div role="status" className="space-y-4">
          <p>Thank you. Those who moderate have it.</p>
          <Button onClick={onClose}>Close</Button>
        </div>
      ) : (
        <form onSubmit={submit} className="space-y-4">
          <blockquote className="max-h-32 overflow-y-auto border-l-2 border-line-strong pl-3 break-words text-ink-soft" tabIndex={0}>
            {message.body}
          </blockquote>
          <Select
            label="What is wrong with it?"
            value={reason}
            options={REPORT_REASON_TEXTS}
            onChange={setReason}
          />
          <TextArea label="Anything to add?" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
          {report.error && (
            <p role="alert" className="text-sm text-accent">
              {faultText(report.error)}
            </p>
          )}
          <Button type="submit" look="primary" busy={report.isPending}>
            Report
          </Button>
        </form>
      )}
    </Dialog>
  );
}
