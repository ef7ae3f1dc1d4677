import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { SignInForm } from "../../features/auth/sign-in-form.tsx";
import { useTitle } from "../../lib/use-title.ts";
import { paths } from "../paths.ts";
import { Door } from "./door.tsx";

const linkClass = "font-medium text-accent underline underline-offset-2";

export function SignInRoute() {
  useTitle("Sign in");
  const search = useSearch({ from: paths.signIn });
  const router = useRouter();
  const lead = (
    <>
      New here?{" "}
      <Link to={paths.signUp} search={search} className={linkClass}>
        Create an account
      </Link>
    </>
  );
  return (
    <Door title="Welcome back" lead={lead}>
      <SignInForm onEntered={() => void router.navigate({ href: search.next ?? paths.home })} />
    </Door>
  );
}
