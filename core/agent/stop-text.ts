/** Recognizes messages that ask an agent to stop. */

const MENTIONS = /<@[A-Z0-9]{1,64}(?:\|[^<>]{0,200})?>/g;

const AROUND = "[\\p{P}\\p{Z}\\s]*";

/** Tells whether a text, escaped by Slack, is just `stop`, apart from mentions and punctuation. Builds the slow pattern only for texts that may match. */
const isStopText = (text: string): boolean =>
  /stop/iu.test(text) && new RegExp(`^${AROUND}stop${AROUND}$`, "iu").test(text.replace(MENTIONS, " "));

export { isStopText };
