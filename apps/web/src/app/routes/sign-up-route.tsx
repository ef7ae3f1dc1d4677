import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { SignUpForm } from "../../features/auth/sign-up-form.tsx";
import { useTitle } from "../../lib/use-title.ts";
import { paths } from "../paths.ts";
import { Door } from "./door.tsx";

export function SignUpRoute() {
  useTitle("Create an account");
  const search = useSearch({ from: paths.signUp });
  const router = useRouter();
  const lead = (
    <>
      Have one already?{" "}
      <Link
        to={paths.signIn}
        search={search}
        className="font-medium text-accent underline underline-offset-2"
      >
        Sign in
      </Link>
    </>
  );
  return (
    <Door title="Create an account" lead={lead}>
      <SignUpForm onEntered={() => void router.navigate({ href: search.next ?? paths.home })} />
    </Door>
  );
}
