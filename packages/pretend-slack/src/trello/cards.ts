import { randomBytes } from "node:crypto";
import { HttpError } from "@slack-fanout/laptop-cloud/kernel/http";
import type { State } from "@slack-fanout/laptop-cloud/kernel/state";

/** A card as the API shows it. `url` and `shortUrl` are added then, because the port may change at a restart. */
interface Card {
  id: string;
  idShort: number;
  shortLink: string;
  name: string;
  desc: string;
  idList: string;
  closed: boolean;
  /** ISO 8601. */
  dateLastActivity: string;
}

/** Trello, "Create a new Card": maximum length of name and description. */
const MAX_TEXT_LENGTH = 16_384;

/** All cards. They are in memory, and each change is written first. */
class Cards {
  readonly #cards = new Map<string, Card>();

  constructor(
    private readonly state: State,
    private readonly url: string,
    private readonly nowMs: () => number,
  ) {}

  async load() {
    const cards = (await this.state.entries<Card>("card/")).map(([, card]) => card);
    for (const card of cards.sort((a, b) => a.idShort - b.idShort)) this.#cards.set(card.id, card);
  }

  /** Throws `HttpError` 400 for an argument that Trello would refuse. */
  async create({ idList, name, desc }: Record<string, unknown>) {
    const card: Card = {
      id: this.#newId(),
      idShort: this.#cards.size + 1,
      shortLink: randomBytes(6).toString("base64url"),
      name: parseText("name", name),
      desc: parseText("desc", desc),
      idList: parseText("idList", idList),
      closed: false,
      dateLastActivity: new Date(this.nowMs()).toISOString(),
    };
    if (card.idList === "") throw invalid("idList");
    this.#cards.set(card.id, card);
    await this.state.put(`card/${card.id}`, card);
    return this.#present(card);
  }

  /** By id or short link. Throws `HttpError` 404. */
  read(id: string) {
    return this.#present(this.#cards.get(id) ?? this.readShort(id));
  }

  /** Throws `HttpError` 404. */
  readShort(shortLink: string): Card {
    const card = [...this.#cards.values()].find(each => each.shortLink === shortLink);
    if (card === undefined) throw new HttpError(404, "not_found", "The requested resource was not found.");
    return card;
  }

  inList(idList: string) {
    return [...this.#cards.values()].filter(card => card.idList === idList).map(card => this.#present(card));
  }

  #present(card: Card) {
    const shortUrl = `${this.url}/c/${card.shortLink}`;
    return { ...card, shortUrl, url: `${shortUrl}/${card.idShort}-${slugOf(card.name)}` };
  }

  /** An id in Trello's format: eight digits of the time in seconds, then sixteen random ones. */
  #newId() {
    return Math.floor(this.nowMs() / 1000).toString(16) + randomBytes(8).toString("hex");
  }
}

const parseText = (argument: string, value: unknown = ""): string => {
  if (typeof value !== "string" || value.length > MAX_TEXT_LENGTH) throw invalid(argument);
  return value;
};

const invalid = (argument: string) => new HttpError(400, "invalid_value", `invalid value for ${argument}`);

const slugOf = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");

export { Cards };
