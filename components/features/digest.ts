import * as pulumi from "@pulumi/pulumi";
import type { KeyLayout } from "#core/message/count-keys";
import type { FeatureArgs } from "../resources/feature";
import { ScheduledFunction } from "../resources/scheduled-function";
import type { Table } from "../resources/table";
import { publish, queryBoards } from "../wiring/grants";
import { wire } from "../wiring/wire";

interface DigestArgs extends FeatureArgs {
  /** The channel that gets the digest. */
  channel: string;
  /** The workspace whose words it shows. */
  team: string;
  /** The counts of each day. */
  boards: Table;
  /** How the keys of counters are laid out. */
  layout: KeyLayout;
}

/** Posts the most frequent words of the week, on Mondays at 09:00 UTC. */
class Digest extends pulumi.ComponentResource {
  constructor(name: string, { channel, team, boards, layout, ...shared }: DigestArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:words:Digest", name, {}, opts);
    new ScheduledFunction(
      name,
      {
        ...shared,
        ...wire(() => require("#functions/digest") as typeof import("#functions/digest"), {
          boardsTable: boards.may(...queryBoards),
          noticesTopicArn: shared.successes.may(publish),
          layout,
          channel,
          team,
        }),
        schedule: "cron(0 9 ? * MON *)",
        timeoutSeconds: 30,
        // The next run would come a week later, and show another week.
        retries: 2,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

export { Digest };
