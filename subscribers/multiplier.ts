/** Adds a bonus for each time a token was said. */

import { createLog } from "#core/log";
import { type Envelope, scopeOf, tokensOf } from "#core/message/message";
import type { Split } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import { WordsTable } from "#stores/message/words-table";
import { type AddOnce, createAddOnce } from "#subscribers/add-once";
import { createSubscriber, type Subscriber } from "#subscribers/records";

interface MultiplierSettings {
  wordsTable: TableName;
  seenTable: TableName;
  /** Added per occurrence. */
  multiplier: number;
  split: Split;
  ignoreWords: string[];
  /** How long a message can be replayed, in days. */
  archiveDays: number;
}

class Multiplier {
  constructor(
    private readonly addOnce: Pick<AddOnce, "add">,
    private readonly words: Pick<WordsTable, "buildAddition">,
    private readonly settings: Pick<MultiplierSettings, "multiplier" | "split" | "ignoreWords">,
  ) {}

  /** Throws `NotDurable` when the time is up. */
  async handle(envelope: Envelope): Promise<void> {
    const scope = scopeOf(envelope);
    const tokens = tokensOf(envelope, this.settings);
    const additions = tokens.map(([token, count]) => this.words.buildAddition(scope, [token, count * this.settings.multiplier]));
    await this.addOnce.add(envelope.id, additions);
  }
}

/** Creates the subscriber; give its function 30 s. */
const create = (settings: MultiplierSettings): Subscriber => {
  const words = new WordsTable(createDynamoDB("background"), settings.wordsTable);
  const multiplier = new Multiplier(createAddOnce("multiplier", settings), words, settings);
  return createSubscriber(createLog("multiplier"), envelope => multiplier.handle(envelope));
};

export type { MultiplierSettings };
export { create, Multiplier };
