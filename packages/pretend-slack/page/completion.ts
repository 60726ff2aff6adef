interface Command {
  command: string;
  description: string;
  usageHint: string;
}

/** The slash commands that begin with the typed text. */
const findCompletions = (typed: string, commands: Command[]): Command[] =>
  /^\/\S*$/.test(typed) ? commands.filter(({ command }) => command.startsWith(typed) && command !== typed) : [];

export type { Command };
export { findCompletions };
