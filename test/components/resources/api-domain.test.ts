import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HttpApi } from "../../../components/resources/http-api";
import { runMocked } from "../mocked";
import { door, find, makeFeatureArgs } from "../registered";

describe("API domain", () => {
  const arn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
  const make = async (domain: { domain: string; zoneId?: string; certificateArn?: string }) => {
    const outputs: Record<string, string> = {};
    const { resources } = await runMocked(() => {
      const api = new HttpApi("api", { ...makeFeatureArgs(), requestsPerSecond: 10, burst: 20, domain });
      api.route("POST /webhook", door, {});
      for (const [name, output] of Object.entries<pulumi.Output<string>>(api.outputs)) output.apply(value => (outputs[name] = value));
    });
    return { resources, outputs };
  };
  const recordsOf = ({ resources }: Awaited<ReturnType<typeof make>>) =>
    resources.filter(({ type }) => type === "aws:route53/record:Record").map(({ inputs }) => [inputs["type"], inputs["name"]]);

  it("makes a certificate that the zone validates, and leads the name to the API", async () => {
    const made = await make({ domain: "slack.example.com", zoneId: "Z1" });

    expect(find(made.resources, "aws:acm/certificate:Certificate")).to.include({
      domainName: "slack.example.com",
      validationMethod: "DNS",
    });
    expect(recordsOf(made)).to.have.deep.members([
      ["CNAME", "_1.example.com"],
      ["A", "slack.example.com"],
    ]);
    const { after } = made.resources.find(({ type }) => type === "aws:apigatewayv2/domainName:DomainName")!;
    expect(after).to.deep.equal(["aws:acm/certificateValidation:CertificateValidation api-domain"]);
    expect(find(made.resources, "aws:apigatewayv2/apiMapping:ApiMapping")).to.include({ apiId: "api-id", stage: "api-id" });
  });

  it("takes TLS 1.2 or later only", async () => {
    const { resources } = await make({ domain: "slack.example.com", zoneId: "Z1" });
    const { domainNameConfiguration } = find(resources, "aws:apigatewayv2/domainName:DomainName");
    expect(domainNameConfiguration).to.include({ securityPolicy: "TLS_1_2" });
  });

  it("is in the addresses of all doors", async () => {
    const { outputs } = await make({ domain: "slack.example.com", zoneId: "Z1" });
    expect(outputs).to.include({ url: "https://slack.example.com", webhookUrl: "https://slack.example.com/webhook" });
  });

  it("takes an existing certificate, and tells where the name has to lead", async () => {
    const made = await make({ domain: "slack.example.com", certificateArn: arn });

    expect(recordsOf(made)).to.deep.equal([]);
    expect(made.resources.filter(({ type }) => type.startsWith("aws:acm/"))).to.deep.equal([]);
    expect(find(made.resources, "aws:apigatewayv2/domainName:DomainName")["domainNameConfiguration"]).to.include({ certificateArn: arn });
    expect(made.outputs).to.include({ domainTarget: "d-1.execute-api.us-east-1.amazonaws.com" });
  });
});
