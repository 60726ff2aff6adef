import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import type { Workspace } from "@slack-fanout/pretend-slack/protocol";

/** Key of a private word: the conversation's id, a hash, the word. A public word has a hash at its beginning only. */
const PRIVATE_KEY = /^([^#]+)#(.+)$/s;

/** A word as a person sees it: with its conversation if it is private. Undefined if it is private in a conversation without this person. */
const showWord = ({ channels }: Workspace, user: string, key: string): string | undefined => {
  const [, id, word] = PRIVATE_KEY.exec(key) ?? [];
  if (id === undefined) return key;
  const conversation = channels.find(channel => channel.id === id && channel.members.includes(user));
  return conversation === undefined ? undefined : `${word} (${conversation.name || "direct message"})`;
};

/** Removes words that edits took back and private words of conversations without this person, and adds the conversation to private words. */
const filterWords = (workspace: Workspace, user: string, items: Items): Items => {
  const [key = ""] = items.keys;
  const visible = items.items.flatMap(item => {
    const shown = item[items.sortedBy ?? ""] === 0 ? undefined : showWord(workspace, user, String(item[key]));
    return shown === undefined ? [] : [{ ...item, [key]: shown }];
  });
  return { ...items, items: visible };
};

export { filterWords, showWord };
