import { router } from "../../trpc.ts";
import { archive } from "./archive.ts";
import { ban } from "./ban.ts";
import { bans } from "./bans.ts";
import { create } from "./create.ts";
import { get } from "./get.ts";
import { invite } from "./invite.ts";
import { join } from "./join.ts";
import { leave } from "./leave.ts";
import { list } from "./list.ts";
import { members } from "./members.ts";
import { mute } from "./mute.ts";
import { openDirect } from "./open-direct.ts";
import { passOn } from "./pass-on.ts";
import { removeMember } from "./remove-member.ts";
import { setRole } from "./set-role.ts";
import { unban } from "./unban.ts";
import { unmute } from "./unmute.ts";
import { update } from "./update.ts";

export const roomRouter = router({
  list,
  get,
  members,
  create,
  update,
  openDirect,
  join,
  leave,
  invite,
  removeMember,
  setRole,
  passOn,
  mute,
  unmute,
  ban,
  unban,
  bans,
  archive,
});
