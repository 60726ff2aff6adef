/** Which of the counted words one person sees, as the leaderboard names them. */
import type { Items } from "../packages/laptop-cloud/page/control";
import type { Workspace } from "../packages/pretend-slack/page/slack";

/** The key of a word that was said in private: the conversation's id, a hash, the word. A public word has no hash but its first letter. */
const privateKey = /^([^#]+)#(.+)$/s;

/** Leaves out words that were said in private where the person is not; `workspace` is theirs. */
const wordsSeenBy = (workspace: Workspace, user: string, items: Items): Items => {
  const [key = ""] = items.keys;
  const seen = items.items.flatMap(item => {
    const [, id, word] = privateKey.exec(String(item[key])) ?? [];
    if (id === undefined) return [item];
    const place = workspace.channels.find(channel => channel.id === id && channel.members.includes(user));
    return place === undefined ? [] : [{ ...item, [key]: `${word} (${place.name || "direct message"})` }];
  });
  return { ...items, items: seen };
};

export { wordsSeenBy };
