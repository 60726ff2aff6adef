/** The queue `agent-tasks` takes its teams in turn, if each message names its team as the message group (ADR 65). */
import { readRequestTeam } from "#core/agent/task-request";

/** Builds the parameter of SendMessage that names the team of a request. */
const buildTurn = (body: string): { MessageGroupId?: string } => {
  const team = readRequestTeam(body);
  return team === undefined ? {} : { MessageGroupId: team };
};

export { buildTurn };
