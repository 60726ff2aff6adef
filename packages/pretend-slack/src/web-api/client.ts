import type { Secrets } from "../app";
import { SlackError } from "../slack-error";
import type { Arguments } from "./arguments";

/**
 * Verifies an app's client id and secret, from the arguments or from HTTP Basic authentication.
 * Throws `SlackError` `invalid_client_id`, `bad_client_secret`.
 */
const verifyClient = ({ clientId, clientSecret }: Secrets, given: Arguments, authorization?: string) => {
  const basic = /^Basic\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  const [basicId, ...rest] = Buffer.from(basic ?? "", "base64")
    .toString("utf8")
    .split(":");
  const id = given.text("client_id") ?? basicId;
  const secret = given.text("client_secret") ?? rest.join(":");
  if (clientId === undefined || id !== clientId) throw new SlackError("invalid_client_id");
  if (clientSecret === undefined || secret !== clientSecret) throw new SlackError("bad_client_secret");
};

export { verifyClient };
