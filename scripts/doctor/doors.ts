/** Checks the doors for `npm run doctor`: each must refuse unsigned requests, and the events door must accept a request with Slack's signature. */
import type { SenderSecrets, SlackSender } from "../slack-sender";
import type { StackOutputs } from "../stack-outputs";
import type { Finding, Look } from "./finding";

/** The doors refuse a signature that is more than five minutes old, or ahead. */
const STALE_SECONDS = 600;

/** A quarter of the five minutes that a signature is valid. */
const MAX_SKEW_SECONDS = 75;

const REDEPLOY = "Run pulumi up. If it changes nothing, look at the function's log.";

class Doors {
  constructor(
    private readonly outputs: StackOutputs,
    private readonly sender: SlackSender,
    private readonly secrets: SenderSecrets,
  ) {}

  looks(): Look[] {
    const { webhookUrl, eventsUrl, commandsUrl, interactionsUrl, apiUrl, mcpUrl } = this.outputs;
    const doors = { webhook: webhookUrl, events: eventsUrl, commands: commandsUrl, interactions: interactionsUrl, mcp: mcpUrl };
    const api = apiUrl === undefined ? undefined : `${apiUrl}/resources`;
    return [
      ...Object.entries(doors).map(([name, url]) => this.lookAt(name, url, "POST")),
      this.lookAt("api", api, "GET"),
      { about: "signature", look: () => this.lookAtSignature() },
      { about: "clock", look: () => this.lookAtClock() },
    ];
  }

  private lookAt(name: string, url: string | undefined, method: "GET" | "POST"): Look {
    const about = `route ${name}`;
    if (url === undefined) return { about, look: async () => ({ about, state: "off", seen: "The stack has no such route." }) };
    return { about, look: async () => judgeStranger(about, (await this.knock(url, method)).status) };
  }

  /** Sends a request that proves nothing about its sender. */
  private knock(url: string, method: "GET" | "POST"): Promise<Response> {
    return method === "GET"
      ? fetch(url)
      : this.sender.post(url, url.endsWith("/webhook") ? "token=none" : "{}", {
          "content-type": /(webhook|commands|interactions)$/.test(url) ? "application/x-www-form-urlencoded" : "application/json",
        });
  }

  async lookAtSignature(): Promise<Finding[]> {
    const about = "signature";
    if (!this.secrets.signing) {
      const todo = "Copy the Signing Secret of your Slack app: pulumi config set --secret slackSigningSecret VALUE, then pulumi up.";
      return [{ about, state: "problem", seen: "slackSigningSecret is not set, so every event, command and button is refused.", todo }];
    }
    const { status } = await this.sender.challenge("doctor");
    if (status !== 200) {
      const todo = "Run pulumi up: the secret in the configuration is not the deployed one.";
      return [{ about, state: "problem", seen: `A signed challenge gets ${status}, but must get 200.`, todo }];
    }
    const body = JSON.stringify({ type: "url_verification", challenge: "doctor" });
    const stale = await Promise.all(
      [-STALE_SECONDS, STALE_SECONDS].map(async skewSeconds => {
        const headers = { "content-type": "application/json", ...(await this.sender.sign(body, skewSeconds)) };
        return (await this.sender.post(this.outputs.eventsUrl, body, headers)).status;
      }),
    );
    if (stale.some(each => each !== 401))
      return [
        {
          about,
          state: "problem",
          seen: `Signatures that are ten minutes off get ${stale.join(" and ")}, but must get 401.`,
          todo: REDEPLOY,
        },
      ];
    return [{ about, state: "ok", seen: "A signed challenge is answered; signatures that are ten minutes off are refused." }];
  }

  /** AWS's clocks are right, so a difference is this machine's. */
  async lookAtClock(): Promise<Finding> {
    const about = "clock";
    const { headers } = await fetch(this.outputs.url);
    const skewSeconds = Math.round((Date.now() - Date.parse(headers.get("date") ?? "")) / 1000);
    if (Number.isNaN(skewSeconds))
      return { about, state: "warning", seen: "The API's answer has no date.", todo: "Check this machine's clock by hand." };
    if (Math.abs(skewSeconds) <= MAX_SKEW_SECONDS) return { about, state: "ok", seen: `This machine's clock is ${skewSeconds} s off.` };
    const todo = "Set this machine's clock. Slack's requests don't depend on it, but npm run smoke does.";
    return { about, state: "warning", seen: `This machine's clock is ${skewSeconds} s off.`, todo };
  }
}

/** Judges how a door answered a stranger. */
const judgeStranger = (about: string, status: number): Finding => {
  if (status === 401) return { about, state: "ok", seen: "It answers, and refuses strangers." };
  if (status === 404) return { about, state: "problem", seen: "There is no such route (404).", todo: "Run pulumi up." };
  if (status === 429)
    return { about, state: "problem", seen: "It is throttled (429).", todo: "Raise requestsPerSecond, or find out who calls." };
  if (status >= 500) return { about, state: "problem", seen: `It fails with ${status}.`, todo: "Look at the function's log." };
  return { about, state: "problem", seen: `It answers strangers with ${status}, but must refuse them with 401.`, todo: REDEPLOY };
};

export { Doors, judgeStranger };
