import { randomBytes } from "node:crypto";
import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import { quote } from "@slack-fanout/laptop-cloud/kernel/http";
import type { Secrets } from "./app";
import { buildSignatureHeaders } from "./signature";

/** Slack's time limit for the answer. Source: https://docs.slack.dev/reference/events/url_verification */
const ANSWER_TIMEOUT_MS = 3000;

/**
 * The app's request URL for events, which Slack uses only once it has answered a challenge.
 *
 * In Slack a person presses *Retry* after a failure; here the next event retries.
 */
class RequestUrl {
  #verified = false;
  #problem: string | undefined;
  #underWay: Promise<string | undefined> | undefined;

  constructor(
    readonly url: string,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly stopping: AbortSignal,
  ) {}

  get status() {
    return { url: this.url, verified: this.#verified, problem: this.#problem ?? null };
  }

  /** Resolves to undefined if the URL is verified, else to the reason. Concurrent callers share one attempt. */
  verify(): Promise<string | undefined> {
    if (this.#verified) return Promise.resolve(undefined);
    this.#underWay ??= this.#challenge().then(problem => {
      this.#verified = problem === undefined;
      this.#problem = problem;
      this.#underWay = undefined;
      return problem;
    });
    return this.#underWay;
  }

  async #challenge(): Promise<string | undefined> {
    const challenge = randomBytes(24).toString("hex");
    const { signingSecret, verificationToken } = this.secrets;
    const body = JSON.stringify({
      ...(verificationToken === undefined ? {} : { token: verificationToken }),
      challenge,
      type: "url_verification",
    });
    const signature = signingSecret === undefined ? {} : buildSignatureHeaders(signingSecret, Math.floor(this.clock.nowMs() / 1000), body);
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...signature },
        body,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(ANSWER_TIMEOUT_MS), this.stopping]),
      });
      const answer = await response.text();
      if (!response.ok) return `${this.url} answered the challenge with status ${response.status}.`;
      return readChallenge(answer) === challenge ? undefined : `${this.url} answered the challenge with ${quote(answer)}.`;
    } catch (error) {
      const reason =
        error instanceof DOMException && error.name === "TimeoutError" ? `took more than ${ANSWER_TIMEOUT_MS} ms` : String(error);
      return `${this.url} did not answer the challenge: ${reason}.`;
    }
  }
}

/** Apps may answer with the bare challenge, as JSON, or as a form. */
const readChallenge = (answer: string): unknown => {
  try {
    return (JSON.parse(answer) as { challenge?: unknown } | null)?.challenge;
  } catch {
    return answer.startsWith("challenge=") ? new URLSearchParams(answer).get("challenge") : answer.trim();
  }
};

export { RequestUrl };
