import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { buildPhysicalName } from "../../../components/wiring/physical-name";
import { runMocked } from "../mocked";

describe("physical name", () => {
  const nameIn = async (organization: string) => {
    const program = () => void new aws.cloudwatch.LogGroup("log", { name: buildPhysicalName("door") });
    const { resources } = await runMocked(program, undefined, "dev", organization);
    return resources[0]!.inputs["name"] as string;
  };

  it("differs between stacks of one name in two organizations", async () => {
    expect([await nameIn("acme"), await nameIn("globex")]).to.deep.equal(["acme-slack-fanout-dev-door", "globex-slack-fanout-dev-door"]);
  });

  it("leaves out an organization that is none", async () => {
    expect(await nameIn("organization")).to.equal("slack-fanout-dev-door");
  });
});
