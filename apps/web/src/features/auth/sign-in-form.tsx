import { readFault } from "@cardinal/client/errors";
import { useRef, useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Field } from "../../components/ui/field.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { DemoLogins } from "./demo-logins.tsx";
import { enterAs } from "./enter.ts";

/** E-mail or username and a password; in development also one press per demo member. */
export function SignInForm({ onEntered }: { onEntered: () => void }) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const passwordBox = useRef<HTMLDivElement>(null);
  const signIn = trpc.auth.signIn.useMutation({
    onSuccess: async (output) => {
      await enterAs(output);
      onEntered();
    },
    onError: (error) => {
      if (readFault(error).reason === "WRONG_CREDENTIALS")
        passwordBox.current?.querySelector("input")?.select();
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ login, password });
  };

  return (
    <>
      <form onSubmit={submit} className="space-y-4">
        <Field
          label="E-mail or username"
          name="login"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
        <div ref={passwordBox}>
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        {signIn.error && (
          <p role="alert" className="rounded-lg bg-accent-wash px-3 py-2 text-sm text-accent">
            {faultText(signIn.error)}
          </p>
        )}
        <Button type="submit" look="primary" className="w-full" busy={signIn.isPending}>
          Sign in
        </Button>
      </form>
      <DemoLogins
        isBusy={signIn.isPending}
        onChoose={(demo) => signIn.mutate({ login: demo.username, password: demo.password })}
      />
    </>
  );
}
