import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import type { Workspace } from "@slack-fanout/pretend-slack/protocol";

/** Key of a private word: the conversation's id, a hash, the word. A public word has a hash at its beginning only. */
const PRIVATE_KEY = /^([^#]+)#(.+)$/s;

/** Removes words that edits took back and private words of conversations without this person, and adds the conversation to private words. */
const filterWords = (workspace: Workspace, user: string, items: Items): Items => {
  const [key = ""] = items.keys;
  const visible = items.items.flatMap(item => {
    if (item[items.sortedBy ?? ""] === 0) return [];
    const [, id, word] = PRIVATE_KEY.exec(String(item[key])) ?? [];
    if (id === undefined) return [item];
    const conversation = workspace.channels.find(channel => channel.id === id && channel.members.includes(user));
    return conversation === undefined ? [] : [{ ...item, [key]: `${word} (${conversation.name || "direct message"})` }];
  });
  return { ...items, items: visible };
};

export { filterWords };
