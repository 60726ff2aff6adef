/** Trello's REST API, as far as agents use it. Source: https://developer.atlassian.com/cloud/trello/rest/api-group-cards/ */
import type { Deadline } from "#core/deadline";
import { ToolBusy, ToolRefused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";

/** A card to create. */
interface TrelloCard {
  /** Written below the description, so that `find` finds the card again. */
  id: string;
  list: string;
  name: string;
  description: string;
}

interface CreatedCard {
  cardId: string;
  url: string;
}

const TIMEOUT_MS = 5000;
/** How long to wait: Trello counts its rate limits in windows of 10 s. */
const BUSY_MS = 10_000;

const buildDescription = ({ description, id }: TrelloCard): string => `${description}${description === "" ? "" : "\n\n"}_Ref ${id}_`;

class Trello {
  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly token: string,
  ) {}

  /** Creates a card. Throws `ToolBusy` if a retry may succeed, `ToolRefused` if not. */
  async create(card: TrelloCard, deadline: Deadline): Promise<CreatedCard> {
    const created = await this.call("POST", "cards", { idList: card.list, name: card.name, desc: buildDescription(card) }, deadline);
    return readCard(created);
  }

  /** Finds a card that was created with an id; undefined if there is none. */
  async find({ list, id }: Pick<TrelloCard, "list" | "id">, deadline: Deadline): Promise<CreatedCard | undefined> {
    const cards = await this.call("GET", `lists/${encodeURIComponent(list)}/cards`, undefined, deadline);
    const found = Array.isArray(cards) ? cards.find(card => isJsonObject(card) && String(card["desc"]).endsWith(`_Ref ${id}_`)) : undefined;
    return found === undefined ? undefined : readCard(found);
  }

  private async call(method: string, path: string, body: JsonObject | undefined, deadline: Deadline): Promise<unknown> {
    const url = new URL(path, this.url);
    url.search = new URLSearchParams({ key: this.key, token: this.token }).toString();
    const response = await this.fetch(url, {
      method,
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The URL contains the token, which no other host may get.
      redirect: "error",
      signal: AbortSignal.any([deadline.signal(), AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === 429 || response.status >= 500) throw new ToolBusy("waiting-for-trello", BUSY_MS);
    if (!response.ok) throw new ToolRefused("trello", `Trello answers ${response.status} to ${method} ${path}.`);
    return response.json();
  }

  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      // Drop the cause: the error may quote the URL, and with it the token.
      throw new ToolBusy("waiting-for-trello", BUSY_MS, { context: { problem: error instanceof Error ? error.name : "unknown" } });
    }
  }
}

const readCard = (card: unknown): CreatedCard => {
  const { id, url, shortUrl } = isJsonObject(card) ? card : {};
  return { cardId: String(id), url: String(url ?? shortUrl) };
};

/** Creates the client; `TRELLO_KEY` and `TRELLO_TOKEN` are its secrets. Returns undefined if Trello is not configured. */
const createTrello = (url: string, environment: Record<string, string | undefined> = process.env): Trello | undefined => {
  const { TRELLO_KEY: key, TRELLO_TOKEN: token } = environment;
  return key && token && url ? new Trello(url.endsWith("/") ? url : `${url}/`, key, token) : undefined;
};

export type { TrelloCard };
export { createTrello, Trello };
