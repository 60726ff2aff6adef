/** A person who joins the workspace. */
import { BadEnvelope } from "#core/errors";
import { isJsonObject } from "#core/json";
import { type EventEnvelope, readTeam } from "#core/message/event";
import { isSlackId } from "#core/message/message";
import type { AboutPerson } from "#core/notice/failure";
import { buildShownName } from "#core/shown-name";

interface Person {
  team: string;
  /** Slack's id of the person. */
  user: string;
  /** As Slack shows it, without invisible characters. */
  name: string;
  kind: "member" | "guest";
}

/** The input of an execution of the onboarding pipeline. */
interface Joined {
  about: AboutPerson;
  person: Person;
}

/** Reads who joined from `slack.team_join`. Throws `BadEnvelope`. Source of the fields: https://docs.slack.dev/reference/objects/user-object */
const readPerson = ({ source, data }: EventEnvelope): Person => {
  const user = isJsonObject(data["user"]) ? data["user"] : {};
  const { id, real_name: realName, name: handle, is_restricted: isGuest } = user;
  if (!isSlackId(id)) throw new BadEnvelope("The event names nobody who joined.");
  const names = [realName, handle].map(name => (typeof name === "string" ? buildShownName(name) : ""));
  // Slack marks single-channel guests with this, too.
  return { team: readTeam(source), user: id, name: names.find(name => name !== "") ?? id, kind: isGuest === true ? "guest" : "member" };
};

/** Builds the input of the execution for a person. */
const buildJoined = (person: Person): Joined => ({ about: { person: person.name, team: person.team }, person });

export type { Joined, Person };
export { buildJoined, readPerson };
