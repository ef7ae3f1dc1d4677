import { z } from "zod";
import { countCharacters, inputFault } from "../input-fault.ts";
import { displayNameSchema, meSchema, roleSchema, usernameSchema } from "../user/schemas.ts";

export const PASSWORD_MIN_CHARACTERS = 15;
export const PASSWORD_MAX_CHARACTERS = 256;

/**
 * A new password: 15 to 256 characters (code points) of any kind, never trimmed, cut or case-folded. Whether
 * it is too common is the server's to say (`PASSWORD_TOO_COMMON`).
 */
export const newPasswordSchema = z
  .string()
  .refine(
    (text) => countCharacters(text) >= PASSWORD_MIN_CHARACTERS,
    inputFault("PASSWORD_TOO_SHORT", `at least ${PASSWORD_MIN_CHARACTERS} characters; a sentence does well`),
  )
  .refine(
    (text) => countCharacters(text) <= PASSWORD_MAX_CHARACTERS,
    inputFault("PASSWORD_TOO_LONG", `at most ${PASSWORD_MAX_CHARACTERS} characters`),
  );

export const emailSchema = z.string().trim().toLowerCase().pipe(z.email("not an e-mail address").max(254));

/** For programs: answers with the session token and sets no cookie. */
const issueToken = z.boolean().default(false);

export const authSignUpInput = z.strictObject({
  username: usernameSchema,
  displayName: displayNameSchema,
  email: emailSchema,
  password: newPasswordSchema,
  issueToken,
});
export const authSignUpOutput = z.object({
  user: meSchema,
  expiresAtMs: z.number(),
  token: z.string().optional(),
});

export const authSignInInput = z.strictObject({
  /** E-mail or username. */
  login: z.string().trim().toLowerCase().min(1).max(254),
  password: z.string().min(1).max(1024),
  issueToken,
});
export const authSignInOutput = authSignUpOutput;

export const authSignOutInput = z.strictObject({}).optional();
export const authSignOutOutput = z.object({ ok: z.literal(true) });

export const authMeOutput = z
  .object({ user: meSchema, session: z.object({ id: z.string(), expiresAtMs: z.number() }) })
  .nullable();

export const demoLoginSchema = z.object({
  username: z.string(),
  displayName: z.string(),
  role: roleSchema,
  password: z.string(),
});
export const authDemoLoginsOutput = z.object({ logins: z.array(demoLoginSchema) });

export type SignUpInput = z.infer<typeof authSignUpInput>;
export type SignInInput = z.infer<typeof authSignInInput>;
export type SignInOutput = z.infer<typeof authSignInOutput>;
export type AuthMe = z.infer<typeof authMeOutput>;
export type DemoLogin = z.infer<typeof demoLoginSchema>;
