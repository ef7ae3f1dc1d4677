import { publicProcedure } from "../../trpc.ts";
import { listDemoLogins } from "../../use-cases/auth/list-demo-logins.ts";
import { authDemoLoginsOutput } from "./schemas.ts";

export const demoLogins = publicProcedure
  .meta({ limit: "read" })
  .output(authDemoLoginsOutput)
  .query(async ({ ctx }) => ({ logins: await listDemoLogins(ctx.request.deps) }));
