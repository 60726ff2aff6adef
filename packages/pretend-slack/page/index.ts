/** The pretend Slack's parts of a page. */
export { SLACK_KEYS } from "./keys";
export { useSession } from "./session";
export { slack } from "./slack";
export { SlackSide } from "./slack-side";
export { SlackStatusControl } from "./slack-status-control";
export { describeSlackStep } from "./trace";
