/** Every address of the app. Links are spelled nowhere else. */
export const paths = {
  home: "/",
  signIn: "/sign-in",
  signUp: "/sign-up",
  chat: "/chat",
  room: "/chat/$room",
  boards: "/boards",
  board: "/boards/$board",
  blog: "/blog",
  post: "/blog/$slug",
  analytics: "/analytics",
  jobs: "/jobs",
  moderation: "/moderation",
} as const;
