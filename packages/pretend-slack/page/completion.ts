interface Command {
  command: string;
  description: string;
  usageHint: string;
}

/** The slash commands that what is typed so far may become. */
const completions = (typed: string, commands: Command[]): Command[] =>
  /^\/\S*$/.test(typed) ? commands.filter(({ command }) => command.startsWith(typed) && command !== typed) : [];

export type { Command };
export { completions };
