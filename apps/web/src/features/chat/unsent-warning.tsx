import { useStore } from "../../lib/store.ts";
import { memberOutbox } from "./outbox/member-outbox.ts";

/** Says what signing out would take away. */
export function UnsentWarning() {
  const unsent = useStore(memberOutbox().outbox.messages).filter(({ state }) => state !== "sent").length;
  return unsent === 0 ? null : (
    <p role="status" className="mt-3 px-1 text-sm text-warn">
      {unsent === 1 ? "A message has" : `${unsent} messages have`} not been sent. Signing out discards{" "}
      {unsent === 1 ? "it" : "them"}.
    </p>
  );
}
