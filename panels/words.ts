import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import type { Workspace } from "@slack-fanout/pretend-slack/protocol";

/** Key of a private word: the conversation's id, a hash, the word. A public word has a hash at its beginning only. */
const PRIVATE_KEY = /^([^#]+)#(.+)$/s;

/** Whose words to show. With `byTeam`, the keys of the tables begin with the workspace's id. */
interface Viewer {
  workspace: Pick<Workspace, "team" | "channels">;
  user: string;
  byTeam: boolean;
}

/** A word as a person sees it: with its conversation if it is private. Undefined if it belongs to a workspace or conversation without this person. */
const showWord = ({ workspace: { team, channels }, user, byTeam }: Viewer, fullKey: string): string | undefined => {
  const prefix = byTeam ? `${team.id}#` : "";
  if (!fullKey.startsWith(prefix)) return undefined;
  const key = fullKey.slice(prefix.length);
  const [, id, word] = PRIVATE_KEY.exec(key) ?? [];
  if (id === undefined) return key;
  const conversation = channels.find(channel => channel.id === id && channel.members.includes(user));
  return conversation === undefined ? undefined : `${word} (${conversation.name || "direct message"})`;
};

/** Removes words that edits took back or that this person may not see, and adds the conversation to private words. */
const filterWords = (viewer: Viewer, items: Items): Items => {
  const [key = ""] = items.keys;
  const visible = items.items.flatMap(item => {
    const shown = item[items.sortedBy ?? ""] === 0 ? undefined : showWord(viewer, String(item[key]));
    return shown === undefined ? [] : [{ ...item, [key]: shown }];
  });
  return { ...items, items: visible };
};

export type { Viewer };
export { filterWords, showWord };
