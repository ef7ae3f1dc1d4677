import clsx from "clsx";

const SIZES = {
  small: "size-6 text-[0.625rem]",
  medium: "size-9 text-xs",
  large: "size-12 text-base",
} as const;

export interface AvatarProps {
  user: { displayName: string; avatarHue: number };
  size?: keyof typeof SIZES;
  className?: string;
}

/** Initials on the member's own hue. The name stands beside it: screen readers skip it. */
export function Avatar({ user, size = "medium", className }: AvatarProps) {
  const initials = user.displayName
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => Array.from(word)[0] ?? "")
    .join("")
    .toUpperCase();
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: `hsl(${user.avatarHue} 42% 29%)` }}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-full font-semibold text-white select-none",
        SIZES[size],
        className,
      )}
    >
      {initials}
    </span>
  );
}
