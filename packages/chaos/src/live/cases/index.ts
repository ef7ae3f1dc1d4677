export { churn } from "./churn.ts";
export { type CaseResult, type LiveCase, MANY_MEMBERS } from "./live-case.ts";
export { resume } from "./resume.ts";
export { rollingRestart } from "./rolling-restart.ts";
export { stall } from "./stall.ts";
export { storm } from "./storm.ts";
