import { GetParameterCommand, GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect } from "chai";
import { ssm } from "../../../src/services/ssm";
import { startLaptop } from "../../laptop";
import { rejectionOf } from "../../thrown";

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
});
