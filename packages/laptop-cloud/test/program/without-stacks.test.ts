import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import sinon from "sinon";
import { skipStackTraces } from "../../src/program/without-stacks";

class Component extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Component", name);
  }
}

describe("without stacks", () => {
  afterEach(() => sinon.restore());

  before(() => pulumi.runtime.setMocks({ newResource: () => ({ id: undefined, state: {} }), call: () => ({}) }));

  /** How many stack traces are formatted while a resource is registered. */
  const countStacks = async (name: string): Promise<number> => {
    const format = sinon.spy(Error, "prepareStackTrace" as never) as unknown as sinon.SinonSpy;
    const { urn } = new Component(name);
    await new Promise(resolve => urn.apply(resolve));
    const { callCount } = format;
    format.restore();
    return callCount;
  };

  it("records no stack trace for a resource and its promises, until it is undone", async () => {
    const undo = skipStackTraces();
    expect(await countStacks("quiet")).to.equal(0);

    undo();
    expect(await countStacks("loud")).to.be.greaterThan(5);
  });
});
