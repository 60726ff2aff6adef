/** Slack's escaping of text. Source: https://docs.slack.dev/messaging/formatting-message-text */

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const UNESCAPES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Escapes the three characters that Slack gives a meaning, so that text is shown as it is. */
const escapeMrkdwn = (text: string): string => text.replace(/[&<>]/g, character => ESCAPES[character] ?? character);

/** Turns Slack's three entities back into characters, in one pass: `&amp;lt;` is the text `&lt;`. */
const unescapeMrkdwn = (text: string): string => text.replace(/&(?:amp|lt|gt);/g, entity => UNESCAPES[entity] ?? entity);

export { escapeMrkdwn, unescapeMrkdwn };
