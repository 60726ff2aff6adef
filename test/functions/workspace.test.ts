import { expect } from "chai";
import { isOurs } from "#functions/workspace";

describe("workspace", () => {
  it("serves any team and app where none is configured", () => {
    expect([isOurs({}, "T0002", "A0002"), isOurs({ teamId: "", appId: "" }, undefined, undefined)]).to.deep.equal([true, true]);
  });

  it("serves the configured team alone", () => {
    const settings = { teamId: "T0001" };
    expect([isOurs(settings, "T0001", "A"), isOurs(settings, "T0002", "A"), isOurs(settings, undefined, "A")]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it("serves the configured app, and deliveries that name none", () => {
    const settings = { appId: "A0001" };
    expect([isOurs(settings, "T", "A0001"), isOurs(settings, "T", undefined), isOurs(settings, "T", "A0002")]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
});
