import type { IncomingMessage, ServerResponse } from "node:http";
import {
  allowMethods,
  answerJson,
  HttpError,
  parseJsonObject,
  readBody,
  refuseUnknownFields,
} from "@slack-fanout/laptop-cloud/kernel/http";
import type { Program } from "@slack-fanout/laptop-cloud/kernel/program";
import type { ServiceDefinition } from "@slack-fanout/laptop-cloud/kernel/service";
import { install } from "./app";
import { click } from "./click";
import { answerConsent } from "./consent-page";
import { create } from "./create";
import { edit, react, remove } from "./edit";
import { join } from "./join";
import { answerResponseUrl } from "./message-response";
import { open } from "./open";
import { Organisation } from "./organisation";
import { readCanvases, readDeliveries, readHome, readMessages, readModal, readSessions, readState, readStreams } from "./read";
import { say } from "./say";
import { serveDownload, servePreview, takeUpload } from "./serve-files";
import type { Slack } from "./slack";
import { SlackError } from "./slack-error";
import { stop } from "./stop";
import { clickInView, close, openHome, submit } from "./view-actions";
import { SLACK_NON_MARKETPLACE, SLACK_REFUSES, SLACK_STATUS, WebApi } from "./web-api";

/** The limit for requests with files, which are base64 in JSON. */
const MAX_SAY_BYTES = 128 * 1024 * 1024;
const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * The pretend Slack, at `{page}/slack`: two workspaces, the program's app, routes for what people do, and the Web API.
 *
 * `program` is read when the cloud starts its services. Without a `slackManifest` no app is installed.
 */
const createSlack = (program: () => Program): ServiceDefinition => ({
  name: "slack",
  resources: {},
  always: true,
  readsProgram: true,
  faults: { slackStatus: SLACK_STATUS, slackRefuses: SLACK_REFUSES, slackNonMarketplace: SLACK_NON_MARKETPLACE },
  userAgent: "Slackbot",
  create: cloud => {
    let organisation: Organisation | undefined;
    return {
      operations: {},
      start: async () => {
        organisation = new Organisation(cloud, install(program()));
        await organisation.load();
        const routes = buildRoutes(organisation, new WebApi(organisation));
        cloud.mount("/slack", (request, response) => serve(routes, request, response));
      },
      resume: async () => organisation?.resume(),
      stop: async () => organisation?.stop(),
    };
  },
});

type Handle = (request: IncomingMessage, response: ServerResponse, parts: string[], query: URLSearchParams) => Promise<void>;

/** What a person does: a POST with JSON. */
const act =
  (perform: (input: Record<string, unknown>) => unknown, maxBytes = MAX_MESSAGE_BYTES): Handle =>
  async (request, response) => {
    allowMethods(request, "POST");
    answerJson(response, await perform(parseJsonObject(await readBody(request, maxBytes))));
  };

/** What can be seen: a GET. */
const show =
  (read: (query: URLSearchParams) => unknown): Handle =>
  async (request, response, _parts, query) => {
    allowMethods(request, "GET");
    answerJson(response, read(query));
  };

/** By the first segment of the path below `/slack`; `parts` are the others. */
const buildRoutes = (organisation: Organisation, webApi: WebApi): Record<string, Handle> => {
  const actIn = (perform: (slack: Slack, input: Record<string, unknown>) => unknown, maxBytes?: number) =>
    act(async input => {
      await organisation.installed();
      return perform(organisation.ofRequest(input), input);
    }, maxBytes);
  const showIn = (read: (slack: Slack, query: URLSearchParams) => unknown) =>
    show(query => read(organisation.ofRequest({ user: query.get("user"), channel: query.get("channel"), team: query.get("team") }), query));
  const answerResponse: Handle = async (request, response, [team = "", id = ""]) => {
    allowMethods(request, "POST");
    const slack = organisation.workspace(team) ?? organisation.first;
    await answerResponseUrl(slack, id, await readBody(request, MAX_MESSAGE_BYTES), response);
  };
  return {
    say: actIn(say, MAX_SAY_BYTES),
    click: actIn((slack, input) => ("viewId" in input ? clickInView(slack, input) : click(slack, input))),
    "open-home": actIn(openHome),
    submit: actIn(submit),
    close: actIn(close),
    edit: actIn(edit),
    delete: actIn(remove),
    react: actIn(react),
    join: actIn(join),
    create: actIn(create),
    stop: actIn(stop),
    open: actIn(open),
    uninstall: act(async input => {
      refuseUnknownFields(input, ["team"]);
      await organisation.installed();
      return organisation.uninstallFrom(input["team"]);
    }),
    oauth: async (request, response, parts, query) => {
      if (parts.join("/") !== "v2/authorize") throw new HttpError(404, "not_found", "The consent page is at oauth/v2/authorize.");
      await answerConsent(organisation, request, query, response);
    },
    state: showIn(slack => readState(organisation, slack)),
    deliveries: show(() => readDeliveries(organisation.workspaces)),
    messages: showIn(readMessages),
    sessions: show(() => organisation.workspaces.flatMap(readSessions)),
    streams: show(() => organisation.workspaces.flatMap(readStreams)),
    canvases: showIn(readCanvases),
    home: showIn(readHome),
    views: showIn(readModal),
    api: async (request, response, [method = ""], query) => {
      await webApi.answer(method, request, await readBody(request, MAX_MESSAGE_BYTES), query, response);
    },
    commands: answerResponse,
    actions: answerResponse,
    "files-pri": async (request, response, parts) => {
      allowMethods(request, "GET");
      await serveDownload(organisation, request, parts, response);
    },
    preview: async (request, response, [id = ""]) => {
      allowMethods(request, "GET");
      await servePreview(organisation, id, response);
    },
    upload: async (request, response, [ticket = ""]) => {
      allowMethods(request, "POST");
      await takeUpload(organisation, ticket, request.headers["content-type"], await readBody(request, MAX_UPLOAD_BYTES), response);
    },
    archives: async (request, response, [channel = "", link = ""]) => {
      allowMethods(request, "GET");
      response.writeHead(302, { location: `/#${encodeURIComponent(channel)}/${encodeURIComponent(link)}` }).end();
    },
  };
};

const serve = async (routes: Record<string, Handle>, request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? "/", "http://slack");
  const [name = "", ...parts] = url.pathname.replace(/^\/slack\/?/, "").split("/");
  try {
    const handle = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (handle === undefined) throw new HttpError(404, "not_found", `The pretend Slack has nothing at ${url.pathname}.`);
    await handle(request, response, parts, url.searchParams);
  } catch (error) {
    if (error instanceof HttpError)
      return answerJson(response, { ok: false, error: error.code, message: error.message }, error.status, error.headers);
    if (error instanceof SlackError)
      return answerJson(response, { ok: false, error: error.code, ...error.fields }, error.status, error.headers);
    throw error;
  }
};

export { createSlack };
