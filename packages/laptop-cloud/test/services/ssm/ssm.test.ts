import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  RemoveTagsFromResourceCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
} from "@aws-sdk/client-ssm";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { ssm } from "../../../src/services/ssm";

describe("ssm", () => {
  const arn = "arn:aws:ssm:us-east-1:000000000000:parameter/teams/token";
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: SSMClient;
  before(async () => {
    const parameter = (name: string, inputs: object) => ({ type: "aws:ssm/parameter:Parameter", name, inputs });
    laptop = await startLaptop({
      definitions: [ssm],
      resources: [
        parameter("token", { name: "/teams/token", type: "SecureString", value: "hush" }),
        parameter("region", { type: "String", value: "eu" }),
      ],
    });
    client = new SSMClient(laptop.client);
  });
  after(() => laptop.stop());

  it("reads declared parameters by name and ARN, and lists missing ones", async () => {
    const command = new GetParametersCommand({ Names: ["region", arn, "other"], WithDecryption: true });
    const { Parameters, InvalidParameters } = await client.send(command);

    expect(Parameters!.map(({ Name, ARN, Value }) => [Name, ARN, Value])).to.deep.equal([
      ["region", "arn:aws:ssm:us-east-1:000000000000:parameter/region", "eu"],
      ["/teams/token", arn, "hush"],
    ]);
    expect(InvalidParameters).to.deep.equal(["other"]);
  });

  it("hides the value of a SecureString without decryption", async () => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: "/teams/token" }));
    expect(Parameter!.Value).not.to.contain("hush");
  });

  it("refuses a missing parameter", async () => {
    const error = await rejectionOf(client.send(new GetParameterCommand({ Name: "other" })));
    expect((error as Error).name).to.equal("ParameterNotFound");
  });

  describe("changed by calls", () => {
    let directory: string;
    let own: Awaited<ReturnType<typeof startLaptop>>;
    let sdk: SSMClient;

    const declare = (value: string): Declared => ({
      type: "aws:ssm/parameter:Parameter",
      name: "level",
      inputs: { name: "/app/level", type: "String", value },
    });
    const start = async (...resources: Declared[]) => {
      own = await startLaptop({ definitions: [ssm], resources, directory });
      sdk = new SSMClient({ ...own.client, maxAttempts: 1 });
    };
    const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
      sdk.send(new PutParameterCommand({ Name, Value, Type: "String", ...more }));
    const get = async (Name: string) => (await sdk.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter!;
    const codeOf = async (call: Promise<unknown>) => (await rejectionOf<Error>(call)).name;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
      await start(declare("one"));
    });
    afterEach(async () => {
      await own.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it("keep their versions at a restart, and declared ones get their declared value back", async () => {
      expect(await put("/app/made", "a")).to.deep.include({ Version: 1, Tier: "Standard" });
      expect((await put("/app/made", "b", { Overwrite: true })).Version).to.equal(2);
      await put("/app/level", "two", { Overwrite: true });
      await own.stop();
      await start(declare("one"));
      expect(await get("/app/made")).to.include({ Value: "b", Version: 2 });
      expect(await get("/app/made:1")).to.include({ Value: "a", Version: 1, Selector: ":1" });
      expect(await get("/app/level")).to.include({ Value: "one", Version: 3 });
      await own.stop();
      await start({ ...declare("one"), inputs: { name: "/other", type: "String", value: "one" } });
      expect(await codeOf(get("/app/level"))).to.equal("ParameterNotFound");
      await sdk.send(new DeleteParameterCommand({ Name: "/app/made" }));
      expect(await codeOf(get("/app/made"))).to.equal("ParameterNotFound");
    });

    it("are read by path, on one level or all, page by page", async () => {
      for (const name of ["/app/a", "/app/b/c", "/app/b/d", "/application", "plain"]) await put(name, "x");
      const read = async (Path: string, more = {}) => {
        const { Parameters = [], NextToken } = await sdk.send(new GetParametersByPathCommand({ Path, ...more }));
        return { names: Parameters.map(({ Name }) => Name), NextToken };
      };
      expect((await read("/app")).names).to.deep.equal(["/app/a", "/app/level"]);
      expect((await read("/app/", { Recursive: true })).names).to.deep.equal(["/app/a", "/app/b/c", "/app/b/d", "/app/level"]);
      const first = await read("/", { Recursive: true, MaxResults: 4 });
      const second = await read("/", { Recursive: true, MaxResults: 4, NextToken: first.NextToken });
      expect([...first.names, ...second.names]).to.deep.equal(["/app/a", "/app/b/c", "/app/b/d", "/app/level", "/application", "plain"]);
    });

    it("are described without values, and filtered", async () => {
      await put("/app/secret", "hush", { Type: "SecureString", Description: "a token", Tags: [{ Key: "team", Value: "red" }] });
      const names = async (Key: string, Option: string | undefined, ...Values: string[]) =>
        (await sdk.send(new DescribeParametersCommand({ ParameterFilters: [{ Key, Option, Values }] }))).Parameters!.map(
          ({ Name }) => Name,
        );
      expect(await names("Type", undefined, "SecureString")).to.deep.equal(["/app/secret"]);
      expect(await names("Name", "Contains", "lev")).to.deep.equal(["/app/level"]);
      expect(await names("Path", "OneLevel", "/app")).to.deep.equal(["/app/level", "/app/secret"]);
      expect(await names("tag:team", undefined, "red")).to.deep.equal(["/app/secret"]);
      const { Parameters } = await sdk.send(
        new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Values: ["/app/secret"] }] }),
      );
      expect(Parameters![0]).to.include({ Description: "a token", KeyId: "alias/aws/ssm", Version: 1 }).and.not.to.have.property("Value");
    });

    it("have labels, which move between versions, and a history", async () => {
      await put("/app/level", "two", { Overwrite: true });
      const label = (ParameterVersion: number, ...Labels: string[]) =>
        sdk.send(new LabelParameterVersionCommand({ Name: "/app/level", ParameterVersion, Labels }));
      expect((await label(1, "live", "1st")).InvalidLabels).to.deep.equal(["1st"]);
      expect(await get("/app/level:live")).to.include({ Value: "one", Selector: ":live" });
      await label(2, "live");
      const { Parameters } = await sdk.send(new GetParameterHistoryCommand({ Name: "/app/level" }));
      expect(Parameters!.map(({ Version, Value, Labels }) => [Version, Value, ...Labels!])).to.deep.equal([
        [1, "one"],
        [2, "two", "live"],
      ]);
      await sdk.send(new UnlabelParameterVersionCommand({ Name: "/app/level", ParameterVersion: 2, Labels: ["live"] }));
      expect(await codeOf(get("/app/level:live"))).to.equal("ParameterVersionNotFound");
    });

    it("have tags", async () => {
      const address = { ResourceType: "Parameter" as const, ResourceId: "/app/level" };
      await sdk.send(
        new AddTagsToResourceCommand({
          ...address,
          Tags: [
            { Key: "team", Value: "red" },
            { Key: "env", Value: "dev" },
          ],
        }),
      );
      await sdk.send(new RemoveTagsFromResourceCommand({ ...address, TagKeys: ["env"] }));
      expect((await sdk.send(new ListTagsForResourceCommand(address))).TagList).to.deep.equal([{ Key: "team", Value: "red" }]);
    });

    it("are deleted together, and missing ones are listed", async () => {
      expect(await sdk.send(new DeleteParametersCommand({ Names: ["/app/level", "none"] }))).to.deep.include({
        DeletedParameters: ["/app/level"],
        InvalidParameters: ["none"],
      });
    });

    it("are refused with Systems Manager's error codes", async () => {
      const refused: [call: () => Promise<unknown>, code: string][] = [
        [() => put("/app/level", "two"), "ParameterAlreadyExists"],
        [() => put("/app/level", "two", { Overwrite: true, Type: "SecureString" }), "HierarchyTypeMismatch"],
        [() => put("aws-token", "x"), "ValidationException"],
        [() => put("/aws/token", "x"), "AccessDeniedException"],
        [() => put("no/slash", "x"), "ValidationException"],
        [() => put("/a".repeat(16), "x"), "HierarchyLevelLimitExceededException"],
        [() => put("long", "x".repeat(4097)), "ValidationException"],
        [() => put("number", "x", { AllowedPattern: "^\\d+$" }), "ParameterPatternMismatchException"],
        [() => put("odd", "x", { AllowedPattern: "(" }), "InvalidAllowedPatternException"],
        [() => get("/app/level:9"), "ParameterVersionNotFound"],
      ];
      for (const [call, code] of refused) expect(await codeOf(call())).to.equal(code);
    });
  });
});
