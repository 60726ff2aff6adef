interface Command {
  command: string;
  description: string;
  usageHint: string;
}

/** What can be completed. */
interface Sources {
  commands: Command[];
  users: { name: string; realName: string }[];
  /** Names of channels. */
  channels: string[];
  /** Names of emoji. */
  emoji: string[];
}

interface Completion {
  /** What the typed part becomes. */
  text: string;
  detail: string;
}

interface Found {
  /** Where the typed part begins. */
  from: number;
  completions: Completion[];
}

const MAX_COMPLETIONS = 8;

const NAME = /(?:^|[\s(])([@#]|:(?=\S{2}))([\p{L}\p{N}_+-]*)$/u;

/** The slash commands, names or emoji that begin with the end of the text before the caret. One that is typed in full is not among them. */
const findCompletions = (typed: string, sources: Sources): Found => {
  if (/^\/\S*$/.test(typed)) {
    const commands = sources.commands.map(({ command, usageHint, description }) => ({
      text: command,
      detail: `${usageHint} ${description}`,
    }));
    return { from: 0, completions: commands.filter(({ text }) => text.startsWith(typed) && text !== typed) };
  }
  const [, mark = "", part = ""] = NAME.exec(typed) ?? [];
  const completions = listNames(mark, sources).filter(({ text, words }) => {
    const name = part.toLowerCase();
    return words.some(word => word.toLowerCase().startsWith(name)) && !text.slice(1).startsWith(`${part}:`) && text.slice(1) !== part;
  });
  return { from: typed.length - mark.length - part.length, completions: completions.slice(0, MAX_COMPLETIONS) };
};

/** The completions that begin with a mark, each with the words by which it is found. */
const listNames = (mark: string, { users, channels, emoji }: Sources): (Completion & { words: string[] })[] => {
  switch (mark) {
    case "@":
      return users.map(({ name, realName }) => ({ text: `@${name}`, detail: realName, words: [name, ...realName.split(" ")] }));
    case "#":
      return channels.map(name => ({ text: `#${name}`, detail: "", words: [name] }));
    case ":":
      return emoji.map(name => ({ text: `:${name}:`, detail: "", words: [name] }));
    default:
      return [];
  }
};

export type { Command, Completion, Sources };
export { findCompletions };
