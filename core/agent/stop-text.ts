/** Whether a text asks an agent to stop. */

const MENTIONS = /<@[A-Z0-9]{1,64}(?:\|[^<>]{0,200})?>/g;
const STOP = /^[\p{P}\p{Z}\s]*stop[\p{P}\p{Z}\s]*$/iu;

/** Tells whether a text, as Slack escapes it, says `stop` and nothing else; mentions and punctuation aside. */
const isStopText = (text: string): boolean => STOP.test(text.replace(MENTIONS, " "));

export { isStopText };
