import type { DemoLogin } from "@cardinal/api/schemas";
import { trpc } from "../../lib/trpc.ts";

export interface DemoLoginsProps {
  isBusy: boolean;
  onChoose: (login: DemoLogin) => void;
}

/** One press per demo member. In production the list is empty and nothing shows. */
export function DemoLogins({ isBusy, onChoose }: DemoLoginsProps) {
  const { data } = trpc.auth.demoLogins.useQuery(undefined, { staleTime: Infinity });
  if (!data || data.logins.length === 0) return null;
  return (
    <section aria-labelledby="demo-logins" className="mt-8 border-t border-line pt-6">
      <h2 id="demo-logins" className="text-sm font-medium text-ink-soft">
        Or look around as
      </h2>
      <ul className="mt-3 grid grid-cols-2 gap-2">
        {data.logins.map((login) => (
          <li key={login.username}>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => onChoose(login)}
              className="flex min-h-11 w-full items-center justify-between gap-2 rounded-lg border border-line px-3 text-left text-sm hover:border-line-strong hover:bg-sunken"
            >
              <span className="truncate font-medium">{login.displayName}</span>
              {login.role === "admin" && <span className="text-xs text-ink-faint">admin</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
