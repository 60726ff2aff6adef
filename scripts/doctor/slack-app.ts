/** `npm run doctor` asks Slack who the token belongs to, and compares its scopes with the manifest's. */
import type { AuthTestResponse, WebClient } from "@slack/web-api";
import type { StackOutputs } from "../stack-outputs";
import type { Finding, Look } from "./finding";

class SlackApp {
  constructor(
    private readonly slack: Pick<WebClient, "auth"> | undefined,
    private readonly outputs: Pick<StackOutputs, "slackManifest" | "teamId" | "installationsTable">,
  ) {}

  looks(): Look[] {
    return [{ about: "Slack token", look: () => this.look() }];
  }

  async look(): Promise<Finding[]> {
    const about = "Slack token";
    if (this.outputs.installationsTable !== undefined) {
      const seen = "Each workspace has its own; npm run team -- list says where Slack refuses it.";
      return [{ about, state: "off", seen }];
    }
    const todo = "Install the app, and copy its Bot User OAuth Token: pulumi config set --secret slackBotToken VALUE, then pulumi up.";
    if (this.slack === undefined) return [{ about, state: "problem", seen: "slackBotToken is not set, so nothing is posted.", todo }];
    let answer: AuthTestResponse;
    try {
      answer = await this.slack.auth.test();
    } catch (error) {
      return [{ about, state: "problem", seen: `Slack refuses it: ${(error as Error).message}.`, todo }];
    }
    return [this.judgeTeam(answer), this.judgeScopes(answer)];
  }

  private judgeTeam({ team_id: team, team: name, user }: AuthTestResponse): Finding {
    const { teamId } = this.outputs;
    const seen = `It belongs to ${user} in ${name} (${team}).`;
    if (teamId === undefined || teamId === team) return { about: "Slack token", state: "ok", seen };
    const todo = `Install the app in ${teamId}, or set slackTeamId to ${team}.`;
    return { about: "Slack token", state: "problem", seen: `${seen} slackTeamId is ${teamId}, so other messages are ignored.`, todo };
  }

  private judgeScopes({ response_metadata }: AuthTestResponse): Finding {
    const about = "Slack scopes";
    const granted: string[] = response_metadata?.scopes ?? [];
    const wanted = this.outputs.slackManifest.oauth_config?.scopes?.bot ?? [];
    const missing = wanted.filter(scope => !granted.includes(scope));
    const unneeded = granted.filter(scope => !wanted.includes(scope));
    if (missing.length > 0) {
      const todo = "Paste the output slackManifest into the app's manifest at api.slack.com, and reinstall the app.";
      return { about, state: "problem", seen: `Missing: ${missing.join(", ")}.`, todo };
    }
    if (unneeded.length > 0) {
      const todo = "Remove them from the app's manifest, if nothing else uses the app.";
      return { about, state: "warning", seen: `Not needed: ${unneeded.join(", ")}.`, todo };
    }
    return { about, state: "ok", seen: `The app has the ${wanted.length} scopes of the manifest.` };
  }
}

export { SlackApp };
