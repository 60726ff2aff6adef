import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { TableName, TopicArn } from "#core/named";
import { Table } from "../../../components/resources/table";
import { publish, put, query, readWrite, update } from "../../../components/wiring/grants";
import { ScopedFunction } from "../../../components/wiring/scoped-function";
import { type Wiring, type WiringWith, wire } from "../../../components/wiring/wire";
import { readArchive } from "../../artefacts/archive";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs, statementsOf } from "../registered";

interface Settings {
  wordsTable: TableName;
  index: string;
  ignoreWords: string[];
  turn: number | null;
  teamId?: string | undefined;
  agent?: { tasksTable: TableName; approvers: "anyone" | "others" } | undefined;
}

/** A module whose function returns its settings. */
const echo = () => ({ create: (settings: Settings) => async () => settings });

const makeWords = () => new Table("words", { partitionKey: "word:S", production: false });

/** Deploys the module with a wiring. Returns the settings that its function gets, and the actions that its role allows. */
const deploy = async (makeWiring: (words: Table) => Wiring<Settings>) => {
  const { resources } = await runMocked(() => {
    new ScopedFunction("echo", { ...wire(echo, makeWiring(makeWords())), timeoutSeconds: 1, logRetentionDays: 7 });
  });
  const { "__index.js": text } = await readArchive(find(resources, "aws:lambda/function:Function")["code"]);
  const exports: { handler?: () => Promise<Settings> } = {};
  new Function("exports", text!)(exports);
  return { settings: await exports.handler!(), actions: statementsOf(resources, "echo").flatMap(({ Action }) => Action) };
};

describe("wire", () => {
  const plain = { index: "by-level", ignoreWords: ["the"], turn: null };

  it("passes names and plain values, and grants the names' actions", async () => {
    const { settings, actions } = await deploy(words => ({ wordsTable: words.may(update, query({ name: "by-level" })), ...plain }));

    expect(settings).to.deep.equal({ wordsTable: "words", ...plain });
    expect(actions).to.deep.equal(["dynamodb:UpdateItem", "dynamodb:Query", "logs:CreateLogStream", "logs:PutLogEvents"]);
  });

  it("reaches nested settings", async () => {
    const { settings, actions } = await deploy(words => ({
      wordsTable: words.may(put),
      agent: { tasksTable: words.may(readWrite), approvers: "others" },
      ...plain,
    }));

    expect(settings.agent).to.deep.equal({ tasksTable: "words", approvers: "others" });
    expect(actions).to.include.members(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]);
  });

  it("grants a permission once if several names need it", async () => {
    const { actions } = await deploy(words => ({
      wordsTable: words.may(put),
      agent: { tasksTable: words.may(put, update), approvers: "others" },
      ...plain,
    }));

    expect(actions).to.deep.equal(["dynamodb:PutItem", "dynamodb:UpdateItem", "logs:CreateLogStream", "logs:PutLogEvents"]);
  });

  it("leaves undefined settings out, which the engine can't serialize", async () => {
    const { settings } = await deploy(words => ({ wordsTable: words.may(put), teamId: undefined, agent: undefined, ...plain }));

    expect(settings).to.have.all.keys("wordsTable", "index", "ignoreWords", "turn");
  });

  it("fails the program when a later key replaces an edge", async () => {
    let problem: unknown;
    try {
      await deploy(words => ({ ...plain, ...{ wordsTable: words.may(update) }, wordsTable: words.may(put) }));
    } catch (error) {
      problem = error;
    }

    expect(problem).to.match(/No function gets this name, which grants dynamodb:UpdateItem/);
  });

  it("is type-checked", async () => {
    await runMocked(() => {
      const [words, { errors }] = [makeWords(), makeFeatureArgs()];
      const check = (_: Wiring<{ wordsTable: TableName; topicArn?: TopicArn; count: number; split: "words" | "annotations" }>) => {};
      const settings = { count: 10, split: "words" } as const;
      const typesOnly = () => {
        check({ wordsTable: words.may(update), topicArn: errors.may(publish), ...settings });
        // @ts-expect-error a table without a grant
        check({ wordsTable: words.name, ...settings });
        // @ts-expect-error a name that no resource of the program has
        check({ wordsTable: "words", ...settings });
        // @ts-expect-error a topic in place of a table
        check({ wordsTable: errors.may(publish), ...settings });
        // @ts-expect-error a grant in place of a plain value
        check({ wordsTable: words.may(update), split: "words", count: words.may(update) });
        // @ts-expect-error an output in place of a plain value
        check({ wordsTable: words.may(update), split: "words", count: pulumi.output(10) });
        // @ts-expect-error a setting is missing
        check({ wordsTable: words.may(update), count: 10 });
        // @ts-expect-error a name that nothing is granted for
        words.may();
        // @ts-expect-error a table can't be published to
        words.may(publish);
        const route = (_: WiringWith<{ name?: string }, { name: string }>) => {};
        // @ts-expect-error a setting that has the name of an option
        route({ name: "words" });
      };
      void typesOnly;
    });
  });
});
