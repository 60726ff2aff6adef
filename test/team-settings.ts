/** A workspace's settings, for tests. */
import type { TeamSettings } from "#core/slack/team-settings";

const buildTeamSettings = (chosen: Partial<TeamSettings> = {}): TeamSettings => ({
  triggerWords: ["awsadvent"],
  split: "words",
  ignoreWords: [],
  notifyChannel: "",
  dibsDefault: null,
  agents: true,
  ...chosen,
});

export { buildTeamSettings };
