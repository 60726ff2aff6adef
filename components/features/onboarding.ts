import * as pulumi from "@pulumi/pulumi";
import { ACCOUNTS } from "#core/onboarding/tables";
import type { FeatureArgs } from "../resources/feature";
import { Pipeline, type TaskArgs } from "../resources/pipeline";
import { Table } from "../resources/table";
import type { Topic } from "../resources/topic";
import { publish, queryTable, start, update } from "../wiring/grants";
import { wire } from "../wiring/wire";

interface OnboardingArgs extends FeatureArgs {
  /** Tells who joins the workspace. */
  messages: Topic;
}

/** The systems in which everybody gets an account. Each has a subscriber of its own. */
const SYSTEMS = ["directory", "helpdesk"];

/** One write to a table or a topic; the rest is for a cold start. */
const TASK_SECONDS = 30;

/** Errors that a retry would not change. */
const PERMANENT_ERRORS = ["NotFound"];

/**
 * An example: a new person gets accounts in two systems at the same time, then access step by step, and a welcome.
 *
 * The systems are rows of a table. docs/guides/onboarding.md says what to replace to reach your own.
 */
class Onboarding extends pulumi.ComponentResource {
  /** All tables, by their names in the program. */
  readonly tables: Record<"onboarding-accounts", Table>;
  readonly outputs: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: OnboardingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:onboarding:Onboarding", name, {}, opts);
    const child = { parent: this };
    const { messages, successes, production } = args;

    const accounts = new Table(`${name}-accounts`, { ...ACCOUNTS, production }, child);

    this.tables = { "onboarding-accounts": accounts };

    const giveAccess = (system: string, access: string): TaskArgs => ({
      ...wire(() => require("#functions/onboarding/give-access") as typeof import("#functions/onboarding/give-access"), {
        accountsTable: accounts.may(update),
        system,
        access,
      }),
      timeoutSeconds: TASK_SECONDS,
    });
    const welcome = (to: "person" | "team"): TaskArgs => ({
      ...wire(() => require("#functions/onboarding/welcome") as typeof import("#functions/onboarding/welcome"), {
        successesTopicArn: successes.may(publish),
        to,
      }),
      timeoutSeconds: TASK_SECONDS,
    });

    const { stateMachine } = new Pipeline(
      name,
      {
        ...args,
        permanentErrors: PERMANENT_ERRORS,
        steps: {
          directoryAccess: giveAccess("directory", "staff pages"),
          kind: {
            choice: "$.person.kind",
            when: { guest: { guestAccess: giveAccess("helpdesk", "own tickets") } },
            otherwise: { memberAccess: giveAccess("helpdesk", "all tickets") },
          },
          welcome: { parallel: [{ greet: welcome("person") }, { introduce: welcome("team") }] },
          report: {
            ...wire(() => require("#functions/onboarding/report") as typeof import("#functions/onboarding/report"), { systems: SYSTEMS }),
            timeoutSeconds: TASK_SECONDS,
          },
        },
      },
      child,
    );

    // The accounts are opened at the same time. Whichever is last starts the pipeline.
    for (const system of SYSTEMS) {
      messages.subscribe(
        `${name}-${system}`,
        () => require("#subscribers/account-opener") as typeof import("#subscribers/account-opener"),
        {
          filter: { type: ["slack.team_join"] },
          accountsTable: accounts.may(update, queryTable),
          stateMachineArn: stateMachine.may(start),
          system,
          systems: SYSTEMS,
        },
      );
    }
    this.outputs = { accountsTable: accounts.name, onboardingStateMachineArn: stateMachine.arn };
    this.registerOutputs({});
  }
}

export { Onboarding };
