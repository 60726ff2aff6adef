/** Gives a person's account in one system its access. */
import { NotFound } from "#core/errors";
import type { TableName } from "#core/named";
import type { Joined } from "#core/onboarding/person";
import { type AccountsTable, createAccountsTable } from "#stores/onboarding/accounts-table";

interface GiveAccessSettings {
  accountsTable: TableName;
  system: string;
  /** What the account may do afterwards, in the system's own words. */
  access: string;
}

class GiveAccess {
  constructor(
    private readonly accounts: Pick<AccountsTable, "giveAccess">,
    private readonly settings: Pick<GiveAccessSettings, "access" | "system">,
  ) {}

  /** Idempotent. Throws `NotFound` if the person has no account. */
  async handle({ person }: Joined): Promise<{ access: string }> {
    const { system, access } = this.settings;
    const isGiven = await this.accounts.giveAccess(person, system, access);
    if (!isGiven) throw new NotFound(`${person.name} (${person.user}) has no account in the system ${system}.`);
    return { access };
  }
}

const create = (settings: GiveAccessSettings): ((joined: Joined) => Promise<{ access: string }>) => {
  const task = new GiveAccess(createAccountsTable(settings.accountsTable), settings);
  return joined => task.handle(joined);
};

export type { GiveAccessSettings };
export { create, GiveAccess };
