/** Slack's `response_url`s, which take the answers to buttons and commands. */
import type { Deadline } from "#core/deadline";
import { SlackBusy } from "#core/errors";

/** Posts a message to a verified `response_url`. Throws `SlackBusy` if Slack refuses it. */
const answerAt = async (responseUrl: string, message: object, deadline: Deadline): Promise<void> => {
  const response = await fetch(responseUrl, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(message),
    // The target of a redirect would not be verified.
    redirect: "error",
    signal: deadline.signal(),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new SlackBusy(`The response_url answers ${response.status}.`);
};

export { answerAt };
