import type { JobState as State } from "@cardinal/api/schemas";
import { CircleAlert, CircleCheck, Clock, LoaderCircle } from "lucide-react";

const LOOKS = {
  pending: { label: "Waiting", Icon: Clock, className: "bg-sunken text-ink-soft" },
  queued: { label: "In progress", Icon: LoaderCircle, className: "bg-warn-wash text-warn" },
  done: { label: "Done", Icon: CircleCheck, className: "bg-ok-wash text-ok" },
  dead: { label: "Failed", Icon: CircleAlert, className: "bg-accent-wash text-accent" },
} as const;

/** A job's state in words, shape and colour. */
export function JobState({ state }: { state: State }) {
  const { label, Icon, className } = LOOKS[state];
  return (
    <span
      className={`inline-flex min-h-7 items-center gap-1.5 rounded-full px-2.5 text-sm font-medium ${className}`}
    >
      <Icon aria-hidden="true" className="size-4" />
      {label}
    </span>
  );
}
