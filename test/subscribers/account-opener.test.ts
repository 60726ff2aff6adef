import { expect } from "chai";
import * as sinon from "sinon";
import { AccountOpener } from "../../subscribers/account-opener";
import { buildJoin } from "./envelopes";

/** Two openers in front of one table and one state machine. */
const make = () => {
  const opened: string[] = [];
  const accounts = {
    open: sinon.stub().callsFake(async (_: unknown, system: string) => void opened.push(system)),
    listSystems: sinon.stub().callsFake(async () => [...opened]),
  };
  const executions = { start: sinon.stub().resolves(true) };
  const systems = ["directory", "helpdesk"];
  const create = (system: string) => new AccountOpener(accounts, executions, { system, systems }, { info: sinon.stub() });
  return { accounts, executions, directory: create("directory"), helpdesk: create("helpdesk") };
};

const joined = buildJoin({ id: "U0009", real_name: "Ann Lee" });
const person = { team: "T0001", user: "U0009", name: "Ann Lee", kind: "member" };

describe("account-opener", () => {
  it("starts the pipeline once all accounts are open", async () => {
    const { accounts, executions, directory, helpdesk } = make();

    await helpdesk.handle(joined);
    expect(executions.start.callCount).to.equal(0);
    await directory.handle(joined);

    expect(accounts.open.args).to.deep.equal([
      [person, "helpdesk"],
      [person, "directory"],
    ]);
    expect(executions.start.args.map(([, input]) => input)).to.deep.equal([{ about: { person: "Ann Lee", team: "T0001" }, person }]);
  });

  it("names the same execution if both find all accounts, or the event comes again", async () => {
    const { executions, directory, helpdesk } = make();

    await directory.handle(joined);
    await Promise.all([helpdesk.handle(joined), directory.handle(joined)]);
    await directory.handle(joined);

    const names = executions.start.args.map(([name]) => name);
    expect(names.length).to.be.above(1);
    expect(new Set(names).size).to.equal(1);
  });
});
