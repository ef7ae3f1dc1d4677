import { useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Field } from "../../components/ui/field.tsx";
import { Select } from "../../components/ui/select.tsx";
import { DURATION_TEXTS, type DurationChoice, secondsOf } from "../../lib/durations.ts";
import { faultText } from "../../lib/fault-text.ts";

export interface MeasureFormProps {
  action: string;
  isBusy: boolean;
  error: unknown;
  onSubmit: (measure: { forSec: number | null; reason: string }) => void;
  onCancel: () => void;
}

/** How long, and why: he is told both. */
export function MeasureForm({ action, isBusy, error, onSubmit, onCancel }: MeasureFormProps) {
  const [duration, setDuration] = useState<DurationChoice>("3600");
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ forSec: secondsOf(duration), reason });
  };
  return (
    <form onSubmit={submit} className="space-y-3 py-2">
      <Select label="How long" value={duration} options={DURATION_TEXTS} onChange={setDuration} />
      <Field
        label="Why (he is told)"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {error != null && (
        <p role="alert" className="text-sm text-accent">
          {faultText(error)}
        </p>
      )}
      <div className="flex gap-2">
        <Button small type="submit" look="primary" busy={isBusy}>
          {action}
        </Button>
        <Button small onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
