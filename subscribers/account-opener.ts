/** Opens an account in one system for each person who joins. The one that opens the last account starts the pipeline that gives access. */

import { buildExecutionName } from "#core/execution-name";
import { createLog, type Log } from "#core/log";
import { type EventEnvelope, parseEventEnvelope } from "#core/message/event";
import type { StateMachineArn, TableName } from "#core/named";
import { buildJoined, readPerson } from "#core/onboarding/person";
import { createExecutions, type Executions } from "#stores/executions";
import { type AccountsTable, createAccountsTable } from "#stores/onboarding/accounts-table";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";

interface AccountOpenerSettings {
  accountsTable: TableName;
  stateMachineArn: StateMachineArn;
  /** The system in which this subscriber opens accounts. */
  system: string;
  /** All systems in which a person gets an account. */
  systems: string[];
}

class AccountOpener {
  constructor(
    private readonly accounts: Pick<AccountsTable, "listSystems" | "open">,
    private readonly executions: Pick<Executions, "start">,
    private readonly settings: Pick<AccountOpenerSettings, "system" | "systems">,
    private readonly log: Pick<Log, "info">,
  ) {}

  /**
   * Idempotent. Each subscriber lists the accounts after it has opened its own, so the last one finds all of them. If several do, they give the
   * execution the same name, and it starts once.
   */
  async handle(envelope: EventEnvelope): Promise<void> {
    const { system, systems } = this.settings;
    const person = readPerson(envelope);
    await this.accounts.open(person, system);
    const opened = await this.accounts.listSystems(person);
    if (!systems.every(each => opened.includes(each))) return;
    const isNew = await this.executions.start(buildExecutionName("onboarding", person.team, person.user), buildJoined(person));
    this.log.info(isNew ? "started" : "started before", { team: person.team, user: person.user });
  }
}

const create = (settings: AccountOpenerSettings): Subscriber => {
  const log = createLog("account-opener");
  const opener = new AccountOpener(createAccountsTable(settings.accountsTable), createExecutions(settings.stateMachineArn), settings, log);
  return createEventSubscriber(log, parseEventEnvelope, envelope => opener.handle(envelope));
};

export type { AccountOpenerSettings };
export { AccountOpener, create };
