/** `npm run smoke` takes a turn and gives it back, by the API. */
import type { Check } from "../checklist";
import type { SlackSender } from "../slack-sender";
import { expectOk } from "./said";

interface TurnParts {
  apiUrl: string | undefined;
  sender: SlackSender;
  /** The word of this run; the resource has its name. */
  word: string;
  user: string;
}

const TOKEN = /\bsf_[A-Za-z0-9]{40}\b/;

/** A turn that is never given back ends by itself. */
const TURN = "1 minute";

class Turn {
  #token = "";

  constructor(private readonly parts: TurnParts) {}

  checks(): Check[] {
    const { apiUrl } = this.parts;
    const off = apiUrl === undefined ? "The feature dibs is off." : undefined;
    return [
      { name: "command", off, needs: ["challenge"], run: () => this.checkCommand() },
      { name: "turn", off, needs: ["command"], run: () => this.checkTurn() },
    ];
  }

  async checkCommand(): Promise<string> {
    const answer = await this.say("token");
    const [token] = TOKEN.exec(answer) ?? [];
    if (token === undefined) throw new Error(`The answer to /dibs token has no token: ${JSON.stringify(answer.slice(0, 100))}`);
    this.#token = token;
    return "/dibs token gives a token.";
  }

  async checkTurn(): Promise<string> {
    const { apiUrl, word, user } = this.parts;
    try {
      const claim = { for: TURN, reason: "npm run smoke" };
      const held = JSON.parse(await expectOk(await this.call("POST", `${apiUrl}/resources/${word}/claims`, claim), 201)) as {
        claimId: string;
        leaseId: string;
      };
      await expectOk(await this.call("DELETE", `${apiUrl}/claims/${held.claimId}?leaseId=${held.leaseId}`), 204);
      const { holder } = JSON.parse(await expectOk(await this.call("GET", `${apiUrl}/resources/${word}`))) as { holder: unknown };
      if (holder !== null) throw new Error(`The turn was given back, but ${JSON.stringify(holder)} holds it.`);
    } finally {
      await this.revoke();
    }
    return `${user} took a turn on ${word} and gave it back. The token is revoked.`;
  }

  /** Revokes every token of this user, whom nobody else uses. */
  private async revoke(): Promise<void> {
    const ids = [...(await this.say("token list")).matchAll(/`([0-9a-z]+)`/g)].map(([, id]) => id!);
    for (const id of ids) await this.say(`token revoke ${id}`);
  }

  private async say(text: string): Promise<string> {
    return expectOk(await this.parts.sender.command("/dibs", text, `${this.parts.word}.${text.replaceAll(" ", ".")}`));
  }

  private call(method: string, url: string, body?: object): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
    return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }
}

export { Turn };
