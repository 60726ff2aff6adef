const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Gives a URL on this machine the host name that the page was opened with. Other URLs stay as they are.
 *
 * `localhost` and `127.0.0.1` are two sites to a browser, and the laptop cloud refuses cross-site requests.
 */
const toSameSite = (url: string, pageHost: string): string => {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.hostname === pageHost || !LOOPBACK_HOSTS.includes(parsed.hostname) || !LOOPBACK_HOSTS.includes(pageHost)) return url;
  parsed.hostname = pageHost;
  return parsed.href;
};

export { toSameSite };
