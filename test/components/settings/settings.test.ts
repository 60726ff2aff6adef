import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readStackConfig, type StackConfig } from "@slack-fanout/laptop-cloud/program/config";
import { expect } from "chai";
import sinon from "sinon";
import { TOOL_NAMES, TOOLS } from "#core/agent/tools";
import { readSettings } from "../../../components/settings/settings";

const root = join(__dirname, "../../..");
const secrets = { slackSigningSecret: "s", slackVerificationToken: "t" };

/** Reads settings of a stack whose configuration is just this. */
const settingsOf = async (values: Record<string, string>) => {
  await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "slack-fanout", "test");
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries({ ...secrets, ...values }).map(([key, value]) => [`slack-fanout:${key}`, value])),
  );
  return readSettings();
};

/** The stack's keys of this program, without their namespace. */
const ownValues = ({ project, values }: StackConfig) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([key]) => key.startsWith(`${project}:`))
      .map(([key, value]) => [key.slice(project.length + 1), value]),
  );

/** Settings that can be compared; an output only shows that it exists. */
const plain = (settings: object) =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, pulumi.Output.isInstance(value) ? "an output" : value]));

const errorOf = async (values: Record<string, string>): Promise<Error> => {
  try {
    await settingsOf(values);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${JSON.stringify(values)} was taken`);
};

describe("settings", () => {
  it("has a default for everything but the secrets", async () => {
    const settings = await settingsOf({});

    expect(settings).to.include({
      split: "words",
      multiplier: 10,
      dedupHours: 48,
      archiveDays: 90,
      production: false,
      externalUsers: "refuse",
      dibsDefault: null,
      nodeEnv: "production",
      triggersFrom: "webhook",
      joinChannels: false,
    });
    expect(settings.triggerWords).to.deep.equal(["awsadvent"]);
  });

  it("keeps secrets secret", async () => {
    const { slackSigningSecret } = await settingsOf({});

    expect(await pulumi.isSecret(slackSigningSecret!)).to.equal(true);
  });

  it("reads lists as Pulumi stores them", async () => {
    const { ignoreWords } = await settingsOf({ ignoreWords: '["the","a"]' });

    expect(ignoreWords).to.deep.equal(["the", "a"]);
  });

  it("parses the length of a turn as /dibs does", async () => {
    expect(await settingsOf({ dibsDefault: "1.5h" })).to.include({ dibsDefault: 5400 });
    expect(await settingsOf({ dibsDefault: "open" })).to.include({ dibsDefault: null });
    for (const dibsDefault of ["", "forever", "400 days", "-1h"])
      expect((await errorOf({ dibsDefault })).message).to.include(
        `slack-fanout:dibsDefault is ${JSON.stringify(dibsDefault)}, but must be open, or`,
      );
  });

  it("reads hot words as they are counted, and former numbers of shards as numbers", async () => {
    expect(await settingsOf({ hotWords: '["AWSadvent", "#Tea", "awsadvent"]' })).to.deep.include({ hotWords: ["awsadvent", "#tea"] });
    for (const formerBoardShards of ["[1,4,4]", '["1","4"]'])
      expect(await settingsOf({ formerBoardShards })).to.deep.include({ formerBoardShards: [1, 4] });
  });

  it("ends addresses with a slash", async () => {
    const addresses = { slackApiUrl: "https://slack.com/api/", trelloApiUrl: "https://api.trello.com/1" };

    expect(await settingsOf(addresses)).to.include({ slackApiUrl: "https://slack.com/api/", trelloApiUrl: "https://api.trello.com/1/" });
  });

  it("removes duplicates from a list", async () => {
    const { errorEmails } = await settingsOf({ errorEmails: '["oncall@example.com","boss@example.com","oncall@example.com"]' });

    expect(errorEmails).to.deep.equal(["oncall@example.com", "boss@example.com"]);
  });

  it("misses no verification token where no outgoing webhook needs it", async () => {
    const warn = sinon.stub(pulumi.log, "warn").resolves();
    try {
      for (const triggersFrom of ["webhook", "events"]) await settingsOf({ slackVerificationToken: "", triggersFrom });
      expect(warn.args.filter(([text]) => String(text).includes("slackVerificationToken"))).to.have.lengthOf(1);
    } finally {
      warn.restore();
    }
  });

  describe("without a recipient of failures", () => {
    let warn: sinon.SinonStub;
    beforeEach(() => {
      warn = sinon.stub(pulumi.log, "warn").resolves();
    });
    afterEach(() => warn.restore());
    const warnings = () => warn.args.map(([text]) => String(text)).filter(text => text.includes("nobody is notified"));

    it("warns, and shows the command that changes it", async () => {
      await settingsOf({});

      expect(warnings()).to.have.lengthOf(1);
      expect(warnings()[0])
        .to.match(/errorEmails is empty and .*notifyChannel is not set/)
        .and.contain("pulumi config set ");
    });

    const heard = { errorEmails: '["oncall@example.com"]', notifyChannel: "C0001" };
    for (const [key, value] of Object.entries(heard)) {
      it(`is silent with ${key}`, async () => {
        await settingsOf({ [key]: value });

        expect(warnings()).to.deep.equal([]);
      });
    }
  });

  const refused: [key: string, value: string, mustBe: RegExp][] = [
    ["split", "letters", /words or annotations/],
    ["features", '["dibz"]', /a JSON list of documents, payroll, dibs/],
    ["multiplier", "-1", /a whole number from 0/],
    ["multiplier", "1.5", /a whole number from 0/],
    ["multiplier", "1e3", /a whole number from 0/],
    ["dedupHours", "24", /a whole number from 25/],
    ["archiveDays", "30", /a whole number from 38/],
    ["triggerWords", "awsadvent", /a JSON list of words/],
    ["ignoreWords", '["a b"]', /a JSON list of words/],
    ["errorEmails", '["nobody"]', /a JSON list of e-mail addresses/],
    ["slackTeamId", "general", /a workspace's id/],
    ["slackAppId", "T0001", /an app's id/],
    ["digestChannel", "D0001", /a channel's id/],
    ["logRetentionDays", "31", /one of 1, 3, 5/],
    ["debug", "yes", /true or false/],
    ["debug", "constructor", /true or false/],
    ["nodeEnv", "staging", /production or development or test or prod or dev/],
    ["agent", "on", /off or fargate or agentcore/],
    ["agentBrain", "claude", /scripted or bedrock/],
    ["agentRuntimeArn", "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/x-a1B2c3D4e5", /the ARN of an AgentCore Runtime/],
    ["agentModel", "Claude 4", /the id of a Bedrock model/],
    ["agentChannels", '["general"]', /channels' ids/],
    ["agentApprovals", '["read_words"]', /post_to_slack, create_canvas, create_trello_card/],
    ["agentApprovers", "nobody", /anyone or others/],
    ["agentTasksPerUser", "0", /a whole number from 1 to 20/],
    ["agentPostsPerTask", "0", /a whole number from 1/],
    ["domain", "https://slack.example.com", /a domain of your own/],
    ["domainZone", "example.com", /the id of a hosted zone/],
    ["domainCertificate", "slack.example.com", /the ARN of a certificate/],
    ["agentWorkers", "0", /a whole number from 1/],
    ["workspaces", "two", /one or many/],
    ["boardShards", "65", /a whole number from 1 to 64/],
    ["formerBoardShards", "[0]", /a JSON list of whole numbers from 1 to 64/],
    ["hotWords", '["two words"]', /a JSON list of at most 20 single words or hashtags/],
    ["trelloApiUrl", "api.trello.com", /an http\(s\) address/],
  ];
  for (const [key, value, mustBe] of refused) {
    it(`refuses ${key} = ${value}, and shows the command that sets it`, async () => {
      const { message } = await errorOf({ [key]: value });

      expect(message).to.contain(`slack-fanout:${key} is ${JSON.stringify(value)}`);
      expect(message).to.match(mustBe);
      expect(message).to.contain(`pulumi config set slack-fanout:${key} '`);
    });
  }

  it("has no agent by default", async () => {
    expect(await settingsOf({})).to.include({
      agent: "off",
      agentBrain: "scripted",
      agentToken: undefined,
      agentApprovers: "anyone",
      agentTasksPerUser: 3,
    });
  });

  it("keeps the agent's secrets secret", async () => {
    const { agentToken, trelloKey, trelloToken } = await settingsOf({
      agent: "fargate",
      agentToken: "a",
      trelloKey: "k",
      trelloToken: "t",
    });

    expect(await Promise.all([agentToken, trelloKey, trelloToken].map(each => pulumi.isSecret(each!)))).to.deep.equal([true, true, true]);
  });

  it("requires a model for the Bedrock brain", async () => {
    const { message } = await errorOf({ agent: "fargate", agentBrain: "bedrock" });

    expect(message).to.contain("slack-fanout:agentModel is not set").and.contain("pulumi config set slack-fanout:agentModel '");
  });

  describe("an agent of your own", () => {
    const agentRuntimeArn = "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/my_agent-a1B2c3D4e5";

    it("is refused on Fargate, and where it would have to listen while it works", async () => {
      expect((await errorOf({ agentRuntimeArn, agent: "fargate", agentToken: "t" })).message).to.contain(
        `slack-fanout:agent is "fargate", but must be "agentcore" where slack-fanout:agentRuntimeArn is "${agentRuntimeArn}"`,
      );
      expect((await errorOf({ agentRuntimeArn, agent: "agentcore", agentToken: "t", agentBusy: "steer" })).message).to.contain(
        'slack-fanout:agentBusy is "steer", but must be "queue" or "interrupt"',
      );
    });

    it("leaves room for other workspaces", async () => {
      const many = { workspaces: "many", slackClientId: "1.1", slackClientSecret: "s", agentTasksPerTeam: "8" };
      const { message } = await errorOf({ ...many, agentRuntimeArn, agent: "agentcore", agentToken: "t" });
      expect(message).to.contain('slack-fanout:agentTasksPerTeam is "8", but must be less than 8');
    });
  });

  it("requires the topic for answers of the app", async () => {
    const { message } = await errorOf({ publish: "false", triggersFrom: "events" });

    expect(message).to.contain('slack-fanout:publish is "false", but must be "true" where slack-fanout:triggersFrom is "events"');
  });

  it("requires the workspace for a digest", async () => {
    const { message } = await errorOf({ digestChannel: "C0001" });

    expect(message).to.contain("slack-fanout:slackTeamId is not set").and.contain("pulumi config set slack-fanout:slackTeamId '");
  });

  it("requires an e-mail address for a budget", async () => {
    const { message } = await errorOf({ monthlyBudget: "50" });

    expect(message).to.contain('slack-fanout:errorEmails is "[]", but must name somebody where slack-fanout:monthlyBudget is "50"');
    expect(await settingsOf({ monthlyBudget: "50", errorEmails: '["oncall@example.com"]' })).to.include({ monthlyBudget: 50 });
  });

  it("requires a zone or a certificate for a domain", async () => {
    const domain = "slack.example.com";
    const { message } = await errorOf({ domain });

    expect(message).to.contain('slack-fanout:domain is "slack.example.com", but must come with slack-fanout:domainZone or');
    expect(await settingsOf({ domain, domainZone: "Z1" })).to.include({ domain, domainZone: "Z1" });
  });

  it("requires approval only for tools that create something visible to people", async () => {
    const { agentApprovals } = await settingsOf({ agentApprovals: JSON.stringify(TOOL_NAMES.filter(name => TOOLS[name].posts)) });

    expect(agentApprovals).to.have.members(TOOL_NAMES.filter(name => TOOLS[name].posts));
  });

  it("refuses an unknown key by name", async () => {
    const { message } = await errorOf({ multiplyer: "10" });

    expect(message).to.contain("slack-fanout:multiplyer is not a key of this program");
    expect(message).to.contain("multiplier");
    expect((await errorOf(JSON.parse('{"__proto__": "1"}'))).message).to.contain("slack-fanout:__proto__ is not a key");
  });

  it("refuses an unknown part of a setting by the setting's name", async () => {
    const payroll = JSON.stringify({ employer: "Example Ltd", currency: "USD", curency: "EUR" });
    expect((await errorOf({ payroll })).message).to.match(
      /^slack-fanout:payroll is ".*curency.*", but must be a JSON object with "employer"/,
    );
  });

  for (const stack of ["dev", "prod", "local"]) {
    it(`takes Pulumi.${stack}.yaml`, async () => {
      await settingsOf(ownValues(readStackConfig(root, stack, { slack: "http://127.0.0.1/slack" })));
    });
  }

  it("has the defaults that Pulumi.yaml declares", async () => {
    const declared = ownValues(readStackConfig(root, "of no name", {}));

    expect(declared).to.include({ multiplier: "10", slackTeamId: "", ignoreWords: "[]", dibsDefault: "open" });
    expect(plain(await settingsOf({ ...declared, ...secrets }))).to.deep.equal(plain(await settingsOf({})));
  });

  it("treats an empty value of a key without a default as unset", async () => {
    const unset = { slackBotToken: "", slackTeamId: "", agentModel: "", trelloKey: "", trelloList: "" };

    expect(plain(await settingsOf(unset))).to.deep.equal(plain(await settingsOf({})));
  });

  describe("after the project was renamed", () => {
    const settingsAfterRenaming = async (config: Record<string, string>) => {
      await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "acme", "prod");
      pulumi.runtime.setAllConfig({ "aws:region": "eu-west-1", ...config });
      return readSettings();
    };

    it("reads the keys that were renamed with it", async () => {
      expect(await settingsAfterRenaming({ "acme:multiplier": "5" })).to.include({ multiplier: 5 });
    });

    it("refuses keys under the old name, and says what to replace in which file", async () => {
      const refusal = await settingsAfterRenaming({
        "acme:multiplier": "10",
        "slack-fanout:multiplier": "5",
        "slack-fanout:split": "words",
      }).catch(String);

      expect(refusal).to.include(
        "Pulumi.yaml names the project acme, but Pulumi.prod.yaml still sets slack-fanout:multiplier and 1 more. Replace slack-fanout: by acme: in Pulumi.prod.yaml.",
      );
    });

    it("refuses Pulumi.local.yaml as it is, on the laptop", async () => {
      const folder = mkdtempSync(join(tmpdir(), "slack-fanout-renamed-"));
      writeFileSync(join(folder, "Pulumi.yaml"), readFileSync(join(root, "Pulumi.yaml"), "utf8").replace(/^name: .*$/m, "name: acme"));
      copyFileSync(join(root, "Pulumi.local.yaml"), join(folder, "Pulumi.local.yaml"));
      const { values } = readStackConfig(folder, "local", { slack: "http://127.0.0.1/slack" });
      rmSync(folder, { recursive: true });

      expect(await settingsAfterRenaming(values).catch(String)).to.match(/still sets slack-fanout:\w+ and \d+ more/);
    });

    it("ignores the keys of providers, even if one has the name of a setting", async () => {
      expect(await settingsAfterRenaming({ "datadog:apiUrl": "x", "datadog:debug": "yes" })).to.include({ debug: false });
    });
  });
});

describe("lists", () => {
  it("are lists in Pulumi.yaml or Pulumi.local.yaml, so that --config KEY=a,b works", async () => {
    const known = /It knows (.*?)\./.exec((await errorOf({ unknown: "" })).message)![1]!.split(", ");
    const lists: string[] = [];
    for (const key of known) {
      const refusal = await errorOf({ agent: "fargate", [key]: "]" }).catch(() => undefined);
      if (refusal?.message.includes(`slack-fanout:${key} is "]", but must be a JSON list`)) lists.push(key);
    }

    const values = ownValues(readStackConfig(root, "local", { slack: "" }));
    expect(lists).to.include.members(["triggerWords", "agentChannels"]);
    expect(Object.keys(values)).to.include.members(lists);
  });

  describe("for many workspaces", () => {
    const many = { workspaces: "many", slackClientId: "1.2", slackClientSecret: "hush" };
    const warningsOf = async (values: Record<string, string>) => {
      const warn = sinon.stub(pulumi.log, "warn");
      try {
        return { settings: await settingsOf(values), warnings: warn.args.map(([text]) => text).join("\n") };
      } finally {
        warn.restore();
      }
    };

    it("take triggers from events, and nothing that belongs to one workspace", async () => {
      const ofOne = { slackTeamId: "T0001", slackBotToken: "xoxb-1", notifyChannel: "C0001", trelloList: "list0001" };
      const { settings, warnings } = await warningsOf({ ...many, ...ofOne });
      expect(settings).to.include({ triggersFrom: "events", tokenRotation: false, eraseAfterDays: 30, slackClientId: "1.2" });
      for (const key of Object.keys(ofOne)) {
        expect(settings[key as keyof typeof settings], key).to.equal(undefined);
        expect(warnings).to.include(`slack-fanout:${key}`);
      }
      expect(pulumi.Output.isInstance(settings.slackClientSecret)).to.equal(true);
      expect((await warningsOf(many)).warnings).not.to.include("slackBotToken");
    });

    it("warn without a client id or secret, which Slack gives out once the app exists", async () => {
      const { warnings } = await warningsOf({ workspaces: "many" });
      expect(warnings).to.include("slack-fanout:slackClientId is not set").and.include("slack-fanout:slackClientSecret is not set");
      expect((await warningsOf({})).warnings).not.to.include("slackClient");
    });

    it("refuse a share of the workers that leaves no room for other workspaces", async () => {
      const limits = { agent: "fargate", agentToken: "t", agentWorkers: "2" };
      const { message } = await errorOf({ ...many, ...limits, agentTasksPerTeam: "8" });
      expect(message).to.include('slack-fanout:agentTasksPerTeam is "8", but must be less than 8 where slack-fanout:workspaces is "many"');
      for (const taken of [
        { ...many, ...limits, agentTasksPerTeam: "7" },
        { ...limits, agentTasksPerTeam: "8" },
      ])
        expect(await settingsOf(taken)).to.include({ agentTasksPerTeam: Number(taken.agentTasksPerTeam) });
    });

    for (const [key, value] of [
      ["triggersFrom", "webhook"],
      ["digestChannel", "C0001"],
      ["publish", "false"],
    ] as const) {
      it(`refuse ${key}: ${value} in a sentence that names the key`, async () => {
        const { message } = await errorOf({ ...many, [key]: value });
        expect(message).to.include(`slack-fanout:${key} is "${value}", but must `);
      });
    }
  });
});
