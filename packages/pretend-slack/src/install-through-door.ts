import { setTimeout as sleep } from "node:timers/promises";

/** The program's doors open soon after every service has started. */
const TRIES = 60;
const PAUSE_MS = 500;

/**
 * Installs the app in a workspace through the program's own install door, as a browser would whose user allows everything.
 * Resolves to a sentence if that fails.
 */
const installThroughDoor = async (installUrl: string, team: string, stopping: AbortSignal): Promise<string | undefined> => {
  let reason = "";
  for (let tries = 0; tries < TRIES && !stopping.aborted; tries += 1) {
    try {
      await browse(installUrl, team, stopping);
      return undefined;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await sleep(PAUSE_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
  return stopping.aborted ? undefined : `The app could not be installed in ${team} through ${installUrl}: ${reason}.`;
};

/** Throws `Error` that says which page refused. */
const browse = async (installUrl: string, team: string, stopping: AbortSignal) => {
  const door = await visit(installUrl, {}, stopping);
  const consent = new URL(redirectOf(door, installUrl));
  consent.searchParams.set("team", team);
  consent.searchParams.set("approve", "1");
  const allowed = await visit(consent.href, {}, stopping);
  const callback = redirectOf(allowed, consent.href);
  const cookie = door.headers
    .getSetCookie()
    .map(each => each.split(";")[0])
    .join("; ");
  const installed = await visit(callback, { cookie }, stopping);
  if (installed.status >= 400) throw new Error(`${callback.split("?")[0]} answered with status ${installed.status}`);
};

const visit = async (url: string, headers: Record<string, string>, signal: AbortSignal) => {
  const response = await fetch(url, { headers, redirect: "manual", signal });
  await response.arrayBuffer();
  return response;
};

const redirectOf = (response: Response, url: string): string => {
  const location = response.headers.get("location");
  if (location === null) throw new Error(`${url.split("?")[0]} answered with status ${response.status}, but must redirect`);
  return new URL(location, url).href;
};

export { installThroughDoor };
