import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { ArchiveCommand } from "#functions/commands/archive";

describe("/archive", () => {
  const deadline = new Deadline(5000);
  const asker = { team: "T0001", channel: "C0001" };

  it("searches for the user, and answers nobody else", async () => {
    const answer = sinon.stub().resolves("*Files with #receipt*");
    const form = new Map(Object.entries({ team_id: "T0001", channel_id: "C0001", text: " #receipt " }));
    expect(await new ArchiveCommand({ answer }).answer(form, deadline)).to.deep.equal({
      response_type: "ephemeral",
      text: "*Files with #receipt*",
    });
    sinon.assert.calledOnceWithExactly(answer, " #receipt ", asker, deadline);
  });

  it("searches with an empty text if none is given", async () => {
    const answer = sinon.stub().resolves("Say more.");
    const form = new Map(Object.entries({ team_id: "T0001", channel_id: "C0001" }));
    await new ArchiveCommand({ answer }).answer(form, deadline);
    sinon.assert.calledOnceWithExactly(answer, "", asker, deadline);
  });

  it("throws what the search throws", async () => {
    const down = new NotDurable("down");
    const command = new ArchiveCommand({ answer: sinon.stub().rejects(down) });
    expect(await rejectionOf(command.answer(new Map(), deadline))).to.equal(down);
  });
});
