import { and, eq, inArray, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { user, type UserRole, type UserRow } from "../schema/user.ts";
import { escapeLike, normalizeEmail, normalizeForSearch, normalizeUsername } from "../text.ts";

/** What everyone may see of a member. */
export type UserSummary = Pick<
  UserRow,
  "id" | "username" | "displayName" | "role" | "avatarHue" | "createdAtMs"
>;

/** The columns of a `UserSummary`, for a select. */
export const userSummaryColumns = {
  id: user.id,
  username: user.username,
  displayName: user.displayName,
  role: user.role,
  avatarHue: user.avatarHue,
  createdAtMs: user.createdAtMs,
};

export interface NewUser {
  id?: string;
  username: string;
  displayName: string;
  email: string;
  passwordHash: string;
  role?: UserRole;
  bio?: string;
  /** Default: derived from the username. */
  avatarHue?: number;
  nowMs: number;
}

export interface UserChanges {
  displayName?: string;
  bio?: string;
  email?: string;
  emailVerifiedAtMs?: number | null;
  passwordHash?: string;
  role?: UserRole;
  avatarHue?: number;
  disabledAtMs?: number | null;
}

const SEARCH_LIMIT = 20;

/** Adds a member. The write fails with `UniqueViolation` on `username` or `email_normalized` if taken. */
export function create(tx: WriteTransaction, input: NewUser): UserRow {
  const username = normalizeUsername(input.username);
  return tx.orm
    .insert(user)
    .values({
      id: input.id ?? newId(),
      username,
      displayName: input.displayName,
      email: input.email.trim(),
      emailNormalized: normalizeEmail(input.email),
      passwordHash: input.passwordHash,
      role: input.role ?? "member",
      bio: input.bio ?? "",
      avatarHue: input.avatarHue ?? hueOf(username),
      searchText: searchTextOf(username, input.displayName),
      createdAtMs: input.nowMs,
      updatedAtMs: input.nowMs,
    })
    .returning()
    .get();
}

export function findById(tx: ReadTransaction, id: string): UserRow | undefined {
  return tx.orm.select().from(user).where(eq(user.id, id)).get();
}

/** By handle, in any case. */
export function findByUsername(tx: ReadTransaction, username: string): UserRow | undefined {
  return tx.orm
    .select()
    .from(user)
    .where(eq(user.username, normalizeUsername(username)))
    .get();
}

/** By e-mail address, in any case. */
export function findByEmail(tx: ReadTransaction, email: string): UserRow | undefined {
  return tx.orm
    .select()
    .from(user)
    .where(eq(user.emailNormalized, normalizeEmail(email)))
    .get();
}

/** By what a member types to sign in: an e-mail address if it has an `@`, else a handle. */
export function findForLogin(tx: ReadTransaction, login: string): UserRow | undefined {
  return login.includes("@") ? findByEmail(tx, login) : findByUsername(tx, login);
}

/**
 * Changes the fields given and returns the member as it is now, or undefined if there is none with this id.
 */
export function update(
  tx: WriteTransaction,
  id: string,
  changes: UserChanges,
  options: { nowMs: number },
): UserRow | undefined {
  const before = findById(tx, id);
  if (before === undefined) return undefined;
  const { email, ...plain } = changes;
  return tx.orm
    .update(user)
    .set({
      ...plain,
      ...(email === undefined ? {} : { email: email.trim(), emailNormalized: normalizeEmail(email) }),
      searchText: searchTextOf(before.username, changes.displayName ?? before.displayName),
      updatedAtMs: options.nowMs,
    })
    .where(eq(user.id, id))
    .returning()
    .get();
}

/**
 * Members whose handle or display name contains the text, whatever its case and accents, best match first:
 * the handle itself, then handles and words that begin with it. At most 20. `%` and `_` are ordinary
 * characters.
 */
export function search(tx: ReadTransaction, query: string, limit: number = SEARCH_LIMIT): UserSummary[] {
  const wanted = normalizeForSearch(query);
  if (wanted === "") return [];
  const text = escapeLike(wanted);
  return tx.orm
    .select(userSummaryColumns)
    .from(user)
    .where(and(sql`${user.searchText} like ${`%${text}%`} escape '\\'`, sql`${user.disabledAtMs} is null`))
    .orderBy(
      sql`case
        when ${user.username} = ${wanted} then 0
        when ${user.username} like ${`${text}%`} escape '\\' then 1
        when ${user.searchText} like ${`% ${text}%`} escape '\\' then 2
        else 3 end`,
      user.username,
    )
    .limit(Math.max(1, Math.min(limit, SEARCH_LIMIT)))
    .all();
}

/** The members with these ids, in the order asked for; unknown ids are left out. */
export function listByIds(tx: ReadTransaction, ids: readonly string[]): UserSummary[] {
  if (ids.length === 0) return [];
  const rows = tx.orm
    .select(userSummaryColumns)
    .from(user)
    .where(inArray(user.id, [...new Set(ids)]))
    .all();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The members with these handles; unknown handles are left out. */
export function listByUsernames(tx: ReadTransaction, usernames: readonly string[]): UserSummary[] {
  if (usernames.length === 0) return [];
  return tx.orm
    .select(userSummaryColumns)
    .from(user)
    .where(inArray(user.username, usernames.map(normalizeUsername)))
    .orderBy(user.username)
    .all();
}

export function count(tx: ReadTransaction): number {
  return tx.statement<{ n: number }>("SELECT count(*) AS n FROM user").get()?.n ?? 0;
}

function searchTextOf(username: string, displayName: string): string {
  return `${username} ${normalizeForSearch(displayName)}`;
}

function hueOf(username: string): number {
  let hash = 0;
  for (const character of username) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 3600;
  return hash % 360;
}
