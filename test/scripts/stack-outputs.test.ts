import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { findRedrivable, findSubscriber, readStack, type StackOutputs } from "../../scripts/stack-outputs";

describe("stack-outputs", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "stack-outputs-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const outputs: StackOutputs = {
    messagesTopicArn: "arn:aws:sns:us-east-1:123456789012:messages",
    logPrefix: "/aws/lambda/app-dev-",
    seenTable: "seen",
    keptHours: 48,
    subscribers: { logger: { functionName: "logger", deadLettersUrl: "https://sqs.example/logger" } },
    redrivables: { relay: { functionName: "relay", deadLettersUrl: "https://sqs.example/relay" } },
    url: "https://api.example",
    eventsUrl: "https://api.example/events",
    commandsUrl: "https://api.example/commands",
    interactionsUrl: "https://api.example/interactions",
    successesTopicArn: "arn:aws:sns:us-east-1:123456789012:successes",
    errorsTopicArn: "arn:aws:sns:us-east-1:123456789012:errors",
    slackManifest: {},
  };

  describe("of the laptop cloud", () => {
    it("are read from endpoints.json", async () => {
      await writeFile(
        join(folder, "endpoints.json"),
        JSON.stringify({ outputs, aws: "http://127.0.0.1:1", slack: "http://127.0.0.1:2", region: "eu-west-1" }),
      );
      const stack = readStack("local", { LOCAL_DIR: folder });
      expect(stack.outputs).to.deep.equal(outputs);
      expect(stack.client).to.include({ endpoint: "http://127.0.0.1:1", region: "eu-west-1" });
      expect(stack.readConfig()).to.include({ slackTeamId: "T0001", slackApiUrl: "http://127.0.0.1:2/api/" });
    });

    it("are missing while it does not run", () => {
      expect(() => readStack("local", { LOCAL_DIR: folder })).to.throw(/endpoints\.json is missing: start the laptop cloud with npm start/);
    });
  });

  describe("of a deployed stack", () => {
    /** A fake Pulumi CLI that runs the given script. */
    const withCli = async (script: string) => {
      const file = join(folder, "pulumi");
      await writeFile(file, `#!/bin/sh\n${script}\n`);
      await chmod(file, 0o755);
      return { PATH: `${folder}:/usr/bin:/bin` };
    };

    it("are read with the Pulumi CLI", async () => {
      const environment = await withCli(`[ "$*" = "stack output --json --stack dev" ] && cat <<'END'\n${JSON.stringify(outputs)}\nEND`);
      const stack = readStack("dev", environment);
      expect(stack.outputs).to.deep.equal(outputs);
      expect(stack.client).to.deep.equal({});
    });

    it("have settings, which the CLI decrypts; keys that are not set are left out", async () => {
      const settings = {
        "aws:region": { value: "eu-west-1", secret: false },
        "slack-fanout:slackSigningSecret": { value: "s3cret", secret: true },
        "slack-fanout:slackTeamId": { value: "", secret: false },
        "slack-fanout:triggerWords": { value: '["awsadvent"]', secret: false },
      };
      const environment = await withCli(
        `case "$*" in "config --show-secrets --json --stack dev") cat <<'END'\n${JSON.stringify(settings)}\nEND\n;; *) echo '{}';; esac`,
      );
      expect(readStack("dev", environment).readConfig()).to.deep.equal({ slackSigningSecret: "s3cret", triggerWords: '["awsadvent"]' });
    });

    it("can't be read if the CLI refuses, and the error quotes its reason", async () => {
      const environment = await withCli("echo \"error: no stack named 'prod' found\" >&2; exit 255");
      expect(() => readStack("prod", environment)).to.throw(`Can't read the outputs of stack "prod": error: no stack named 'prod' found.`);
    });

    it("can't be read if the answer is not JSON, which is not quoted, because it may have secrets", async () => {
      const environment = await withCli(`[ "$1" = stack ] && echo '{}' || echo 's3cret'`);
      expect(() => readStack("dev", environment).readConfig()).to.throw(
        `Can't read the settings of stack "dev": the Pulumi CLI's answer is not JSON.`,
      );
    });

    it("can't be read without the CLI", () => {
      expect(() => readStack("dev", { PATH: folder })).to.throw(`Can't read the outputs of stack "dev": the Pulumi CLI is not installed.`);
    });
  });

  describe("a subscriber", () => {
    it("is found by its name", () => {
      expect(findSubscriber(outputs, "logger")).to.equal(outputs.subscribers["logger"]);
    });

    for (const name of [undefined, "nobody", "constructor", "__proto__"])
      it(`must exist, unlike ${name}`, () => {
        expect(() => findSubscriber(outputs, name)).to.throw(`There is no subscriber ${JSON.stringify(name ?? "")}. Choose from logger.`);
      });
  });

  describe("a consumer with dead letters", () => {
    it("is found by its name", () => {
      expect(findRedrivable(outputs, "relay")).to.equal(outputs.redrivables["relay"]);
    });

    it("must have dead letters", () => {
      expect(() => findRedrivable(outputs, "webhook")).to.throw('Nothing called "webhook" has dead letters. Choose from relay.');
    });
  });
});
