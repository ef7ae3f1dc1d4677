import { useStore } from "../../lib/store.ts";
import { memberOutbox } from "./outbox/member-outbox.ts";

/** Says so where the browser lets nothing be kept, as in some private windows. */
export function KeptNowhere() {
  const isLasting = useStore(memberOutbox().outbox.isLasting);
  return isLasting ? null : (
    <p role="status" className="border-t border-line bg-surface px-5 pt-2 text-xs text-ink-faint">
      This browser keeps nothing for us: what is not sent yet, and drafts, are lost when the page closes.
    </p>
  );
}
