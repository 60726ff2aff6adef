/** Mentions of people and channels in Slack's markup, which contain ids instead of names. */

/** `<@U0001>`, `<@U0001|ann>`, `<#C0001>` or `<#C0001|general>`. Source: https://docs.slack.dev/messaging/formatting-message-text */
const MENTION = /<([@#])([A-Z0-9]{1,64})(?:\|([^<>|]{0,200}))?>/g;

/** Lists the ids in mentions that contain no name, without duplicates. */
const findMentioned = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(MENTION)).flatMap(([, , id = "", label]) => (label ? [] : [id]))),
];

/** Replaces mentions by names: `@ann`, `#general`. Mentions without a known name stay. */
const nameMentions = (text: string, names: ReadonlyMap<string, string | undefined>): string =>
  text.replace(MENTION, (mention, sign: string, id: string, label: string | undefined) => {
    const name = label || names.get(id);
    return name === undefined ? mention : `${sign}${name}`;
  });

export { findMentioned, nameMentions };
