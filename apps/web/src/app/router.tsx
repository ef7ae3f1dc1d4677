import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { api } from "../lib/api-client.ts";
import { safeNextPath } from "../lib/next-path.ts";
import { rememberMember } from "../lib/session-state.ts";
import { ErrorPage } from "./error-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { paths } from "./paths.ts";
import { ShellRoute } from "./routes/shell-route.tsx";
import { parseDays, parseMessage, parsePeriod, parseText } from "./search.ts";

const root = createRootRoute({ errorComponent: ErrorPage, notFoundComponent: NotFoundPage });

// What is refused is set to undefined: a key left out would come through from the address as it stands there.
const nextSearch = (search: Record<string, unknown>): { next?: string | undefined } => ({
  next: safeNextPath(search["next"]) ?? undefined,
});

/** Who is signed in already has no business at the door. */
async function leaveIfSignedIn({ search }: { search: { next?: string | undefined } }): Promise<void> {
  const me = await api.auth.me.fetch(undefined, { staleTime: 0 }).catch(() => null);
  if (me) redirect({ href: search.next ?? paths.home, throw: true });
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: paths.signIn,
  validateSearch: nextSearch,
  beforeLoad: leaveIfSignedIn,
  component: lazyRouteComponent(() => import("./routes/sign-in-route.tsx"), "SignInRoute"),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: paths.signUp,
  validateSearch: nextSearch,
  beforeLoad: leaveIfSignedIn,
  component: lazyRouteComponent(() => import("./routes/sign-up-route.tsx"), "SignUpRoute"),
});

/** Everything behind sign-in. A deep link comes back to where it pointed. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    const me = await api.auth.me.ensureData(undefined, { staleTime: Infinity });
    if (me) rememberMember(me.user.id);
    else
      redirect({
        to: paths.signIn,
        search: location.href === "/" ? {} : { next: location.href },
        throw: true,
      });
  },
  component: ShellRoute,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: paths.home,
  component: lazyRouteComponent(() => import("./routes/home-route.tsx"), "HomeRoute"),
});

const chat = createRoute({
  getParentRoute: () => shell,
  path: paths.chat,
  component: lazyRouteComponent(() => import("./routes/chat-index-route.tsx"), "ChatIndexRoute"),
});

const room = createRoute({
  getParentRoute: () => shell,
  path: paths.room,
  validateSearch: (search: Record<string, unknown>): { message?: string | undefined } => ({
    message: parseMessage(search["message"]),
  }),
  component: lazyRouteComponent(() => import("./routes/chat-route.tsx"), "ChatRoute"),
});

const boards = createRoute({
  getParentRoute: () => shell,
  path: paths.boards,
  component: lazyRouteComponent(() => import("./routes/boards-route.tsx"), "BoardsRoute"),
});

const board = createRoute({
  getParentRoute: () => shell,
  path: paths.board,
  validateSearch: (search: Record<string, unknown>) => ({ period: parsePeriod(search["period"]) }),
  component: lazyRouteComponent(() => import("./routes/board-route.tsx"), "BoardRoute"),
});

const blog = createRoute({
  getParentRoute: () => shell,
  path: paths.blog,
  validateSearch: (search: Record<string, unknown>): { tag?: string | undefined } => ({
    tag: parseText(search["tag"]),
  }),
  component: lazyRouteComponent(() => import("./routes/blog-route.tsx"), "BlogRoute"),
});

const post = createRoute({
  getParentRoute: () => shell,
  path: paths.post,
  component: lazyRouteComponent(() => import("./routes/post-route.tsx"), "PostRoute"),
});

const analytics = createRoute({
  getParentRoute: () => shell,
  path: paths.analytics,
  validateSearch: (search: Record<string, unknown>) => ({ days: parseDays(search["days"]) }),
  component: lazyRouteComponent(() => import("./routes/analytics-route.tsx"), "AnalyticsRoute"),
});

const jobs = createRoute({
  getParentRoute: () => shell,
  path: paths.jobs,
  component: lazyRouteComponent(() => import("./routes/jobs-route.tsx"), "JobsRoute"),
});

const moderation = createRoute({
  getParentRoute: () => shell,
  path: paths.moderation,
  component: lazyRouteComponent(() => import("./routes/moderation-route.tsx"), "ModerationRoute"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signUp,
    shell.addChildren([home, chat, room, boards, board, blog, post, analytics, jobs, moderation]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
