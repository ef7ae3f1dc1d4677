import { Link } from "@tanstack/react-router";
import { buttonClass } from "../components/ui/button.tsx";
import { paths } from "./paths.ts";

export function NotFoundPage() {
  return (
    <main className="mx-auto max-w-lg px-5 py-24 text-center">
      <h1 className="font-display text-2xl font-semibold">There is nothing at this address</h1>
      <p className="mt-2 mb-6 text-ink-soft">It may have moved, or the link is mistyped.</p>
      <Link to={paths.home} className={buttonClass("primary")}>
        Go home
      </Link>
    </main>
  );
}
