/** One file of one message: the input of an execution of the documents pipeline. */

import { buildFileName } from "#core/documents/slack-files";
import { type Envelope, isPrivate, type MessageFile } from "#core/message/message";
import { countTokens } from "#core/message/tokens";
import type { AboutFile } from "#core/notice/failure";

interface SharedFile {
  about: AboutFile;
  /** The id of the accepted message. */
  eventId: string;
  team: string;
  channel: string;
  user: string;
  ts: string;
  threadTs?: string;
  /** The message's text, shortened. */
  text: string;
  tags: string[];
  file: MessageFile;
}

/*
 * The state of an execution holds 262,144 bytes, including results and the description of a failure. 10,000 characters take at most 60,000
 * bytes as JSON, and 100 tags of 1,024 bytes 103,000.
 */
const MAX_TEXT_CHARACTERS = 10_000;
const MAX_TAGS = 100;

/** Lists the hashtags under which a message's files are found. It splits the text, because an envelope has no tokens if the webhook counts the message. */
const listTags = (text: string): string[] =>
  countTokens(text, { split: "annotations", ignoreWords: [] })
    .map(([tag]) => tag)
    .slice(0, MAX_TAGS);

/** Builds the input. */
const buildSharedFile = (envelope: Envelope, file: MessageFile): SharedFile => {
  const { team, channel, user, ts, threadTs, text } = envelope.data;
  return {
    about: { file: buildFileName(file), team, channel, private: isPrivate(envelope), threadTs: threadTs ?? ts, messageId: envelope.id },
    eventId: envelope.id,
    team,
    channel,
    user,
    ts,
    ...(threadTs === undefined ? {} : { threadTs }),
    text: text.slice(0, MAX_TEXT_CHARACTERS).toWellFormed(),
    tags: listTags(text),
    file,
  };
};

export type { SharedFile };
export { buildSharedFile, listTags };
