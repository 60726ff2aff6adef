import { quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import type { Member } from "./directory";
import type { JoinRequest } from "./protocol";
import { refuse } from "./say";
import type { Slack } from "./slack";
import { presentMember } from "./web-api/users";

const fields: (keyof JoinRequest)[] = ["team", "name"];

/** Source: https://slack.com/help/articles/216360827-Change-your-display-name */
const MAX_NAME_LENGTH = 80;

/** `POST {slack}/join`: a new person joins the workspace and its general channel. Throws `HttpError` 400 that quotes the invalid value. */
const join = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true; user: string }> => {
  refuseUnknownFields(input, fields);
  const person = buildPerson(slack, parseName(input["name"]));
  await slack.join(slack.workspace.channel(slack.team.general)!, person, presentMember(slack, person));
  if (slack.grant !== undefined) await slack.workspace.openDirect(person.id, slack.bot.userId);
  return { ok: true, user: person.id };
};

const parseName = (name: unknown): string => {
  const trimmed = typeof name === "string" ? name.trim() : "";
  if (!/[\p{L}\p{N}]/u.test(trimmed) || trimmed.length > MAX_NAME_LENGTH)
    return refuse("invalid_name", `name is ${quote(name)}, but must be a name of at most ${MAX_NAME_LENGTH} characters.`);
  return trimmed;
};

const buildPerson = (slack: Slack, realName: string): Member => {
  const people = slack.workspace.people();
  const handle = realName
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ".")
    .replace(/^\.|\.$/g, "");
  if (people.some(({ name }) => name === handle))
    refuse("name_taken", `name is ${quote(realName)}, but must be new: ${handle} is in the workspace already.`);
  const number = Math.max(...people.map(({ id }) => Number(id.slice(1)))) + 1;
  return { id: `U${String(number).padStart(4, "0")}`, name: handle, realName, timeZone: "UTC" };
};

export { join };
