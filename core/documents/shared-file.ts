/** One file of one message: what an execution of the documents pipeline begins with. */

import { buildFileName } from "#core/documents/slack-files";
import { type Envelope, isPrivate, type MessageFile } from "#core/message/message";
import { countTokens } from "#core/message/tokens";
import type { About } from "#core/notice/failure";

interface SharedFile {
  about: About;
  /** The accepted message's id. */
  eventId: string;
  team: string;
  channel: string;
  user: string;
  ts: string;
  threadTs?: string;
  /** What was said with the file, shortened. */
  text: string;
  tags: string[];
  file: MessageFile;
}

/*
 * An execution's state holds 262,144 bytes, of which Step Functions needs some for results and a failure. 10,000 characters take at most
 * 60,000 bytes as JSON, 100 tags of 1,024 bytes 103,000.
 */
const MAX_TEXT_CHARACTERS = 10_000;
const MAX_TAGS = 100;

/** Builds the execution's input. Hashtags count wherever the message was said: also one for the webhook may bring a file. */
const buildSharedFile = (envelope: Envelope, file: MessageFile): SharedFile => {
  const { team, channel, user, ts, threadTs, text } = envelope.data;
  const tags = countTokens(text, { split: "annotations", ignoreWords: [] }).map(([tag]) => tag);
  return {
    about: { file: buildFileName(file), channel, private: isPrivate(envelope), threadTs: threadTs ?? ts, messageId: envelope.id },
    eventId: envelope.id,
    team,
    channel,
    user,
    ts,
    ...(threadTs === undefined ? {} : { threadTs }),
    text: text.slice(0, MAX_TEXT_CHARACTERS).toWellFormed(),
    tags: tags.slice(0, MAX_TAGS),
    file,
  };
};

export type { SharedFile };
export { buildSharedFile };
