/** Every parser takes at most linear time: 40,000 characters of any text cost a door at most 100 ms of CPU time. */

import { replaceEmoji } from "@slack-fanout/pretend-slack/page/emoji";
import { formatMrkdwn, parseMrkdwn, toPlainText } from "@slack-fanout/pretend-slack/page/mrkdwn";
import { findTriggerWord } from "@slack-fanout/pretend-slack/trigger";
import { expect } from "chai";
import sinon from "sinon";
import { buildSafeMarkdown, buildSafeMrkdwn } from "#core/agent/safe-text";
import { isStopText } from "#core/agent/stop-text";
import { buildTaskCard } from "#core/agent/task-card";
import { buildAskEnvelope, parseTaskRequest } from "#core/agent/task-request";
import { parseScript } from "#core/agent/task-script";
import { parseBearer } from "#core/dibs/api-token";
import { parseClaimId } from "#core/dibs/claim-id";
import { findClosest } from "#core/dibs/closest";
import { parseDibsCommand } from "#core/dibs/command";
import { parseDuration } from "#core/dibs/duration";
import { parseName } from "#core/dibs/name";
import { parseUntil } from "#core/dibs/until";
import { buildFileList, parseTag } from "#core/documents/archive-search";
import { buildContentType, buildFileName, isPage, verifyFileUrl } from "#core/documents/slack-files";
import { parseForm, parseValues } from "#core/http/form";
import { parseJsonObject } from "#core/json";
import { createLog } from "#core/log";
import { findTop, parseTop } from "#core/message/leaderboard";
import { findTrigger, parseEnvelope } from "#core/message/message";
import { takeShown } from "#core/message/reply";
import { countTokens } from "#core/message/tokens";
import { parseWordsQuestion } from "#core/message/words-question";
import { composeText } from "#core/normalize";
import { buildCause } from "#core/notice/failure";
import { buildNotification, parseNotice } from "#core/notice/notice";
import { buildQuote } from "#core/quote";
import { escapeMrkdwn, unescapeMrkdwn } from "#core/slack/mrkdwn";
import { cutLines } from "#core/slack/section-text";
import { verifySignature } from "#core/slack/signature";
import { parseSecrets, verifyToken } from "#core/slack/verification-token";
import { Accept } from "#functions/accept";
import { OPERATIONS } from "#functions/api/operations";
import { parseBody, parseCursor, parseHeaders, parseQuery } from "#functions/api/parameters";
import { Commands } from "#functions/commands";
import { ArchiveCommand } from "#functions/commands/archive";
import { WordsCommand } from "#functions/commands/words";
import { ArchiveSearch } from "#functions/documents/archive-search";
import { guard, type HttpRequest, type HttpResponse } from "#functions/door";
import { Events } from "#functions/events";
import { Top } from "#functions/top";
import { Webhook } from "#functions/webhook";
import { WordCounts } from "#functions/word-counts";
import { PersonalChoices } from "#stores/message/personal-choices";
import { buildCommandRequest, buildEventBody, buildEventRequest, buildWebhookRequest, NOW_MS, SECRET, TOKEN } from "./functions/requests";

/** Half of the longest Slack message, and a tenth of that. Quadratic work that takes 100 ms for the longest message takes 25 ms for its half. */
const LONG = 20_000;
const SHORT = 2_000;
const MAX_DOOR_MS = 50;
/** Ten times the text may take ten times as long, plus noise. Quadratic work would take a hundred times as long. */
const MAX_FACTOR = 30;
/** Times below this are not compared. */
const NOISE_MS = 20;
/** A busy machine spoils some runs, but not all of them. */
const MAX_RUNS = 6;

/** Fills a text with a repeated unit, between a beginning and an end. */
const fill = (characters: number, unit: string, before = "", after = ""): string =>
  before + unit.repeat(Math.ceil((characters - before.length - after.length) / unit.length)) + after;

/** Units that provoke a slow parse when repeated, each with a beginning and an end. */
const UNITS: [unit: string, before?: string, after?: string][] = [
  ["a", "", "!"],
  ["1"],
  [" ", "a", "b"],
  ["\n", "a", "b"],
  [" \n", "a", "b"],
  ["\r\n", "a", "b"],
  ["\u3000\t", "a", "b"],
  ["\u200d"],
  ["a\u200d"],
  ["\u200b"],
  ["\ufeff\u00ad\u2060", "a", "b"],
  ["\u0301", "e"],
  ["\u0300\u0316", "a"],
  ["\u0301\u0323", "a"],
  ["\u0344\u0334\u05b0\u3099", "a"],
  ["a\u0323\u0301"],
  [`${"\u0300\u0316".repeat(20)}a`],
  ["\ufe0f", "1"],
  ["\uff9e", "カ"],
  ["\u1100\u1161\u11a8"],
  ["Σ\u0301\u00ad"],
  ["İ"],
  ["ﷺ"],
  ["ß"],
  ["\ud800"],
  ["\u{1f469}\u200d"],
  ["\0"],
  ["<"],
  ["<@"],
  ["<@U1> "],
  ["<@U1|"],
  ["<#C1|a>"],
  ["<|"],
  ["<http://"],
  ["<http://a|"],
  ["<a./|./>"],
  ["./", "<a|", " x>"],
  ["a", "<./", `|.${"a".repeat(1000)}>`],
  [">"],
  ["["],
  ["!["],
  ["![a](", "", "]"],
  ["]( "],
  ["]("],
  [" ", "![]("],
  ["("],
  ["{"],
  ['{"a":'],
  ["`"],
  ["`a\n"],
  ["```"],
  ["```\n`"],
  ['"'],
  ["'"],
  ["a'"],
  ["#"],
  ["#a"],
  ["#a.", "", "!"],
  [".", "#a"],
  ["_+.-", "#a"],
  ["a_", "#"],
  ["-"],
  ["a-"],
  ["@"],
  ["@here"],
  [":"],
  [":a"],
  [":a:"],
  [":ab::", "x", "y"],
  ["1:"],
  ["&"],
  ["&amp"],
  ["&amp;"],
  ["&&amp;#"],
  ["%"],
  ["%41"],
  ["http://"],
  ["https://a/", "<", ">"],
  ["*_~"],
  ["*a _b ~c "],
  ["/"],
  ["\\"],
  [";"],
  [","],
  ["|"],
  ["="],
  [" then"],
  [" then "],
  [" because", "on a for 1h"],
  [" ", "on a for 1h", "because"],
  ["because ", "on a "],
  [" ", "kick <@U0001>", "off"],
  [" ", "rename a", "to"],
  [" ", "claim a", "for"],
  [" ", "top", "x"],
  [" ", "1", "h"],
  ["1h", "", "x"],
  ["1h, and ", "", "x"],
  ["a ", "", "hour"],
  ["an ", "", "!"],
  ["tomorrow "],
  ["noon"],
  [" ", "stop", "x"],
  ["xoxb-"],
];

/** The texts of each unit. All parsers get the same, since building them takes as long as parsing. */
const TEXTS = UNITS.map(([unit, before, after]) => ({
  short: fill(SHORT, unit, before, after),
  long: fill(LONG, unit, before, after),
}));

const asked = { team: "T0001", channel: "C0001", user: "U0001", text: "", triggerId: "1.2.a" };
const names = { users: new Map<string, string>(), channels: new Map<string, string>() };
const rules = { split: "words" as const, ignoreWords: ["awsadvent"] };
const foundFile = { name: "", mimetype: "", sizeBytes: 1, channel: "C0001", user: "U0001", ts: "1763805600.000200" };
const signed = { timestamp: "1", signature: "v0=", rawBody: Buffer.alloc(0) };

/** Every parser, and how it gets the text. It may refuse the text with an error: only the time counts. */
const PARSERS: Record<string, (text: string) => unknown> = {
  composeText,
  countTokens: text => countTokens(text, rules),
  "countTokens, after a label": text => countTokens(`<https://a.example/${text}|a.example/${text}>`, rules),
  takeShown: text => takeShown(text.split(" ")),
  findTrigger: text => findTrigger(text, ["awsadvent", text]),
  findTriggerWord: text => findTriggerWord(text, ["awsadvent", text]),
  escapeMrkdwn,
  unescapeMrkdwn,
  buildQuote,
  buildSafeMrkdwn,
  buildSafeMarkdown,
  parseScript,
  "parseScript sleep": text => parseScript(`sleep ${text}`),
  "parseScript report": text => parseScript(`report words ${text}`),
  "parseScript claim": text => parseScript(`claim a${text}`),
  "parseScript canvas": text => parseScript(`canvas ${text}`),
  parseName,
  "parseName a": text => parseName(`a${text}`),
  buildFileName: text => buildFileName({ id: "F0001", name: text }),
  buildContentType: text => buildContentType({ mimetype: text }),
  verifyFileUrl: text => verifyFileUrl(text, ["https://files.slack.com"]),
  isPage,
  parseTag,
  buildFileList: text => buildFileList(`#${text}`, [{ ...foundFile, name: text, mimetype: text }]),
  parseTop,
  parseWordsQuestion,
  "parseWordsQuestion quoted": text => parseWordsQuestion(`"${text}"`),
  findTop: text => findTop(`top${text}`),
  isStopText,
  "isStopText stop": text => isStopText(`stop${text}`),
  parseTaskRequest: text => parseTaskRequest(buildAskEnvelope({ ...asked, text }, NOW_MS).envelope),
  "parseTaskRequest mention": text => parseTaskRequest(buildAskEnvelope({ ...asked, text: `<@U1>${text}` }, NOW_MS).envelope),
  "parseTaskRequest raw": parseTaskRequest,
  buildAskEnvelope: text => buildAskEnvelope({ ...asked, text, triggerId: text }, NOW_MS),
  buildTaskCard: text => {
    const task = { id: "1", user: "U0001", text, createdAtMs: 0 };
    return buildTaskCard(task, { state: "processing", steps: [{ label: text, state: "done" }], note: text }, NOW_MS);
  },
  parseDibsCommand,
  "parseDibsCommand on": text => parseDibsCommand(`on ${text}`),
  "parseDibsCommand on a": text => parseDibsCommand(`on a ${text}`),
  "parseDibsCommand next a for": text => parseDibsCommand(`next a for ${text}`),
  "parseDibsCommand extend": text => parseDibsCommand(`extend a by ${text}`),
  "parseDibsCommand kick": text => parseDibsCommand(`kick ${text}`),
  "parseDibsCommand rename": text => parseDibsCommand(`rename ${text}`),
  "parseDibsCommand token": text => parseDibsCommand(`token revoke ${text}`),
  parseDuration,
  "parseDuration 1h": text => parseDuration(`1h${text}`),
  parseUntil: text => parseUntil(text, NOW_MS, "UTC"),
  "parseUntil tomorrow": text => parseUntil(`tomorrow ${text}`, NOW_MS, "UTC"),
  findClosest: text => findClosest(text, ["staging", text, `${text}a`]),
  parseClaimId,
  "parseClaimId of a name": text => parseClaimId(`${Buffer.from(`T0001/${text}`).toString("base64url")}.${"a".repeat(16)}`),
  parseBearer: text => parseBearer(`Bearer ${text}`),
  parseForm: text => parseForm(Buffer.from(text)),
  "parseForm encoded": text => parseForm(Buffer.from(`text=${encodeURIComponent(text.toWellFormed())}`)),
  parseValues: text => parseValues(Buffer.from(text), "token"),
  parseJsonObject: text => parseJsonObject(Buffer.from(text)),
  "parseJsonObject string": text => parseJsonObject(Buffer.from(JSON.stringify({ text }))),
  parseQuery: text => parseQuery(text, OPERATIONS.listResources.query),
  "parseQuery limit": text => parseQuery(`limit=${encodeURIComponent(text.toWellFormed())}`, OPERATIONS.listResources.query),
  "parseQuery wait": text => parseQuery(`wait=${encodeURIComponent(text.toWellFormed())}`, OPERATIONS.readClaim.query),
  parseCursor: text => parseCursor("T0001", text),
  parseHeaders: text => parseHeaders({ headers: { "idempotency-key": text } }, OPERATIONS.claim.headers),
  "parseBody owner": text => parseBody(Buffer.from(JSON.stringify({ owner: text })), OPERATIONS.claim.body),
  "parseBody for": text => parseBody(Buffer.from(JSON.stringify({ for: text, reason: text })), OPERATIONS.claim.body),
  buildNotification: text => buildNotification({ id: "1", outcome: "error", title: text, text }),
  parseNotice: text => parseNotice({ messageId: "1", topicArn: "", message: text, details: text }, ""),
  parseEnvelope,
  cutLines: text => cutLines(text),
  buildCause: text => buildCause({ Error: "", Cause: text }),
  verifySignature: text => verifySignature({ ...signed, signature: text, timestamp: text }, ["s"]),
  parseSecrets,
  verifyToken: text => verifyToken(text, [TOKEN]),
  "page: parseMrkdwn": text => toPlainText(parseMrkdwn(text), () => undefined),
  "page: formatMrkdwn": text => formatMrkdwn(text, names),
  "page: replaceEmoji": text => replaceEmoji(text, () => true),
};

const run = (parse: (text: string) => unknown, text: string): void => {
  try {
    parse(text);
  } catch {
    // Refused: only the time counts.
  }
};

const measure = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** At least the processor's time. Reading the clock takes less time than most parsers. */
const measureByClock = async (work: () => unknown): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};

/** Finds parsers whose time grows faster than their text or exceeds the door's limit. The best of several runs counts. */
const findSlow = async (work: (text: string) => unknown): Promise<string[]> => {
  const slow: string[] = [];
  for (const { short, long } of TEXTS) {
    let shortMs = Number.POSITIVE_INFINITY;
    let longMs = await measureByClock(() => work(long));
    const isFast = () => longMs <= NOISE_MS || (longMs <= MAX_DOOR_MS && longMs <= shortMs * MAX_FACTOR);
    for (let runs = 0; runs < MAX_RUNS && !isFast(); runs += 1) {
      longMs = Math.min(longMs, await measure(() => work(long)));
      if (!isFast()) shortMs = Math.min(shortMs, await measure(() => work(short)));
    }
    if (!isFast()) slow.push(`${JSON.stringify(short.slice(0, 20))}: ${shortMs.toFixed(1)} ms, then ${longMs.toFixed(1)} ms`);
  }
  return slow;
};

describe("linear time", () => {
  describe("parsers", () => {
    for (const [name, parse] of Object.entries(PARSERS)) {
      it(`takes linear time: ${name}`, async () => expect(await findSlow(text => run(parse, text))).to.deep.equal([]));
    }
  });

  describe("doors", () => {
    let doors: Record<string, (request: HttpRequest) => Promise<HttpResponse>>;
    beforeEach(() => {
      sinon.stub(console, "log");
      sinon.stub(console, "error");
      const accept = sinon.createStubInstance(Accept);
      accept.accept.resolves("");
      const top = sinon.createStubInstance(Top);
      top.answer.resolves("");
      const counts = sinon.createStubInstance(WordCounts);
      counts.answer.resolves("");
      const known = {
        "/words": new WordsCommand({ top, counts, choices: sinon.createStubInstance(PersonalChoices), settings: { personalBoards: true } }),
        "/archive": new ArchiveCommand(sinon.createStubInstance(ArchiveSearch)),
      };
      const settings = { ...rules, triggerWords: ["awsadvent"], externalUsers: "refuse" as const };
      const webhook = new Webhook(accept, top, settings, [TOKEN]);
      const parts = { accept, settings, secrets: { signing: [SECRET], verificationTokens: [] }, nowMs: () => NOW_MS };
      const [events, answering] = [new Events(parts), new Events({ ...parts, top })];
      const commands = new Commands({
        commands: known,
        settings: { externalUsers: "refuse" },
        signingSecrets: [SECRET],
        slackUrl: undefined,
        nowMs: () => NOW_MS,
      });
      doors = {
        webhook: request => webhook.handle(request),
        events: request => events.handle(request),
        "events, without a webhook": request => answering.handle(request),
        commands: request => commands.handle(request),
      };
    });
    afterEach(() => sinon.restore());

    const requests: [door: string, what: string, build: (text: string) => HttpRequest][] = [
      ["webhook", "a message", text => buildWebhookRequest({ text: `awsadvent ${text}`.toWellFormed() })],
      ["events", "a message", text => buildEventRequest(buildEventBody({ text }))],
      ["events, without a webhook", "a message", text => buildEventRequest(buildEventBody({ text: `awsadvent ${text}` }))],
      ["events", "a message of a bot", text => buildEventRequest(buildEventBody({ text, bot_id: "B1" }))],
      ["commands", "/words", text => buildCommandRequest({ command: "/words", text: text.toWellFormed() })],
      ["commands", "/archive", text => buildCommandRequest({ command: "/archive", text: text.toWellFormed() })],
    ];
    for (const [door, what, build] of requests) {
      it(`takes linear time: ${door}, ${what}`, async () => {
        const handle = guard(createLog("test", {}), doors[door]!);
        const statuses = new Set<number>();
        const slow = await findSlow(async text => statuses.add((await handle(build(text))).statusCode));
        expect(slow).to.deep.equal([]);
        for (const status of statuses) expect(status).to.be.below(500);
      });
    }
  });
});
