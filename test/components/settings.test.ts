import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import sinon from "sinon";
import { stringify } from "yaml";
import { TOOL_NAMES, TOOLS } from "#core/agent/tools";
import { readSettings } from "../../components/settings";
import { readStackConfig } from "../../packages/laptop-cloud/src/program/config";

const root = join(__dirname, "../..");
const secrets = { slackSigningSecret: "s", slackVerificationToken: "t" };

/** Reads settings of a stack whose configuration is just this. */
const settingsOf = async (values: Record<string, string>) => {
  await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "slack-fanout", "test");
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries({ ...secrets, ...values }).map(([key, value]) => [`slack-fanout:${key}`, value])),
  );
  return readSettings();
};

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

  it("reads how long a turn lasts as /dibs does", async () => {
    expect(await settingsOf({ dibsDefault: "1.5h" })).to.include({ dibsDefault: 5400 });
    expect(await settingsOf({ dibsDefault: "open" })).to.include({ dibsDefault: null });
    for (const dibsDefault of ["", "forever", "400 days", "-1h"])
      expect((await errorOf({ dibsDefault })).message).to.include(
        `slack-fanout:dibsDefault is ${JSON.stringify(dibsDefault)}: want open, or`,
      );
  });

  it("ends addresses with a slash", async () => {
    const addresses = { slackApiUrl: "https://slack.com/api/", trelloApiUrl: "https://api.trello.com/1" };

    expect(await settingsOf(addresses)).to.include({ slackApiUrl: "https://slack.com/api/", trelloApiUrl: "https://api.trello.com/1/" });
  });

  it("takes what is said twice in a list once", async () => {
    const { errorEmails } = await settingsOf({ errorEmails: '["oncall@example.com","boss@example.com","oncall@example.com"]' });

    expect(errorEmails).to.deep.equal(["oncall@example.com", "boss@example.com"]);
  });

  describe("where nobody would be told of failures", () => {
    let warn: sinon.SinonStub;
    beforeEach(() => {
      warn = sinon.stub(pulumi.log, "warn").resolves();
    });
    afterEach(() => warn.restore());
    const warnings = () => warn.args.map(([text]) => String(text)).filter(text => text.includes("nobody is told"));

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

  const refused: [key: string, value: string, want: RegExp][] = [
    ["split", "letters", /words or annotations/],
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
    ["logRetentionDays", "31", /one of 1, 3, 5/],
    ["debug", "yes", /true or false/],
    ["debug", "constructor", /true or false/],
    ["nodeEnv", "development", /production or test/],
    ["agent", "on", /off or fargate or agentcore/],
    ["agentBrain", "claude", /scripted or bedrock/],
    ["agentModel", "Claude 4", /the id of a Bedrock model/],
    ["agentChannels", '["general"]', /channels' ids/],
    ["agentApprovals", '["read_words"]', /post_to_slack, create_canvas, create_trello_card/],
    ["agentApprovers", "nobody", /anyone or others/],
    ["agentTasksPerUser", "0", /a whole number from 1 to 20/],
    ["agentPostsPerTask", "0", /a whole number from 1/],
    ["agentWorkers", "0", /a whole number from 1/],
    ["trelloApiUrl", "api.trello.com", /an http\(s\) address/],
  ];
  for (const [key, value, want] of refused) {
    it(`refuses ${key} = ${value}, and shows the command that sets it`, async () => {
      const { message } = await errorOf({ [key]: value });

      expect(message).to.contain(`slack-fanout:${key} is ${JSON.stringify(value)}`);
      expect(message).to.match(want);
      expect(message).to.contain(`pulumi config set slack-fanout:${key} '`);
    });
  }

  it("has no agent unless one is asked for", async () => {
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

  it("wants a model for a brain of Bedrock", async () => {
    const { message } = await errorOf({ agent: "fargate", agentBrain: "bedrock" });

    expect(message).to.contain("slack-fanout:agentModel is not set").and.contain("pulumi config set slack-fanout:agentModel '");
  });

  it("lets just those tools need approval that make something for people to see", async () => {
    const { agentApprovals } = await settingsOf({ agentApprovals: JSON.stringify(TOOL_NAMES.filter(name => TOOLS[name].posts)) });

    expect(agentApprovals).to.have.members(TOOL_NAMES.filter(name => TOOLS[name].posts));
  });

  it("refuses a key that it does not know, by name", async () => {
    const { message } = await errorOf({ multiplyer: "10" });

    expect(message).to.contain("slack-fanout:multiplyer is not a key of this program");
    expect(message).to.contain("multiplier");
  });

  for (const stack of ["dev", "local"]) {
    it(`takes Pulumi.${stack}.yaml, each of whose keys has a comment`, async () => {
      const { values } = readStackConfig(root, stack, { slack: "http://127.0.0.1/slack" });
      const own = Object.entries(values).filter(([key]) => key.startsWith("slack-fanout:"));
      const lines = readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8").split("\n");

      await settingsOf(Object.fromEntries(own.map(([key, value]) => [key.replace("slack-fanout:", ""), value])));

      const bare = lines.filter((line, index) => /^ {2}\S+:\S+: /.test(line) && !isCommented(lines, index));
      expect(bare).to.deep.equal([]);
    });
  }
});

describe("lists", () => {
  it("are all in Pulumi.local.yaml, where --config KEY=a,b learns that KEY is a list", async () => {
    const known = /It knows (.*?)\./.exec((await errorOf({ unknown: "" })).message)![1]!.split(", ");
    const lists: string[] = [];
    for (const key of known) {
      const refusal = await errorOf({ agent: "fargate", [key]: "]" }).catch(() => undefined);
      if (refusal?.message.includes(`slack-fanout:${key} is "]": want a JSON list`)) lists.push(key);
    }

    const { values } = readStackConfig(root, "local", { slack: "" });
    expect(lists).to.include.members(["triggerWords", "agentChannels"]);
    expect(Object.keys(values)).to.include.members(lists.map(key => `slack-fanout:${key}`));
  });
});

/** A comment stands above the key, or above the keys of the same matter right before it. */
const isCommented = (lines: string[], index: number): boolean => {
  const above = lines[index - 1] ?? "";
  return /^ +#/.test(above) || (/^ {2}\S+:\S+: /.test(above) && isCommented(lines, index - 1));
};

describe("stack configuration", () => {
  const folderWith = (config: object) => {
    const folder = mkdtempSync(join(tmpdir(), "slack-fanout-config-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: demo\nruntime: nodejs\n");
    writeFileSync(join(folder, "Pulumi.local.yaml"), stringify({ config }));
    return folder;
  };
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true }));

  it("gives structured values as JSON, and stands in for variables", () => {
    folder = folderWith({ "demo:list": ["a"], "demo:url": "$" + "{slack}/api/" });

    expect(readStackConfig(folder, "local", { slack: "http://s" }).values).to.deep.equal({
      "demo:list": '["a"]',
      "demo:url": "http://s/api/",
    });
  });

  it("refuses a variable that there is none of, by name", () => {
    folder = folderWith({ "demo:url": "$" + "{slak}" });

    expect(() => readStackConfig(folder, "local", { slack: "" })).to.throw(/demo:url names \$\{slak\}: there is \$\{slack\}/);
  });

  const overridden = (...overrides: [key: string, value: string][]) =>
    readStackConfig(
      folder,
      "local",
      { slack: "http://s" },
      overrides.map(([key, value]) => ({ key, value })),
    ).values;

  it("overrides any key, with lists separated by commas and dots into structured values", () => {
    folder = folderWith({
      "demo:list": ["a"],
      "demo:secret": { secure: "v1:abc" },
      "demo:pay": { currency: "USD", days: 5, codes: ["x"] },
    });

    expect(
      overridden(
        ["list", "b, c"],
        ["secret", "one,two"],
        ["pay.currency", "123"],
        ["pay.days", "7"],
        ["pay.codes", "y,z"],
        ["pay.new.deep", "true"],
        ["demo:url", "$" + "{slack}/a=b"],
        ["other:region", "eu"],
        ["list", "d"],
      ),
    ).to.deep.equal({
      "demo:list": '["d"]',
      "demo:secret": "one,two",
      "demo:pay": '{"currency":"123","days":7,"codes":["y","z"],"new":{"deep":true}}',
      "demo:url": "http://s/a=b",
      "other:region": "eu",
    });
    expect(overridden(["list", '["x,y"]'], ["pay", '{"days":1}'], ["pay.days", "2"], ["secret", ""])).to.deep.equal({
      "demo:list": '["x,y"]',
      "demo:secret": "",
      "demo:pay": '{"days":2}',
    });
  });

  it("refuses an override of a property where there is none", () => {
    folder = folderWith({ "demo:split": "words" });

    expect(() => overridden(["split.by", "x"])).to.throw('--config split.by=x: there is no property by in "words".');
  });

  it("refuses what only the Pulumi CLI can decrypt", () => {
    folder = folderWith({ "demo:secret": { secure: "v1:abc" } });

    expect(() => readStackConfig(folder, "local", {})).to.throw("demo:secret is encrypted");
  });
});
