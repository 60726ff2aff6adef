import { expect } from "chai";
import { isOurs } from "#functions/workspace";

describe("workspace", () => {
  it("serves any team and app if none is configured", () => {
    expect([isOurs({}, "T0002", "A0002"), isOurs({ teamId: "", appId: "" }, undefined, undefined)]).to.deep.equal([true, true]);
  });

  it("serves only the configured team", () => {
    const settings = { teamId: "T0001" };
    expect([isOurs(settings, "T0001", "A"), isOurs(settings, "T0002", "A"), isOurs(settings, undefined, "A")]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it("serves only the configured app, and deliveries that name no app", () => {
    const settings = { appId: "A0001" };
    expect([isOurs(settings, "T", "A0001"), isOurs(settings, "T", undefined), isOurs(settings, "T", "A0002")]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
});
