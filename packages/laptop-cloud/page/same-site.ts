const loopbackHosts = ["127.0.0.1", "localhost", "[::1]"];

/**
 * An address on this machine, under the host name that the page was opened with; other addresses as they are.
 *
 * To a browser `localhost` and `127.0.0.1` are two sites, and the laptop's ports refuse what one site sends to the other.
 */
const toSameSite = (url: string, pageHost: string): string => {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.hostname === pageHost || !loopbackHosts.includes(parsed.hostname) || !loopbackHosts.includes(pageHost)) return url;
  parsed.hostname = pageHost;
  return parsed.href;
};

export { toSameSite };
