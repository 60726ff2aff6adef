/** The host names of this machine. */
const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];

/** Whether a browser's page with this `Origin` is the laptop's own, by any of the machine's names. */
const isPageOrigin = (pageUrl: string, origin: string): boolean => {
  const { port } = new URL(pageUrl);
  return LOOPBACK_NAMES.some(name => origin === `http://${name}:${port}`);
};

/** Whether a browser's page with this `Origin` comes from any server on this machine. */
const isLoopbackOrigin = (origin: string): boolean => {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return ["http:", "https:"].includes(protocol) && (LOOPBACK_NAMES.includes(hostname) || hostname.endsWith(".localhost"));
};

export { isLoopbackOrigin, isPageOrigin, LOOPBACK_NAMES };
