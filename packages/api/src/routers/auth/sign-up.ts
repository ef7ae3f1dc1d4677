import { assertOwnOrigin } from "../../context/origin-check.ts";
import { publicProcedure } from "../../trpc.ts";
import { signUp as makeAccount } from "../../use-cases/auth/sign-up.ts";
import { authSignUpInput, authSignUpOutput } from "./schemas.ts";
import { deviceOf, handOverSession } from "./session-response.ts";

export const signUp = publicProcedure
  .meta({ limit: "sign-up" })
  .input(authSignUpInput)
  .output(authSignUpOutput)
  .mutation(async ({ ctx: { request }, input: { issueToken, ...account } }) => {
    assertOwnOrigin(request.source, request.deps.config.allowedOrigins, !issueToken);
    const signedIn = await makeAccount(request.deps, { ...account, device: deviceOf(request) });
    return handOverSession(request, signedIn, issueToken);
  });
