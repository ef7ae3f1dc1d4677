/** The steps of slow mode, by their seconds. */
export const SLOW_MODE_TEXTS = {
  "0": "Off",
  "5": "5 seconds",
  "10": "10 seconds",
  "30": "30 seconds",
  "60": "1 minute",
  "300": "5 minutes",
  "900": "15 minutes",
  "3600": "1 hour",
  "21600": "6 hours",
} as const;

export type SlowMode = keyof typeof SLOW_MODE_TEXTS;

const SECONDS = {
  "0": 0,
  "5": 5,
  "10": 10,
  "30": 30,
  "60": 60,
  "300": 300,
  "900": 900,
  "3600": 3_600,
  "21600": 21_600,
} as const satisfies Record<SlowMode, number>;

export function slowSecondsOf(mode: SlowMode): (typeof SECONDS)[SlowMode] {
  return SECONDS[mode];
}

/** The step of so many seconds; off if there is none. */
export function slowModeOf(seconds: number): SlowMode {
  const modes = Object.keys(SECONDS) as SlowMode[];
  return modes.find((mode) => SECONDS[mode] === seconds) ?? "0";
}
