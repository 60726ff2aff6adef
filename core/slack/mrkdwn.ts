/** Slack's escaping of text. Source: https://docs.slack.dev/messaging/formatting-message-text */

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const UNESCAPES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Escapes Slack's three control characters, so that Slack shows the text as it is. */
const escapeMrkdwn = (text: string): string => text.replace(/[&<>]/g, character => ESCAPES[character] ?? character);

/** Decodes Slack's three entities, in one pass: `&amp;lt;` becomes `&lt;`. */
const unescapeMrkdwn = (text: string): string => text.replace(/&(?:amp|lt|gt);/g, entity => UNESCAPES[entity] ?? entity);

export { escapeMrkdwn, unescapeMrkdwn };
