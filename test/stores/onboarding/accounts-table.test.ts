import { expect } from "chai";
import { ACCOUNTS } from "#core/onboarding/tables";
import { AccountsTable } from "#stores/onboarding/accounts-table";
import { Table } from "#stores/table";
import { createTablesOf } from "../../dynamodb-endpoint";

describe("accounts-table", () => {
  let created: Awaited<ReturnType<typeof createTablesOf<"accounts">>>;
  let accounts: AccountsTable;

  before(async () => {
    created = await createTablesOf({ accounts: ACCOUNTS });
    accounts = new AccountsTable(created.client, created.names.accounts);
  });
  after(() => created.stop());

  const person = { team: "T0001", user: "U0009", name: "Ann Lee", kind: "member" as const };
  const read = (system: string) => new Table(created.client, created.names.accounts).get({ person: "T0001#U0009", system });

  it("gives access to accounts that exist, which opening them again does not take away", async () => {
    expect(await accounts.giveAccess(person, "directory", "all")).to.equal(false);
    await accounts.open(person, "directory");
    expect(await accounts.giveAccess(person, "directory", "all")).to.equal(true);
    await accounts.open({ ...person, name: "Ann Other" }, "directory");

    expect(await read("directory")).to.deep.equal({ person: "T0001#U0009", system: "directory", name: "Ann Lee", access: "all" });
  });

  it("lists the systems of one person", async () => {
    await accounts.open(person, "directory");
    await accounts.open(person, "helpdesk");
    await accounts.open({ ...person, team: "T0002" }, "payroll");

    expect(await accounts.listSystems(person)).to.have.members(["directory", "helpdesk"]);
  });
});
