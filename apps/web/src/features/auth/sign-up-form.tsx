import { PASSWORD_MIN_CHARACTERS, authSignUpInput } from "@cardinal/api/schemas";
import { readFault } from "@cardinal/client/errors";
import { useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Field } from "../../components/ui/field.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { enterAs } from "./enter.ts";

type FieldName = "displayName" | "username" | "email" | "password";
type Faults = Partial<Record<FieldName, string>>;

const EMPTY = { displayName: "", username: "", email: "", password: "" };

function faultsFromServer(error: unknown): Faults {
  const { reason } = readFault(error);
  if (reason === "USERNAME_TAKEN") return { username: faultText(error) };
  if (reason === "EMAIL_TAKEN") return { email: faultText(error) };
  if (reason?.startsWith("PASSWORD_")) return { password: faultText(error) };
  return {};
}

function checkLocally(values: typeof EMPTY): Faults {
  const result = authSignUpInput.safeParse(values);
  const faults: Faults = {};
  for (const issue of result.error?.issues ?? []) {
    const [name] = issue.path;
    if (name === "displayName" || name === "username" || name === "email" || name === "password") {
      faults[name] ??= issue.message;
    }
  }
  return faults;
}

/** A new account. Each fault stands at its field, whether found here or by the server. */
export function SignUpForm({ onEntered }: { onEntered: () => void }) {
  const [values, setValues] = useState(EMPTY);
  const [faults, setFaults] = useState<Faults>({});
  const signUp = trpc.auth.signUp.useMutation({
    onSuccess: async (output) => {
      await enterAs(output);
      onEntered();
    },
    onError: (error) => setFaults(faultsFromServer(error)),
  });
  const bind = (name: FieldName) => ({
    name,
    value: values[name],
    fault: faults[name],
    required: true,
    onChange: (event: { target: { value: string } }) => {
      setValues({ ...values, [name]: event.target.value });
      setFaults({ ...faults, [name]: undefined });
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkLocally(values);
    setFaults(found);
    if (Object.keys(found).length === 0) signUp.mutate(values);
  };
  const isShownAtField = Object.values(faults).some((fault) => fault !== undefined);

  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <Field label="Name" autoComplete="name" {...bind("displayName")} />
      <Field
        label="Username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        {...bind("username")}
      />
      <Field label="E-mail" type="email" autoComplete="email" {...bind("email")} />
      <Field
        label="Password"
        type="password"
        autoComplete="new-password"
        hint={`At least ${PASSWORD_MIN_CHARACTERS} characters. A sentence does well.`}
        {...bind("password")}
      />
      {signUp.error && !isShownAtField && (
        <p role="alert" className="rounded-lg bg-accent-wash px-3 py-2 text-sm text-accent">
          {faultText(signUp.error)}
        </p>
      )}
      <Button type="submit" look="primary" className="w-full" busy={signUp.isPending}>
        Create account
      </Button>
    </form>
  );
}
