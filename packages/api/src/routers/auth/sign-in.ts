import { assertOwnOrigin } from "../../context/origin-check.ts";
import { publicProcedure } from "../../trpc.ts";
import { signIn as openSession } from "../../use-cases/auth/sign-in.ts";
import { countSignInAttempt } from "./count-sign-in-attempt.ts";
import { authSignInInput, authSignInOutput } from "./schemas.ts";
import { deviceOf, handOverSession } from "./session-response.ts";

export const signIn = publicProcedure
  .meta({ limit: "sign-in" })
  .input(authSignInInput)
  .output(authSignInOutput)
  .mutation(async ({ ctx: { request }, input: { issueToken, login, password } }) => {
    assertOwnOrigin(request.source, request.deps.config.allowedOrigins, !issueToken);
    const attempt = await countSignInAttempt(request, login);
    const signedIn = await openSession(request.deps, { login, password, device: deviceOf(request) });
    await attempt.giveBack();
    return handOverSession(request, signedIn, issueToken);
  });
