import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { ToolBusy } from "#core/errors";
import { TrelloTool } from "#functions/gateway/trello-tool";
import { Trello } from "#stores/agent/trello";

const CARD = { cardId: "card1", url: "https://trello.com/c/1" };

describe("trello tool", () => {
  const deadline = new Deadline(5000);
  const first = { id: "call-1", sinceMs: undefined, draft: undefined };
  let trello: sinon.SinonStubbedInstance<Trello>;
  let tool: TrelloTool;
  beforeEach(() => {
    trello = sinon.createStubInstance(Trello);
    trello.create.resolves(CARD);
    tool = new TrelloTool(trello, "L0001");
  });

  it("is offered only with credentials and a list", () => {
    expect(tool.isConfigured).to.equal(true);
    expect(new TrelloTool(trello, "").isConfigured).to.equal(false);
    expect(new TrelloTool(undefined, "L0001").isConfigured).to.equal(false);
  });

  it("creates a card on the configured list, without looking for an earlier one", async () => {
    expect(await tool.create({ name: "Fix it" }, first, deadline)).to.deep.equal({ result: CARD });
    sinon.assert.calledOnceWithExactly(trello.create, { id: "call-1", list: "L0001", name: "Fix it", description: "" }, deadline);
    sinon.assert.notCalled(trello.find);
  });

  it("looks first if an earlier attempt may have created the card", async () => {
    trello.find.resolves(CARD);
    const args = { name: "Fix it", description: "soon", list: "L0001" };
    expect(await tool.create(args, { ...first, sinceMs: 1 }, deadline)).to.deep.equal({ result: CARD });
    sinon.assert.calledOnceWithExactly(trello.find, { list: "L0001", id: "call-1" }, deadline);
    sinon.assert.notCalled(trello.create);
  });

  it("creates the card if the earlier attempt did not", async () => {
    trello.find.resolves(undefined);
    expect(await tool.create({ name: "Fix it" }, { ...first, sinceMs: 1 }, deadline)).to.deep.equal({ result: CARD });
    sinon.assert.calledOnce(trello.create);
  });

  it("refuses any list but the configured one, before it looks for a card there", async () => {
    for (const sinceMs of [undefined, 1])
      expect(await rejectionOf(tool.create({ name: "Fix it", list: "L2" }, { ...first, sinceMs }, deadline))).to.include({
        name: "ToolRefused",
        rule: "trello",
        message: '"L2" is not the list that is configured for agents. Omit the list.',
      });
    sinon.assert.notCalled(trello.find);
    sinon.assert.notCalled(trello.create);
  });

  it("refuses calls without credentials, and rethrows Trello's errors", async () => {
    expect(await rejectionOf(new TrelloTool(undefined, "L0001").create({ name: "Fix it" }, first, deadline))).to.include({
      name: "ToolRefused",
      rule: "trello",
      message: "Trello is not configured.",
    });
    const busy = new ToolBusy("waiting-for-trello", 10_000);
    trello.create.rejects(busy);
    expect(await rejectionOf(tool.create({ name: "Fix it" }, first, deadline))).to.equal(busy);
  });
});
