import type { KeyHints } from "@slack-fanout/laptop-cloud/page";

/** The keys of the Slack side. */
const SLACK_KEYS: KeyHints[] = [
  {
    where: "In a message box",
    hints: [
      { keys: "Enter", does: "sends the message" },
      { keys: "Shift+Enter", does: "starts a new line" },
      { keys: "Tab", does: "completes a command, a name or an emoji" },
      { keys: "↑ ↓", does: "choose a completion" },
    ],
  },
  { where: "In a thread", hints: [{ keys: "Esc", does: "closes the thread" }] },
];

export { SLACK_KEYS };
