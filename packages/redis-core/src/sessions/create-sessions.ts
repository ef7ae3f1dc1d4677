import type { CoreContext } from "../context.ts";
import { Misuse } from "../errors.ts";
import type { Sessions, SessionsOptions } from "./sessions.ts";

export function createSessions<Data>(_context: CoreContext, _options: SessionsOptions<Data>): Sessions<Data> {
  throw new Misuse("sessions: not assembled");
}
