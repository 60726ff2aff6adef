import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { Release } from "#functions/dibs/release";

describe("dibs-release", () => {
  const timer = { team: "T0001", name: "staging", leaseId: "lease-1" };

  it("ends the turn that the timer was made for, and names its lease", async () => {
    const release = sinon.stub().resolves();
    await new Release({ release }).handle(timer);
    sinon.assert.calledOnceWithExactly(release, { team: "T0001", name: "staging" }, "lease-1", sinon.match.instanceOf(Deadline));
  });

  it("throws failures, so that it is retried", async () => {
    const release = sinon.stub().rejects(new NotDurable("The time was up."));
    expect(await rejectionOf(new Release({ release }).handle(timer))).to.be.instanceOf(NotDurable);
  });
});
