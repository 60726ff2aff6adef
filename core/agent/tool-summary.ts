/** What a call would do, in words for whoever is to approve it. */

import { buildSafeMrkdwn } from "#core/agent/safe-text";
import type { ToolCall } from "#core/agent/tools";

/** A message's section holds 3,000 characters, and escaping can make five of one. */
const SHOWN_CHARACTERS = 500;

const quote = (text: string): string => {
  const characters = Array.from(text.toWellFormed());
  const shown = buildSafeMrkdwn(characters.slice(0, SHOWN_CHARACTERS).join(""));
  const lines = shown.split("\n").map(line => `> ${line}`);
  // Who approves is to know that there is more than is shown.
  return [...lines, ...(characters.length > SHOWN_CHARACTERS ? [`> _... ${characters.length} characters in all_`] : [])].join("\n");
};

/** Builds the summary, as mrkdwn in which agents' text calls nobody. `channel` is where the call would act. */
const buildSummary = (call: ToolCall, channel: string): string => {
  switch (call.name) {
    case "post_to_slack":
      return `In <#${channel}>:\n${quote(call.args.text)}`;
    case "update_message":
      return `In <#${channel}>, instead of an earlier message:\n${quote(call.args.text)}`;
    case "create_canvas":
      return `A canvas for <#${channel}>:\n${quote(`${call.args.title}\n${call.args.markdown}`)}`;
    case "create_trello_card":
      return `A card:\n${quote(`${call.args.name}\n${call.args.description ?? ""}`.trimEnd())}`;
    case "claim_dibs":
    case "release_dibs":
      return quote(`${call.args.resource}${"reason" in call.args && call.args.reason ? `: ${call.args.reason}` : ""}`);
    case "read_words":
    case "report_progress":
      return "";
  }
};

export { buildSummary };
