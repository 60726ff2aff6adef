/** The event that has somebody's Home published: Slack's, when the person opens it, or ours, when a press has changed what it shows. */
import type { JsonObject } from "#core/json";
import { buildEvent, type EventEnvelope, readTeam } from "#core/message/event";
import type { Message } from "#core/message/message";

/** Whose Home to publish. */
interface HomeRequest {
  team: string;
  user: string;
  /** Shown once at the top: what came of a press. Escaped mrkdwn. */
  note?: string | undefined;
}

/** Builds the parts of an event that tell whose Home it is, and distinguish it from others. */
const buildHomeOpened = (user: string, ts: string): { key: string[]; event: JsonObject } => ({
  key: [user, ts],
  event: { type: "app_home_opened", user, tab: "home", event_ts: ts },
});

/** Builds our own event. `request` is the id of the press. */
const buildHomeRefresh = ({ team, user, note }: HomeRequest, request: string, nowMs: number): Message => {
  const { event } = buildHomeOpened(user, String(nowMs / 1000));
  return buildEvent(
    { name: "app_home_opened", team, key: [user, request], subject: user, atSeconds: nowMs / 1000, event: { ...event, note } },
    [],
  );
};

/** Reads either of them. */
const readHomeRequest = ({ source, data }: EventEnvelope): HomeRequest => {
  const { user, note } = data;
  return { team: readTeam(source), user: String(user), note: typeof note === "string" ? note : undefined };
};

export type { HomeRequest };
export { buildHomeOpened, buildHomeRefresh, readHomeRequest };
