/** The REST API of the turn queues, for pipelines and for people with a token. */

import { Deadline } from "#core/deadline";
import { type ApiToken, hashToken, parseBearer } from "#core/dibs/api-token";
import { type ClaimPlace, parseClaimId, serializeClaimId } from "#core/dibs/claim-id";
import type { Move } from "#core/dibs/moves";
import { parseName } from "#core/dibs/name";
import type { Claim } from "#core/dibs/queue";
import { BadRequest, Conflict, Forbidden, KeyReused, NotFound, Unauthorized } from "#core/errors";
import { OFF } from "#core/feature-off";
import { buildHash, createId } from "#core/ids";
import { createLog, type Log } from "#core/log";
import type { TableName } from "#core/named";
import { buildQuote } from "#core/quote";
import command from "#dibs-cli";
import { buildOpenApi } from "#functions/api/openapi";
import { type Action, OPERATIONS } from "#functions/api/operations";
import { buildCursor, type ClaimRequest, parseBody, parseCursor, parseHeaders, parseQuery } from "#functions/api/parameters";
import { answer } from "#functions/api/problem";
import { findRoute, isOpen } from "#functions/api/routes";
import { describeClaim, describePast, describeResource, type PastPage, type ResourcePage } from "#functions/api/shapes";
import { type ClaimStatus, createDibs, type Dibs, type DibsSettings, findStatusIn, type TurnDefault } from "#functions/dibs/dibs";
import { buildEmpty, buildJson, type HttpRequest, type HttpResponse, readBody, readHeader } from "#functions/door";
import type { WorkspaceSettings } from "#functions/workspace";
import { createDynamoDB } from "#stores/aws-clients";
import { ApiTokensTable } from "#stores/dibs/api-tokens-table";
import { createTeamSettings, type TeamSettingsNames, type TeamSettingsTable } from "#stores/slack/team-settings";

interface ApiSettings extends WorkspaceSettings {
  /** What workspaces have chosen. Undefined where the stack serves one workspace. */
  chosen?: TeamSettingsNames | undefined;
  /** The turn queues; undefined if they are off. */
  dibs?: (DibsSettings & TurnDefault & { tokensTable: TableName }) | undefined;
}

interface ApiRequest extends HttpRequest {
  rawPath: string;
  rawQueryString?: string;
  requestContext: { http: { method: string } };
}

interface ApiOptions {
  dibs: Dibs;
  tokens: Pick<ApiTokensTable, "find" | "touch">;
  settings: WorkspaceSettings & TurnDefault;
  /** Undefined where the stack serves one workspace. */
  chosen?: Pick<TeamSettingsTable, "readRecent"> | undefined;
  log: Log;
  nowMs?: () => number;
}

/** A request after authentication and routing. */
interface Asked {
  token: ApiToken;
  path: Record<string, string>;
  query: string | undefined;
  headers: HttpRequest;
  rawBody: Buffer;
  deadline: Deadline;
  /** Whether only resources that an admin added can be claimed; undefined if it has not been read yet. */
  approveOnly?: boolean;
}

/** Clients would wait longer, unlike Slack. But if the work takes longer than this, something is wrong. */
const BUDGET_MS = 4000;

const COMMAND_CACHE_SECONDS = 300;

class Api {
  readonly #dibs: Dibs;
  readonly #tokens: ApiOptions["tokens"];
  readonly #settings: ApiOptions["settings"];
  readonly #chosen: ApiOptions["chosen"];
  readonly #log: Log;
  readonly #nowMs: () => number;

  constructor({ dibs, tokens, settings, chosen, log, nowMs = Date.now }: ApiOptions) {
    this.#dibs = dibs;
    this.#tokens = tokens;
    this.#settings = settings;
    this.#chosen = chosen;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Throws `BadRequest`, `Unauthorized`, `Forbidden`, `NotFound`, `MethodNotAllowed`, `Conflict`, `KeyReused`, `TooLarge`, `UnsupportedMediaType`, `NotDurable`. */
  async handle(request: ApiRequest): Promise<HttpResponse> {
    if (isOpen(request.requestContext.http.method, request.rawPath)) return this.readCommand({ query: request.rawQueryString });
    const deadline = new Deadline(BUDGET_MS);
    const rawBody = (request.body ?? "") === "" ? Buffer.alloc(0) : readBody(request, "application/json");
    // If we serve one team only, we can read its approve-only setting without waiting for the token: a claim then takes one read before its write.
    const { teamId } = this.#settings;
    const [token, approveOnly] = await Promise.all([
      this.authenticate(request, deadline),
      teamId && request.requestContext.http.method === "POST" ? this.#dibs.isApproveOnly(teamId, deadline) : undefined,
    ]);
    const { action, path } = findRoute(request.requestContext.http.method, request.rawPath);
    const asked = { token, path, query: request.rawQueryString, headers: request, rawBody, deadline, approveOnly };
    // Recorded at the same time as the work is done: it only informs people, and is written once a minute at most.
    const [response] = await Promise.all([this.act(action, asked), this.#touch(token, deadline)]);
    return response;
  }

  /** Finds the request's token. Throws `Unauthorized`, whose reason is only logged, and `Forbidden` if the token is another team's. */
  async authenticate(request: ApiRequest, deadline: Deadline): Promise<ApiToken> {
    const text = parseBearer(readHeader(request, "authorization"));
    if (text === undefined) throw new Unauthorized("there is no bearer token");
    const token = await this.#tokens.find(hashToken(text), deadline);
    if (token === undefined) throw new Unauthorized("the token is not known");
    // DynamoDB may take two days to delete an expired item.
    if (token.expiresAtMs <= this.#nowMs()) throw new Unauthorized("the token has expired");
    if (this.#settings.teamId && token.team !== this.#settings.teamId) throw new Forbidden("The token is another team's.");
    return token;
  }

  act(action: Action, asked: Asked): Promise<HttpResponse> {
    return this[action](asked);
  }

  /** Answers anybody with the command, which holds no secret. */
  async readCommand({ query }: Pick<Asked, "query">): Promise<HttpResponse> {
    parseQuery(query);
    const headers = {
      "Content-Type": "text/javascript; charset=utf-8",
      "Cache-Control": `public, max-age=${COMMAND_CACHE_SECONDS}`,
      "X-Content-Type-Options": "nosniff",
    };
    return { statusCode: 200, headers, body: command };
  }

  async describeApi({ query }: Asked): Promise<HttpResponse> {
    parseQuery(query);
    return buildJson(buildOpenApi());
  }

  async listResources({ token, query, deadline }: Asked): Promise<HttpResponse> {
    const { limit, cursor } = parseQuery(query, OPERATIONS.listResources.query);
    const position = parseCursor(token.team, cursor);
    // Read one more than asked for, to know whether there is another page.
    const queues = await this.#dibs.list(
      token.team,
      { limit: limit + 1, ...(position === undefined ? {} : { after: position }) },
      deadline,
    );
    const shown = queues.slice(0, limit);
    return buildJson<ResourcePage>({
      resources: shown.map(queue => describeResource(queue, this.#nowMs())),
      ...(queues.length > limit ? { nextCursor: buildCursor(token.team, shown.at(-1)!.name) } : {}),
    });
  }

  async readResource({ token, path, query, deadline }: Asked): Promise<HttpResponse> {
    parseQuery(query);
    const queue = await this.#dibs.look({ team: token.team, name: parsePathName(path) }, deadline);
    if (queue === undefined) throw new NotFound(`There is no resource ${buildQuote(path["name"])}.`);
    return buildJson(describeResource(queue, this.#nowMs()));
  }

  async listPast({ token, path, query, deadline }: Asked): Promise<HttpResponse> {
    const key = { team: token.team, name: parsePathName(path) };
    const { limit, cursor } = parseQuery(query, OPERATIONS.listPast.query);
    const list = `${key.team}/${key.name}`;
    const position = parseCursor(list, cursor);
    const page = { limit: limit + 1, ...(position === undefined ? {} : { before: position }) };
    const past = await this.#dibs.listPast(key, page, deadline);
    if (past === undefined) throw new NotFound(`There is no resource ${buildQuote(path["name"])}.`);
    const shown = past.slice(0, limit);
    return buildJson<PastPage>({
      claims: shown.map(({ claimId, ended }) => describePast(claimId, ended)),
      ...(past.length > limit ? { nextCursor: buildCursor(list, shown.at(-1)!.place) } : {}),
    });
  }

  /** Claims a resource with one write, after reading the token and whatever could forbid the claim. */
  async claim(asked: Asked): Promise<HttpResponse> {
    const { token, path, query, headers, rawBody, deadline } = asked;
    parseQuery(query);
    const { team } = token;
    const name = parsePathName(path, BadRequest);
    const body = parseBody(rawBody, OPERATIONS.claim.body);
    const { "Idempotency-Key": key } = parseHeaders(headers, OPERATIONS.claim.headers);
    const forSeconds = body.for === undefined ? await this.#readDefault(team, deadline) : body.for;
    const { owner = token.user, reason, deadAfter: deadAfterSeconds } = body;
    const id = key === undefined ? createId() : buildHash("api", token.hash, name, key);
    // A workspace may change its default before a request is repeated.
    const fingerprint = fingerprintOf(this.#chosen === undefined ? { ...body, for: forSeconds } : body);
    const place = { team, name, id };
    const [approveOnly, earlier] = await Promise.all([
      asked.approveOnly ?? this.#dibs.isApproveOnly(team, deadline),
      // A claim that ended long ago is only in the history.
      key === undefined ? undefined : this.#dibs.findPast(place, deadline),
    ]);
    if (earlier !== undefined) return this.#present(place, { is: "ended", ended: earlier }, token, fingerprint);
    const request = { ...place, owner, isPersonal: false, maker: token.user, forSeconds, reason, deadAfterSeconds, fingerprint };
    const joined = await this.#dibs.claim(request, approveOnly, deadline);
    if (joined.is === "full") throw new Conflict(`The queue for ${name} is full.`);
    if (joined.is === "unapproved") throw new NotFound(`There is no resource ${buildQuote(name)}, and only an admin may add one.`);
    const status = joined.is === "in" ? findStatusIn(joined.queue, id) : await this.#dibs.findStatus(place, deadline);
    const now = status?.is === "waiting" && body.wait > 0 ? await this.#wait(place, body.wait) : status;
    if (now === undefined) throw new NotFound("The claim has ended.");
    return this.#present({ ...place, name: joined.queue.name }, now, token, fingerprint);
  }

  async readClaim({ token, path, query, deadline }: Asked): Promise<HttpResponse> {
    const { wait } = parseQuery(query, OPERATIONS.readClaim.query);
    const place = parsePathClaim(path, token);
    const status = wait > 0 ? await this.#wait(place, wait) : await this.#dibs.findStatus(place, deadline);
    if (status === undefined) throw new NotFound("There is no such claim.");
    return buildJson(describeClaim(path["claimId"]!, status, token.user));
  }

  /** Ends a claim; repeating a release succeeds. Throws `Conflict` if the lease is not the claim's current one. */
  async release({ token, path, query, deadline }: Asked): Promise<HttpResponse> {
    const { leaseId } = parseQuery(query, OPERATIONS.release.query);
    const place = parsePathClaim(path, token);
    const status = await this.#dibs.findStatus(place, deadline);
    if (status === undefined) throw new NotFound("There is no such claim.");
    if (status.is === "ended") return confirmEnded(status, leaseId);
    const { claim, queue } = status;
    if (leaseId === undefined) verifyMaker(claim, token);
    const moved = await this.#dibs.move(queue, { do: "release", whose: { claimId: place.id }, leaseId }, deadline, { known: queue });
    if (moved?.outcome.is === "released") return buildEmpty(204);
    // Somebody may have ended the claim after we read it.
    const after = await this.#dibs.findStatus(place, deadline);
    if (after?.is === "ended") return confirmEnded(after, leaseId);
    throw new Conflict("The lease is not the claim's current one.");
  }

  /** Sets when a turn ends. Throws `Conflict` if the lease is not that of the claim's current turn. */
  async limit({ token, path, query, headers, rawBody, deadline }: Asked): Promise<HttpResponse> {
    parseQuery(query);
    const place = parsePathClaim(path, token);
    const { for: forSeconds, leaseId } = parseBody(rawBody, OPERATIONS.limit.body);
    const { "Idempotency-Key": key } = parseHeaders(headers, OPERATIONS.limit.headers);
    const status = await this.#dibs.findStatus(place, deadline);
    if (status === undefined) throw new NotFound("There is no such claim.");
    if (status.is === "ended") throw new Conflict(`The claim has ended: it is ${status.ended.how}.`);
    const request = key === undefined ? undefined : buildHash("limit", token.hash, place.id, key);
    const asked: Move = { do: "limit", claimId: place.id, leaseId, forSeconds };
    const moved = await this.#dibs.move(status.queue, asked, deadline, { requestKey: request, known: status.queue });
    const outcome = moved?.outcome;
    if (outcome?.is === "limited" && (outcome.forSeconds !== forSeconds || outcome.leaseId !== leaseId))
      throw new KeyReused("This Idempotency-Key was used with another body before.");
    if (outcome?.is !== "limited") throw new Conflict("The lease is not that of the claim's current turn.");
    const after = moved && findStatusIn(moved.queue, place.id);
    if (after === undefined || after.is === "ended") throw new Conflict("The claim has ended.");
    return buildJson(describeClaim(path["claimId"]!, after, token.user));
  }

  async beat({ token, path, query, deadline }: Asked): Promise<HttpResponse> {
    const { leaseId } = parseQuery(query, OPERATIONS.beat.query);
    const place = parsePathClaim(path, token);
    const before = await this.#dibs.findStatus(place, deadline);
    if (before !== undefined && before.is !== "ended") verifyMakerOrLease(before.claim, token, leaseId);
    const status =
      before?.is === "ended"
        ? before
        : ((await this.#dibs.recordHeartbeat(place, deadline)) ?? (await this.#dibs.findStatus(place, deadline)));
    if (status === undefined) throw new NotFound("There is no such claim.");
    if (status.is === "ended") throw new Conflict(`The claim has ended: it is ${status.ended.how}.`);
    return buildJson(describeClaim(path["claimId"]!, status, token.user));
  }

  #wait(place: ClaimPlace, seconds: number): Promise<ClaimStatus | undefined> {
    return this.#dibs.wait(place, new Deadline(seconds * 1000), new Deadline(seconds * 1000 + BUDGET_MS));
  }

  /** Answers with the state of a claim. Throws `KeyReused` if another request made the claim with the same key. */
  #present(place: ClaimPlace, status: ClaimStatus, token: ApiToken, fingerprint: string): HttpResponse {
    const claim = status.is === "ended" ? status.ended.claim : status.claim;
    if (claim.fingerprint !== fingerprint) throw new KeyReused("This Idempotency-Key was used with another body before.");
    const statusCode = { holding: 201, waiting: 202, ended: 200 }[status.is];
    return buildJson(describeClaim(serializeClaimId(place), status, token.user), statusCode);
  }

  async #readDefault(team: string, deadline: Deadline): Promise<number | null> {
    const chosen = await this.#chosen?.readRecent(team, deadline);
    return (chosen?.settings ?? this.#settings).dibsDefault;
  }

  async #touch(token: ApiToken, deadline: Deadline): Promise<void> {
    try {
      await this.#tokens.touch(token, this.#nowMs(), deadline);
    } catch (error) {
      this.#log.error("could not record the token's last use", error, { team: token.team });
    }
  }
}

/** Identifies what a request with an idempotency key asks for. How long it waits for its turn doesn't matter. */
const fingerprintOf = ({ owner = "", for: forSeconds, reason = "", deadAfter }: ClaimRequest): string =>
  buildHash("claim", owner, String(forSeconds), reason, String(deadAfter));

const parsePathName = (path: Record<string, string>, Refusal: typeof BadRequest | typeof NotFound = NotFound): string => {
  const name = parseName(path["name"] ?? "");
  if (typeof name !== "string") throw new Refusal(name.problem);
  return name;
};

const parsePathClaim = (path: Record<string, string>, token: ApiToken): ClaimPlace => {
  const place = parseClaimId(path["claimId"] ?? "");
  if (place === undefined) throw new NotFound("There is no such claim.");
  if (place.team !== token.team) throw new Forbidden("The claim is another team's.");
  return place;
};

/** Only the person who made a claim may end it without its lease. Throws `Forbidden`. */
const verifyMaker = (claim: Claim, token: ApiToken): void => {
  if (claim.maker !== token.user) throw new Forbidden("Somebody else made this claim: releasing it takes its leaseId.");
};

/** Only the person who made a claim, or somebody with its lease, may keep it alive. Throws `Forbidden`, or `Conflict` for a stale lease. */
const verifyMakerOrLease = (claim: Claim, token: ApiToken, leaseId: string | undefined): void => {
  if (leaseId === undefined && claim.maker !== token.user)
    throw new Forbidden("Somebody else made this claim. To keep it alive, pass its leaseId.");
  if (leaseId !== undefined && claim.leaseId !== leaseId) throw new Conflict("The lease is not the claim's current one.");
};

/** Answers a request to end a claim that has already ended. Throws `Conflict` unless the claim was released, or left, under the same lease. */
const confirmEnded = ({ ended }: Extract<ClaimStatus, { is: "ended" }>, leaseId: string | undefined): HttpResponse => {
  const isSame = leaseId === undefined || ended.claim.leaseId === leaseId;
  if (isSame && (ended.how === "released" || ended.how === "left")) return buildEmpty(204);
  throw new Conflict(isSame ? `The claim has ended: it is ${ended.how}.` : "The lease is not the claim's last one.");
};

/** Creates the door. Its function needs a timeout of 30 s, because a request may wait for its turn. */
const create = ({ dibs: names, teamId, chosen }: ApiSettings): ((request: ApiRequest) => Promise<HttpResponse>) => {
  const log = createLog("api");
  if (names === undefined) return () => answer(log, () => Promise.reject(new NotFound(OFF.dibs)));
  const tokens = new ApiTokensTable(createDynamoDB("ack"), names.tokensTable);
  const dibs = createDibs(names, log, "ack");
  const settings = { teamId, dibsDefault: names.dibsDefault };
  const api = new Api({ dibs, tokens, settings, chosen: createTeamSettings(chosen, "ack"), log });
  return request => answer(log, () => api.handle(request));
};

export type { ApiRequest, ApiSettings };
export { Api, create };
