import { buildMembers, type Member } from "../directory";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import { type Method, paginate } from "./method";

const membersOf = (slack: Slack) => buildMembers(slack.workspace.people(), slack.bot, slack.installation.app?.botName);

/** A member as the Web API and events show them. */
const presentMember = (slack: Slack, member: Member) => ({
  id: member.id,
  team_id: slack.team.id,
  name: member.name,
  deleted: false,
  real_name: member.realName,
  tz: member.timeZone,
  tz_label: member.timeZone,
  tz_offset: offsetSecondsOf(member.timeZone, slack.cloud.clock.nowMs()),
  profile: {
    real_name: member.realName,
    display_name: member.name,
    team: slack.team.id,
    ...(slack.installation.app?.scopes.has("users:read.email") && !member.isBot ? { email: `${member.name}@example.com` } : {}),
  },
  is_admin: member.isAdmin ?? false,
  is_owner: member.isAdmin ?? false,
  is_primary_owner: member.isAdmin ?? false,
  is_restricted: false,
  is_ultra_restricted: false,
  is_bot: member.isBot ?? false,
  is_app_user: false,
  updated: 0,
});

/** The offset of a time zone from UTC, in seconds. */
const offsetSecondsOf = (timeZone: string, nowMs: number): number => {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(nowMs).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
};

/** Behaves as https://docs.slack.dev/reference/methods/users.list */
const list: Method = {
  readOnly: true,
  needsTeam: true,
  scope: "users:read",
  run: async (slack, given) => {
    const page = paginate(membersOf(slack), ({ id }) => id, given.text("cursor"), given.limit(1000, 1000));
    return {
      members: page.items.map(member => presentMember(slack, member)),
      cache_ts: Math.floor(slack.cloud.clock.nowMs() / 1000),
      response_metadata: { next_cursor: "" },
      ...page.metadata,
    };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/users.info */
const info: Method = {
  readOnly: true,
  scope: "users:read",
  run: async (slack, given) => {
    const id = given.required("user");
    const member = membersOf(slack).find(each => each.id === id);
    if (member === undefined) throw new SlackError("user_not_found");
    return { user: presentMember(slack, member) };
  },
};

const usersMethods: Record<string, Method> = { "users.list": list, "users.info": info };

export { presentMember, usersMethods };
