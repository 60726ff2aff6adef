/** Which `response_url`s are Slack's: what a command or a button is answered at must not lead elsewhere. */

/** Tells whether an address is on Slack's hosts, or on that of the configured API. */
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
