/** Describes a call to the person who approves it. */

import { buildSafeMrkdwn } from "#core/agent/safe-text";
import type { ToolCall } from "#core/agent/tools";

/** A section holds 3,000 characters, and escaping can turn one character into five. */
const SHOWN_CHARACTERS = 500;

const quote = (text: string): string => {
  const characters = Array.from(text.toWellFormed());
  const shown = buildSafeMrkdwn(characters.slice(0, SHOWN_CHARACTERS).join(""));
  const lines = shown.split("\n").map(line => `> ${line}`);
  // The person must know that the text is cut.
  return [...lines, ...(characters.length > SHOWN_CHARACTERS ? [`> _... ${characters.length} characters in all_`] : [])].join("\n");
};

/** Builds the summary as mrkdwn in which the agent's text notifies nobody. `channel` is the target of the call. */
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
    case "read_thread":
    case "read_conversation":
    case "read_file":
    case "find_files":
    case "open_task":
    case "write_answer":
    case "show_session":
    case "report_progress":
      return "";
  }
};

export { buildSummary };
