import type { IncomingMessage, ServerResponse } from "node:http";
import { allowMethods, answerJson, HttpError, parseJsonObject, readBody } from "@slack-fanout/laptop-cloud/kernel/http";
import { type Program, textSettingOf } from "@slack-fanout/laptop-cloud/kernel/program";
import type { ServiceDefinition } from "@slack-fanout/laptop-cloud/kernel/service";
import { Cards } from "./cards";

/** Trello's path on the page's server. It is below the pretend Slack's path, because settings can refer only to the pretend Slack's address. */
const prefix = "/slack/trello";

const MAX_BYTES = 1024 * 1024;

/** The credentials that requests must have. Undefined: any credentials are accepted. */
interface Credentials {
  key?: string;
  token?: string;
}

/**
 * The pretend Trello, at `{page}/slack/trello/1/`: cards in lists.
 *
 * Behaves as https://developer.atlassian.com/cloud/trello/rest/api-group-cards/; differs: every list exists, and cards have a name, a
 * description and a list. Requests must have the program's settings `trelloKey` and `trelloToken`, if they exist.
 */
const createTrello = (program: () => Program): ServiceDefinition => ({
  name: "trello",
  resources: {},
  always: true,
  readsProgram: true,
  create: cloud => {
    const cards = new Cards(cloud.state("trello"), `${cloud.place.pageUrl}${prefix}`, () => cloud.clock.nowMs());
    return {
      operations: {},
      start: async () => {
        await cards.load();
        const credentials = { key: textSettingOf(program(), "trelloKey"), token: textSettingOf(program(), "trelloToken") };
        cloud.mount(prefix, (request, response) => serve(cards, credentials, request, response));
      },
      stop: async () => {},
    };
  },
});

const serve = async (cards: Cards, credentials: Credentials, request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? "/", "http://trello");
  try {
    const parts = readParts(url);
    if (parts[0] === "c" && parts[1] !== undefined) return showCard(cards, parts[1], request, response);
    const body = await readArguments(request);
    const given = { ...Object.fromEntries(url.searchParams), ...body };
    verify(credentials, given);
    answerJson(response, await answer(cards, request, parts, given));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    // Trello's errors are plain text.
    response.writeHead(error.status, { "content-type": "text/plain; charset=utf-8", ...error.headers }).end(error.message);
  }
};

/** Throws `HttpError` 400. */
const readParts = (url: URL): string[] => {
  try {
    return url.pathname.slice(prefix.length).split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new HttpError(400, "invalid_path", `${url.pathname} is not percent-encoded.`);
  }
};

const answer = async (cards: Cards, request: IncomingMessage, [version, kind, id, of]: string[], given: Record<string, unknown>) => {
  if (version === "1" && kind === "cards" && id === undefined) {
    allowMethods(request, "POST");
    return cards.create(given);
  }
  if (version === "1" && kind === "cards" && of === undefined) {
    allowMethods(request, "GET");
    return cards.read(id!);
  }
  if (version === "1" && kind === "lists" && of === "cards") {
    allowMethods(request, "GET");
    return cards.inList(id!);
  }
  throw new HttpError(404, "not_found", `Cannot ${request.method} ${request.url?.split("?", 1)[0]}`);
};

/** The page of a card, at its `url`. */
const showCard = (cards: Cards, shortLink: string, request: IncomingMessage, response: ServerResponse) => {
  allowMethods(request, "GET");
  const { name, desc } = cards.readShort(shortLink);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }).end(`${name}\n\n${desc}\n`);
};

const readArguments = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const body = await readBody(request, MAX_BYTES);
  if (body.length === 0) return {};
  const contentType = request.headers["content-type"] ?? "";
  if (contentType.startsWith("application/json")) return parseJsonObject(body);
  return Object.fromEntries(new URLSearchParams(body.toString("utf8")));
};

/** Throws `HttpError` 401. */
const verify = (credentials: Credentials, { key, token }: Record<string, unknown>) => {
  if (!isGiven(key, credentials.key)) throw new HttpError(401, "unauthorized", "invalid key");
  if (!isGiven(token, credentials.token)) throw new HttpError(401, "unauthorized", "invalid token");
};

const isGiven = (given: unknown, wanted: string | undefined) =>
  typeof given === "string" && given !== "" && (wanted === undefined || given === wanted);

export { createTrello };
