/** The tool that puts cards on the team's Trello board. */

import { refuse } from "#core/agent/tool-rules";
import type { ToolArguments } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { buildQuote } from "#core/quote";
import type { Attempt, Work } from "#functions/gateway/once";
import type { Trello } from "#stores/agent/trello";

class TrelloTool {
  constructor(
    private readonly trello: Pick<Trello, "create" | "find"> | undefined,
    private readonly list: string,
  ) {}

  /** Whether there are credentials and a list. Without them the tool is not offered. */
  get isConfigured(): boolean {
    return this.trello !== undefined && this.list !== "";
  }

  /** Throws `ToolRefused` (`trello`), `ToolBusy`. */
  async create(args: ToolArguments<"create_trello_card">, { id, sinceMs }: Attempt, deadline: Deadline): Promise<Work> {
    if (this.trello === undefined) return refuse("trello", "Trello is not configured.");
    const { name, description = "", list = this.list } = args;
    if (list !== this.list) return refuse("trello", `${buildQuote(list)} is not the list that is configured for agents. Omit the list.`);
    const found = sinceMs === undefined ? undefined : await this.trello.find({ list, id }, deadline);
    const { cardId, url } = found ?? (await this.trello.create({ id, list, name, description }, deadline));
    return { result: { cardId, url } };
  }
}

export { TrelloTool };
