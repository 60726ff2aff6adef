/** Verifies that a `response_url` is Slack's, so that answers go nowhere else. */

/** Tells whether a URL is on one of Slack's hosts, or on the host of the configured API. */
const isResponseUrl = (address: unknown, slackUrl: string | undefined): address is string => {
  if (typeof address !== "string" || !URL.canParse(address)) return false;
  const { protocol, username, password, host, origin } = new URL(address);
  if (username !== "" || password !== "") return false;
  const isSlacks = protocol === "https:" && (host === "slack.com" || host.endsWith(".slack.com"));
  if (isSlacks || slackUrl === undefined || !URL.canParse(slackUrl)) return isSlacks;
  const configured = new URL(slackUrl);
  // The origin alone is not enough: the origin of blob:http://127.0.0.1:3000/x is http://127.0.0.1:3000.
  return protocol === configured.protocol && origin === configured.origin;
};

export { isResponseUrl };
