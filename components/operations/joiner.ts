import type * as pulumi from "@pulumi/pulumi";
import type { Workspaces } from "../features/workspaces";
import type { FeatureArgs } from "../resources/feature";
import { ScheduledFunction } from "../resources/scheduled-function";
import { wire } from "../wiring/wire";

interface JoinerArgs extends FeatureArgs {
  /** `SLACK_URL` and, with one workspace, `ACCESS_TOKEN`. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
  /** The installations, where the stack serves many workspaces. */
  workspaces: Workspaces | undefined;
}

/** Joins public channels that the app is not in, because Slack sends it only the events of channels that it is in. */
class Joiner extends ScheduledFunction {
  constructor(name: string, { slackEnvironment, workspaces, ...shared }: JoinerArgs) {
    super(name, {
      ...shared,
      ...wire(() => require("#functions/joiner") as typeof import("#functions/joiner"), workspaces?.may("list") ?? {}),
      environment: { ...shared.environment, ...slackEnvironment },
      schedule: "rate(1 hour)",
      timeoutSeconds: 60,
    });
  }
}

export { Joiner };
