import { randomBytes } from "node:crypto";
import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import { quote } from "@slack-fanout/laptop-cloud/kernel/http";
import type { Secrets } from "./app";
import { buildSignatureHeaders } from "./signature";

/** Slack's time limit for the answer. Source: https://docs.slack.dev/reference/events/url_verification */
const ANSWER_TIMEOUT_MS = 3000;

/** How often a door that is not ready is asked again: events that wait for its answer would be lost, also those of an earlier run. */
const MAX_RETRIES = 3;

/** What is wrong with a request URL. */
interface Problem {
  sentence: string;
  /** Whether the door gave no answer, or failed, as doors do that start on a busy machine. */
  isTransient: boolean;
}

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
    this.#underWay ??= this.#tryToVerify().then(problem => {
      this.#verified = problem === undefined;
      this.#problem = problem;
      this.#underWay = undefined;
      return problem;
    });
    return this.#underWay;
  }

  async #tryToVerify(retries = MAX_RETRIES): Promise<string | undefined> {
    const problem = await this.#challenge();
    if (problem?.isTransient && retries > 0 && !this.stopping.aborted) return this.#tryToVerify(retries - 1);
    return problem && `${this.url} ${problem.sentence}.`;
  }

  async #challenge(): Promise<Problem | undefined> {
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
      const { ok, status } = response;
      if (!ok) return { sentence: `answered the challenge with status ${status}`, isTransient: status >= 500 };
      if (readChallenge(answer) === challenge) return undefined;
      return { sentence: `answered the challenge with ${quote(answer)}`, isTransient: false };
    } catch (error) {
      const reason =
        error instanceof DOMException && error.name === "TimeoutError" ? `took more than ${ANSWER_TIMEOUT_MS} ms` : String(error);
      return { sentence: `did not answer the challenge: ${reason}`, isTransient: true };
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
