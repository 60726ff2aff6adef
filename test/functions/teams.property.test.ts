import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import fc from "fast-check";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { describeToken } from "#core/dibs/api-token";
import { FILES } from "#core/documents/tables";
import { createLog } from "#core/log";
import { CountKeys } from "#core/message/count-keys";
import { parseAnyEnvelope } from "#core/message/event";
import { buildNotification } from "#core/notice/notice";
import { RECEIPTS } from "#core/notice/tables";
import { INSTALLATIONS } from "#core/slack/tables";
import { Accept, Counter } from "#functions/accept";
import { AnswerOnce } from "#functions/answer-once";
import { Api } from "#functions/api";
import { answer as answerApi } from "#functions/api/problem";
import { Commands } from "#functions/commands";
import { AskCommand } from "#functions/commands/ask";
import { DibsSlashCommand } from "#functions/commands/dibs";
import { WordsCommand } from "#functions/commands/words";
import { Dibs } from "#functions/dibs/dibs";
import type { HttpResponse } from "#functions/door";
import { Events } from "#functions/events";
import { InstalledWorkspaces } from "#functions/installed-workspaces";
import { Interactions } from "#functions/interactions";
import { AgentButtons } from "#functions/interactions/agent-buttons";
import { DibsButtons } from "#functions/interactions/dibs-buttons";
import { People } from "#functions/people";
import { Top } from "#functions/top";
import { WordCounts } from "#functions/word-counts";
import { Feedback } from "#stores/agent/feedback";
import { TasksTable } from "#stores/agent/tasks-table";
import { ToolApprovals } from "#stores/agent/tool-approvals";
import { CountOnce } from "#stores/count-once";
import { ApiTokensTable } from "#stores/dibs/api-tokens-table";
import { DibsTable } from "#stores/dibs/dibs-table";
import { DibsHistoryTable } from "#stores/dibs/history-table";
import { RequestsTable } from "#stores/dibs/requests-table";
import { FilesTable } from "#stores/documents/files-table";
import { BoardsTable } from "#stores/message/boards-table";
import { CountedVersions, type Effect } from "#stores/message/counted-versions";
import { Levels } from "#stores/message/levels";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { ReceiptsTable } from "#stores/notice/receipts-table";
import { InstallationsTable } from "#stores/slack/installations-table";
import type { TokensSettings } from "#stores/slack/tokens";
import { Leaderboard } from "#subscribers/leaderboard";
import { Multiplier } from "#subscribers/multiplier";
import { Notifier } from "#subscribers/notifier";
import { Tally } from "#subscribers/tally";
import { createDibsTables } from "../dibs-tables";
import { createTables, createTablesOf } from "../dynamodb-endpoint";
import { createTasksTable } from "../stores/agent/tasks-under-test";
import { buildTeamSettings } from "../team-settings";
import { buildEventBody, buildEventRequest, NOW_MS, SECRET, sign } from "./requests";

/** Both workspaces have the same names. Only the team differs. */
const [OURS, THEIRS] = ["T0001", "T0002"] as const;
const TOKENS = { [OURS]: `sf_${"a".repeat(40)}`, [THEIRS]: `sf_${"b".repeat(40)}` };
const REMEMBERING = { archiveDays: 90, dedupHours: 48 };
const RULES = { triggerWords: ["awsadvent"], split: "words" as const, ignoreWords: [], externalUsers: "refuse" as const };
const FORM = "application/x-www-form-urlencoded";
/** Said in our workspace only. */
const SECRET_WORD = "flamingo";

type Team = typeof OURS | typeof THEIRS;

const word = fc.constantFrom("tea", "milk", "#receipt", SECRET_WORD);
const channel = fc.constantFrom("C0001", "G0001");
const user = fc.constantFrom("U0001", "U0002");
const name = fc.constantFrom("staging", "demo", SECRET_WORD);
const step = fc.oneof(
  fc.record({
    do: fc.constant("say" as const),
    channel,
    user,
    words: fc.array(word, { minLength: 1, maxLength: 4 }),
    isMention: fc.boolean(),
  }),
  fc.record({ do: fc.constant("edit" as const), channel, said: fc.nat(5), words: fc.array(word, { maxLength: 3 }) }),
  fc.record({ do: fc.constant("delete" as const), channel, said: fc.nat(5) }),
  fc.record({
    do: fc.constant("command" as const),
    channel,
    user,
    text: fc.constantFrom("/words off", "/words forget", "/ask post hello", "/ask stop"),
  }),
  fc.record({ do: fc.constant("dibs" as const), user, name, text: fc.constantFrom("on", "off", "watch", "next", "who") }),
  fc.record({
    do: fc.constant("press" as const),
    user,
    name,
    action: fc.constantFrom("dibs_join", "dibs_release", "dibs_leave", "agent_stop"),
  }),
  fc.record({ do: fc.constant("notice" as const), id: fc.constantFrom("done", "failed"), channel }),
  fc.record({ do: fc.constant("share" as const), channel, user, tag: fc.constantFrom("#receipt", "#plan"), isRemoved: fc.boolean() }),
  fc.record({ do: fc.constant("api" as const), name, method: fc.constantFrom("POST", "DELETE", "PUT", "GET") }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe("two workspaces with the same names", function () {
  this.timeout(600_000);

  let messages: Awaited<ReturnType<typeof createTables>>;
  let queues: Awaited<ReturnType<typeof createDibsTables>>;
  let agents: Awaited<ReturnType<typeof createTasksTable>>;
  let others: Awaited<ReturnType<typeof openOthers>>;
  const openOthers = () => createTablesOf({ installations: INSTALLATIONS, receipts: RECEIPTS, files: FILES });

  before(async () => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    [messages, queues, agents, others] = await Promise.all([createTables(), createDibsTables(), createTasksTable(), openOthers()]);
  });
  after(async () => {
    sinon.restore();
    for (const each of [messages, queues, agents, others]) await each.stop();
  });

  /** One warm process of each function, which serves both workspaces. */
  const start = () => {
    const log = createLog("test", {});
    const keys = new CountKeys({ byTeam: true });
    const { client } = messages;
    const words = new WordsTable(client, messages.words, keys);
    const boards = new BoardsTable(client, messages.boards, keys);
    const choices = new PersonalChoices(client, messages.boards, keys);
    const names = { boardsTable: messages.boards, seenTable: messages.seen };
    const personal = new PersonalBoards(client, names, keys);
    const levels = new Levels(client);
    const seen = new SeenTable(client, messages.seen);
    const count = (effect: Effect) =>
      new CountedVersions({ once: new CountOnce(client), seen, effect, ...REMEMBERING, nowMs: () => NOW_MS });
    const tally = (effect: Effect) =>
      new Tally({ counted: count(effect), seen, levels, effect, settings: { ...RULES, ...REMEMBERING }, nowMs: () => NOW_MS });
    const subscribers = [
      tally(new Multiplier(words, 10)),
      tally(new Leaderboard({ boards, personal, choices, settings: { multiplier: 10, archiveDays: 90, personalBoards: true } })),
    ];
    const topic = {
      publish: async (envelope: string) => {
        for (const subscriber of subscribers) await subscriber.handle(parseAnyEnvelope(envelope));
      },
    };
    const top = new Top({ words, boards, own: { choices, boards: personal }, nowMs: () => NOW_MS });
    const installations = new InstallationsTable(others.client, others.names.installations);
    const linked = { installUrl: "https://example.com/install", eraseAfterDays: 30, teamDefaults: buildTeamSettings() };
    const installed = new InstalledWorkspaces(installations, linked, log, () => NOW_MS);
    const accept = new Accept({
      counted: count(new Counter(words)),
      words,
      seen,
      topic: topic as never,
      levels,
      settings: REMEMBERING,
      log,
      nowMs: () => NOW_MS,
    });
    const events = new Events({
      accept,
      top,
      installed,
      settings: RULES,
      secrets: { signing: [SECRET], verificationTokens: [] },
      nowMs: () => NOW_MS,
    });
    const dibs = new Dibs({
      queues: new DibsTable(queues.client, queues.names.dibs),
      history: new DibsHistoryTable(queues.client, queues.names.history),
      schedules: { create: async () => {} },
      notices: { publish: async ({ team }) => void expect(team).to.be.oneOf([OURS, THEIRS]) },
      log,
      nowMs: () => NOW_MS,
    });
    const once = new AnswerOnce(new RequestsTable(queues.client, queues.names.requests), log, () => NOW_MS);
    const tokens = new ApiTokensTable(queues.client, queues.names.tokens);
    const tasks = new TasksTable(agents.client, agents.name);
    const approvals = new ToolApprovals(agents.client, agents.gatewayName, agents.name);
    const commands = new Commands({
      commands: {
        "/words": new WordsCommand({
          top,
          counts: new WordCounts(words, boards, () => NOW_MS),
          choices,
          settings: { personalBoards: true },
          nowMs: () => NOW_MS,
        }),
        "/dibs": new DibsSlashCommand(
          { once, dibs, tokens, people: new People(undefined, log) },
          { secret: SECRET, dibsDefault: 3600 },
          () => NOW_MS,
        ),
        "/ask": new AskCommand({ inbox: { send: async () => {} }, topic: { publish: async () => {} }, tasks, log, nowMs: () => NOW_MS }),
      },
      settings: RULES,
      signingSecrets: [SECRET],
      slackUrl: undefined,
      installed,
      nowMs: () => NOW_MS,
    });
    const interactions = new Interactions({
      kinds: [
        new DibsButtons(dibs, once, 3600, () => NOW_MS),
        new AgentButtons({
          tasks,
          approvals,
          feedback: new Feedback(agents.client, agents.name),
          settings: { approvers: "anyone", isShared: true },
          log,
          nowMs: () => NOW_MS,
        }),
      ],
      settings: RULES,
      signingSecrets: [SECRET],
      slackUrl: undefined,
      log,
      installed,
      nowMs: () => NOW_MS,
      respond: async () => {},
    });
    const api = new Api({ dibs, tokens, settings: { dibsDefault: null }, log, nowMs: () => NOW_MS });
    /** The workspaces whose bots have posted. */
    const posted: string[] = [];
    const post = (team: string) => async () => `${posted.push(team)}.000100`;
    const notifier = new Notifier({
      slacks: { of: team => ({ post: post(team), findPosted: async () => undefined, openConversation: async () => "D0001" }) },
      receipts: new ReceiptsTable(others.client, others.names.receipts),
      queue: { postpone: async () => {}, sendCopy: async () => {}, giveUp: async () => {} },
      settings: { errorsTopicArn: "errors", notifyChannel: "", tokens: {} as TokensSettings },
      log,
      // A second for each post: a channel never has to wait.
      nowMs: () => NOW_MS + serial * 2000,
    });
    const files = new FilesTable(others.client, others.names.files);
    return { installations, tokens, events, commands, interactions, api, notifier, posted, files };
  };

  let serial = 0;
  const saidAt = (index: number) => `${NOW_MS / 1000 - 100 + index}.000100`;

  /** Somebody in a workspace, who uses every door. */
  const createPeople = (doors: ReturnType<typeof start>, team: Team) => {
    const ask = async (command: string, over: Record<string, string> = {}) => {
      const [, name = "", text = ""] = /^(\S+) ?(.*)$/.exec(command)!;
      serial += 1;
      const fields = {
        team_id: team,
        channel_id: "C0001",
        user_id: "U0001",
        command: name,
        text,
        trigger_id: `trigger.${serial}`,
        ...over,
      };
      return (await doors.commands.handle(sign(new URLSearchParams(fields).toString(), FORM))).body;
    };
    const tell = async (event: object, channelId: string) => {
      serial += 1;
      const authorizations = [{ team_id: team, user_id: "UBOT01", is_bot: true }];
      const body = buildEventBody(
        {
          channel: channelId,
          channel_type: channelId.startsWith("C") ? "channel" : "group",
          event_ts: `${NOW_MS / 1000}.${String(serial).padStart(6, "0")}`,
          ...event,
        },
        { team_id: team, context_team_id: team, event_id: `Ev${serial}`, authorizations },
      );
      await doors.events.handle(buildEventRequest(body));
    };
    const call = (method: string, path: string, body?: object): Promise<HttpResponse> => {
      const headers = { authorization: `Bearer ${TOKENS[team]}`, ...(body && { "content-type": "application/json" }) };
      const request = {
        rawPath: `/api${path}`,
        requestContext: { http: { method } },
        headers,
        ...(body && { body: JSON.stringify(body) }),
      };
      return answerApi(createLog("test", {}), () => doors.api.handle(request));
    };
    const say = (text: string, { channel: channelId = "C0001", user: userId = "U0001", index = 0 } = {}) =>
      tell({ text, user: userId, ts: saidAt(index) }, channelId);
    const press = async (action: string, value: object, userId = "U0001") => {
      serial += 1;
      const payload = {
        type: "block_actions",
        team: { id: team },
        user: { id: userId },
        trigger_id: `trigger.${serial}`,
        response_url: "https://hooks.slack.com/actions/1",
        actions: [{ action_id: action, value: JSON.stringify(value) }],
      };
      await doors.interactions.handle(sign(`payload=${encodeURIComponent(JSON.stringify(payload))}`, FORM));
    };
    const notify = async (id: string, channelId: string) => {
      serial += 1;
      const notice = { id, outcome: "success" as const, title: SECRET_WORD, text: SECRET_WORD, team, channel: channelId };
      const { subject, message, details } = buildNotification(notice);
      const body = {
        MessageId: id,
        TopicArn: "successes",
        Subject: subject,
        Message: message,
        MessageAttributes: { notice: { Value: details } },
      };
      const { batchItemFailures } = await doors.notifier.handle({
        Records: [{ messageId: id, receiptHandle: id, body: JSON.stringify(body) }],
      });
      expect(batchItemFailures).to.deep.equal([]);
    };
    const share = async (tag: string, channelId: string, { user: userId = "U0001", isRemoved = false } = {}) => {
      const file = { fileId: "F0001", ts: saidAt(0), channel: channelId, user: userId, key: `${team}/${channelId}/F0001` };
      if (isRemoved) await doors.files.delete(team, [tag], file);
      else await doors.files.put(team, [tag], { ...file, name: "lunch.png", mimetype: "image/png", sizeBytes: 70, private: false });
    };
    const find = (tag: string) => doors.files.readVisible({ team, tag, channel: "C0001", limit: 10 }, new Deadline(5000));
    return { ask, tell, call, say, press, notify, share, find };
  };
  type People = ReturnType<typeof createPeople>;

  /** All rows, by table. */
  const readRows = async () => {
    const tables = [
      ...[messages.words, messages.seen, messages.boards].map(table => [messages.client, table] as const),
      ...Object.values(queues.names).map(table => [queues.client, table] as const),
      ...[agents.name, agents.gatewayName].map(table => [agents.client, table] as const),
      ...Object.values(others.names).map(table => [others.client, table] as const),
    ];
    const scans = await Promise.all(
      tables.map(async ([client, TableName]) => (await client.send(new ScanCommand({ TableName }))).Items ?? []),
    );
    // Sets have no JSON of their own.
    return scans.flat().map(item => JSON.stringify(unmarshall(item), (_, value) => (value instanceof Set ? [...value] : value)));
  };

  /** What people of a workspace can read. */
  const look = async ({ ask, call, find }: People) => {
    const questions = [
      "/words",
      "/words here",
      "/words mine",
      "/words today",
      `/words ${SECRET_WORD}`,
      "/dibs",
      "/dibs queues",
      "/dibs list",
      `/dibs who ${SECRET_WORD}`,
    ];
    const answers: string[] = [];
    for (const question of questions) answers.push(await ask(question), await ask(question, { channel_id: "G0001" }));
    for (const path of ["/resources", "/resources/staging", `/resources/${SECRET_WORD}`]) answers.push((await call("GET", path)).body);
    for (const tag of ["#receipt", "#plan"]) answers.push(JSON.stringify(await find(tag)));
    return answers;
  };

  const act = async (people: People, each: Step, foreignClaim: string) => {
    const { ask, tell, call, say, press, notify, share } = people;
    switch (each.do) {
      case "notice":
        return notify(each.id, each.channel);
      case "share":
        return share(each.tag, each.channel, each);
      case "say":
        return say(`awsadvent ${each.isMention ? "<@UBOT01> " : ""}${each.words.join(" ")}`, {
          channel: each.channel,
          user: each.user,
          index: serial % 6,
        });
      case "edit": {
        const message = {
          type: "message",
          user: "U0001",
          text: `awsadvent ${each.words.join(" ")}`,
          ts: saidAt(each.said),
          edited: { ts: `${NOW_MS / 1000}.000000` },
        };
        return tell(
          { type: "message", subtype: "message_changed", message, user: undefined, text: undefined, ts: undefined },
          each.channel,
        );
      }
      case "delete":
        return tell(
          { type: "message", subtype: "message_deleted", deleted_ts: saidAt(each.said), user: undefined, text: undefined, ts: undefined },
          each.channel,
        );
      case "command":
        return ask(each.text, { channel_id: each.channel, user_id: each.user });
      case "dibs":
        return ask(`/dibs ${each.text} ${each.name}`, { user_id: each.user });
      case "press":
        return press(
          each.action,
          each.action === "agent_stop" ? { task: `${THEIRS}-C0001-1.2.theirs-ask` } : { name: each.name },
          each.user,
        );
      case "api": {
        if (each.method === "POST") return call("POST", `/resources/${each.name}/claims`, { reason: SECRET_WORD });
        // Our token, with their claim's id.
        const { statusCode } = await call(each.method, `/claims/${foreignClaim}${each.method === "PUT" ? "/heartbeat" : ""}`);
        return expect(statusCode).to.equal(403);
      }
    }
  };

  it("never read or change what is the other's", async () => {
    const doors = start();
    const [ours, theirs] = [createPeople(doors, OURS), createPeople(doors, THEIRS)];
    for (const team of [OURS, THEIRS]) {
      const grant = { installation: team, name: team, token: "", botUser: "UBOT01", app: "A0001", scopes: [], installedBy: "U0001" };
      await doors.installations.install(grant, { token: "x" }, 1000);
      await doors.tokens.put(describeToken(TOKENS[team], team, "U0001", NOW_MS), new Deadline(5000));
    }
    // What the other workspace has.
    for (const [index, channelId] of ["C0001", "G0001"].entries())
      await theirs.say("awsadvent tea milk #receipt", { channel: channelId, index });
    const { claimId } = JSON.parse((await theirs.call("POST", "/resources/staging/claims", {})).body) as { claimId: string };
    await theirs.ask("/dibs on staging", { user_id: "U0002" });
    await theirs.ask("/ask post hello", { trigger_id: "1.2.theirs" });

    await theirs.notify("done", "C0001");
    await theirs.share("#receipt", "C0001");
    expect(doors.posted).to.deep.equal([THEIRS]);

    const isTheirs = (row: string) => row.includes(THEIRS);
    const before = { rows: (await readRows()).filter(isTheirs).sort(), answers: await look(theirs) };
    // Their looking leaves answers behind, whose keys are hashes.
    const known = new Set(await readRows());
    expect(before.rows.length).to.be.above(30);

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async steps => {
        for (const each of steps) await act(ours, each, claimId);
        const rows = await readRows();
        expect(
          rows
            .filter(isTheirs)
            .sort()
            .filter(row => !before.rows.includes(row)),
        ).to.deep.equal([]);
        expect(before.rows.filter(row => !rows.includes(row))).to.deep.equal([]);
        // Every other new row carries our team, or an answer under the hash of a request.
        const nameless = rows.filter(
          row => !known.has(row) && !row.includes(OURS) && !row.includes('"answer"') && !row.includes(claimIdOf(OURS)),
        );
        expect(nameless).to.deep.equal([]);
      }),
      { numRuns: Number(process.env["FC_RUNS"] ?? 8) },
    );

    expect(await look(theirs)).to.deep.equal(before.answers);
    await ours.notify("done", "C0001");
    await theirs.notify("done", "C0001");
    expect(new Set(doors.posted.slice(1)), "what was posted for one is not posted again, and posted for the other").to.deep.equal(
      new Set([OURS]),
    );
    expect((await look(ours)).join("\n")).to.include(SECRET_WORD);
  });
});

/** The beginning of the ids of a workspace's claims, which are base64. */
const claimIdOf = (team: Team) => Buffer.from(`${team}/`).toString("base64url").slice(0, 6);
