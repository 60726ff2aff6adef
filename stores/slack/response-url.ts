/** Slack's `response_url`s: where a button's press is answered. */
import type { Deadline } from "#core/deadline";
import { SlackBusy } from "#core/errors";

/** Posts a message to a `response_url` that has been verified. Throws `SlackBusy` when Slack does not take it. */
const answerAt = async (responseUrl: string, message: object, deadline: Deadline): Promise<void> => {
  const response = await fetch(responseUrl, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(message),
    // Whatever Slack's host redirects to has not been verified.
    redirect: "error",
    signal: deadline.signal(),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new SlackBusy(`The response_url answers ${response.status}.`);
};

export { answerAt };
