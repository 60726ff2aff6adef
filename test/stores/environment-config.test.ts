import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { NODE_REGION_CONFIG_OPTIONS, NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS } from "@smithy/core/config";
import { expect } from "chai";
import { loadConfig } from "#stores/environment-config";

describe("environment-config", () => {
  const before = process.env["AWS_REGION"];
  afterEach(() => {
    if (before === undefined) delete process.env["AWS_REGION"];
    else process.env["AWS_REGION"] = before;
  });

  it("is read from the environment, or else is the default", async () => {
    process.env["AWS_REGION"] = "eu-west-1";
    expect(await loadConfig(NODE_REGION_CONFIG_OPTIONS)()).to.equal("eu-west-1");
    expect(await loadConfig(NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS)()).to.equal(false);
  });

  it("says what is missing if there is no default", async () => {
    delete process.env["AWS_REGION"];
    expect(await rejectionOf(loadConfig(NODE_REGION_CONFIG_OPTIONS)())).to.have.property("message", "Region is missing");
  });
});
