/** Adds a bonus for each time a token was said. Edits and deletions change it. */

import { createLog } from "#core/log";
import { buildScope, CountKeys, type KeyLayout } from "#core/message/count-keys";
import { parseAnyEnvelope } from "#core/message/event";
import type { TokenCount } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import type { Addition } from "#stores/count-once";
import type { CountedMessage, Effect } from "#stores/message/counted-versions";
import { WordsTable } from "#stores/message/words-table";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";
import { createTally, type TallySettings } from "#subscribers/tally";

interface MultiplierSettings extends TallySettings {
  wordsTable: TableName;
  seenTable: TableName;
  /** Added per occurrence. */
  multiplier: number;
  layout: KeyLayout;
}

class Multiplier implements Effect {
  readonly name = "multiplier";

  constructor(
    private readonly words: Pick<WordsTable, "buildAddition">,
    readonly times: number,
  ) {}

  build(message: CountedMessage, tokens: readonly TokenCount[]): Addition[] {
    const scope = buildScope(message);
    return tokens.map(([token, count]) => this.words.buildAddition(scope, [token, count * message.times], message.ts));
  }
}

/** Creates the subscriber; give its function 30 s. */
const create = (settings: MultiplierSettings): Subscriber => {
  const words = new WordsTable(createDynamoDB("background"), settings.wordsTable, new CountKeys(settings.layout));
  const tally = createTally(new Multiplier(words, settings.multiplier), settings);
  return createEventSubscriber(createLog("multiplier"), parseAnyEnvelope, envelope => tally.handle(envelope));
};

export type { MultiplierSettings };
export { create, Multiplier };
