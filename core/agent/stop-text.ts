/** Recognizes messages that ask an agent to stop. */

const MENTIONS = /<@[A-Z0-9]{1,64}(?:\|[^<>]{0,200})?>/g;
const STOP = /^[\p{P}\p{Z}\s]*stop[\p{P}\p{Z}\s]*$/iu;

/** Tells whether a text, escaped by Slack, is just `stop`, apart from mentions and punctuation. */
const isStopText = (text: string): boolean => STOP.test(text.replace(MENTIONS, " "));

export { isStopText };
