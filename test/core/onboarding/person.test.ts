import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { JsonObject } from "#core/json";
import { readPerson } from "#core/onboarding/person";
import { buildJoin } from "../../subscribers/envelopes";

describe("person", () => {
  const read = (user: JsonObject) => readPerson(buildJoin({ id: "U0009", name: "ann", real_name: "Ann Lee", ...user }));

  it("is who joined the team", () => {
    expect(read({})).to.deep.equal({ team: "T0001", user: "U0009", name: "Ann Lee", kind: "member" });
    expect(read({ is_restricted: true, is_ultra_restricted: true }).kind).to.equal("guest");
  });

  it("has a name that can be shown, or else the handle, or else the id", () => {
    expect(read({ real_name: "Ann\u202E Lee\n" }).name).to.equal("Ann Lee");
    expect(read({ real_name: " " }).name).to.equal("ann");
    expect(read({ real_name: undefined, name: 7 }).name).to.equal("U0009");
  });

  it("is refused without an id", () => {
    expect(String(thrownBy(() => read({ id: "" })))).to.equal("BadEnvelope: The event names nobody who joined.");
  });
});
