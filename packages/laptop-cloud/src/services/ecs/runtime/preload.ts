/**
 * Loaded into a container's process before its own code. `Date` and timers follow the cloud's time. When time is
 * moved, the process tells the cloud when it has caught up.
 */
import { installShiftedDate, shiftDate } from "../../../kernel/shifted-date";
import { installCloudTimers, machine, nextDueMs, rearm } from "./cloud-timers";
import { giveUp, isAwaiting, takeNote, watchRequests } from "./open-requests";
import { type FromContainer, MAX_POLL_MS, offsetVariable, type ToContainer } from "./protocol";

/** How long to wait for requests in flight after time was moved, before timers fire, in real milliseconds. */
const ANSWER_TIMEOUT_MS = 250;

/**
 * How long to wait for requests in flight, in real milliseconds: longer than a function's cold start on a busy machine. Each request is
 * waited for once, so an endless one delays the clock only once.
 */
const CALL_TIMEOUT_MS = 5000;

/** How long to wait for a container that always has a timer due. */
const TIMER_TIMEOUT_MS = 500;

/** Work is finished after this many consecutive checks, a millisecond apart: there are gaps between an answer and the next request. */
const QUIET_CHECKS = 3;

let offsetMs = Number(process.env[offsetVariable]);
let following: Promise<void> = Promise.resolve();

const pause = () => new Promise(resolve => machine.setTimeout(resolve, 1));

/** Resolves with true once `condition` holds `times` in a row, and with false after the limit. */
const held = async (condition: () => boolean, times: number, limitMs: () => number): Promise<boolean> => {
  const startedMs = performance.now();
  for (let checks = 0; checks < times; checks = condition() ? checks + 1 : 0) {
    if (performance.now() - startedMs > limitMs()) return false;
    await pause();
  }
  return true;
};

const isQuiet = () => !isAwaiting() && (nextDueMs() ?? Number.POSITIVE_INFINITY) > Date.now();

/** A poll that the cloud ends must be answered before timers fire, because the move may have passed its client's own timeout too. */
const follow = async (toMs: number) => {
  const movedMs = toMs - offsetMs;
  offsetMs = toMs;
  shiftDate(toMs);
  if (movedMs >= MAX_POLL_MS) await held(takeNote(), 1, () => ANSWER_TIMEOUT_MS);
  rearm(movedMs);
};

const settle = async (id: number) => {
  await following;
  const isSettled = await held(isQuiet, QUIET_CHECKS, () => (isAwaiting() ? CALL_TIMEOUT_MS : TIMER_TIMEOUT_MS));
  if (!isSettled) giveUp();
  notify({ kind: "settled", id, dueMs: isSettled ? nextDueMs() : Date.now() });
};

const send = process.send!.bind(process);
// The cloud has ended if nobody reads the message.
const notify = (message: FromContainer) => void send(message, () => {});
delete process.env[offsetVariable];
shiftDate(offsetMs);
installShiftedDate();
// The cloud records AWS calls itself.
const awsUrl = process.env["AWS_ENDPOINT_URL"];
watchRequests(url => {
  if (awsUrl === undefined || !url.startsWith(`${awsUrl}/`)) notify({ kind: "requested", url });
});
installCloudTimers();
process.on("message", (message: ToContainer) => {
  if (message.kind === "clock") following = following.then(() => follow(message.offsetMs));
  else void settle(message.id);
});
// The channel must not keep the process alive, and code that finds it would assume that it is a cluster worker.
process.channel?.unref();
delete (process as { send?: unknown }).send;
