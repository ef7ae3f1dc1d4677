import { readFault } from "@cardinal/client/errors";
import { sanctionText } from "./sanction-text.ts";

const TEXTS: Readonly<Record<string, string>> = {
  WRONG_CREDENTIALS: "That e-mail or username and password do not belong together.",
  EMAIL_TAKEN: "There is already an account with this e-mail.",
  USERNAME_TAKEN: "This username is taken.",
  PASSWORD_TOO_SHORT: "The password is too short: at least 15 characters. A sentence does well.",
  PASSWORD_TOO_LONG: "The password is too long: at most 256 characters.",
  PASSWORD_TOO_COMMON: "This password is on lists of stolen ones. Choose another.",
  SIGN_IN_BUSY: "Too many people are signing in at this moment. Try again in a few seconds.",
  SESSION_EXPIRED: "Your session has expired.",
  SIGNED_IN_AS_ANOTHER: "Somebody else is signed in here now.",
  NOT_SIGNED_IN: "You are not signed in.",
  MESSAGE_EMPTY: "A message needs some text.",
  MESSAGE_TOO_LONG: "This message is too long: at most 4,000 characters.",
  MESSAGE_NOT_FOUND: "This message is gone.",
  NOT_YOUR_MESSAGE: "Only its author can change this message.",
  NOT_YOUR_ROOM: "Only those who look after this room can do this.",
  DIRECT_ROOM: "This is a conversation of two.",
  TOO_MANY_REACTIONS: "This message cannot hold more different reactions.",
  ROOM_NOT_FOUND: "There is no such room.",
  NOT_A_MEMBER: "You are not a member of this room.",
  BOARD_NOT_FOUND: "There is no such board.",
  POST_NOT_FOUND: "There is no such post.",
  NOT_THE_AUTHOR: "Only its author or an admin can change this.",
  TOO_MANY_PINS: "A room holds at most 50 pinned messages. Take one off first.",
  SLOW_MODE: "This room is in slow mode.",
  MUTED: "You are muted in this room",
  BANNED: "Banned from this room",
  SUSPENDED: "This account is suspended",
  ROOM_ARCHIVED: "This room is archived.",
  OWNER_MUST_PASS_ON: "You own this room. Make another member its owner first.",
  OUTRANKED: "You cannot do this to somebody of your rank or above.",
  NOT_AN_ADMIN: "Only admins can do this.",
  REPORT_NOT_FOUND: "This report is gone.",
  REPORT_RESOLVED: "Somebody has settled this report in another way meanwhile.",
  REDIS_UNAVAILABLE: "Part of the service is down. It is being brought back.",
};

/** Anything a call threw, in words for a member. */
export function faultText(error: unknown): string {
  const fault = readFault(error);
  const known = TEXTS[fault.reason ?? ""];
  if (fault.sanction !== null && known) return `${known} ${sanctionText(fault.sanction)}`;
  if (fault.code === "TOO_MANY_REQUESTS" && !known) {
    const seconds = Math.max(1, Math.ceil((fault.rateLimit?.retryAfterMs ?? 1_000) / 1_000));
    return `That was a little fast. Try again in ${seconds} s.`;
  }
  if (known) return known;
  if (fault.code === "UNREACHABLE") return "The server cannot be reached at the moment.";
  if (fault.code === "FORBIDDEN") return "You may not do this.";
  if (fault.code === "NOT_FOUND") return "This does not exist.";
  if (fault.code === "BAD_REQUEST") return "Some of this was not accepted. Check what you entered.";
  return fault.requestId
    ? `Something went wrong on our side (request ${fault.requestId}).`
    : "Something went wrong on our side.";
}
