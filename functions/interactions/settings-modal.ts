/** The modal in which admins change the settings of their workspace. */
import type { Deadline } from "#core/deadline";
import { Conflict } from "#core/errors";
import { buildSettingsModal, type Choices, completeEntered } from "#core/home/settings-modal";
import type { JsonObject } from "#core/json";
import type { Problem } from "#core/problem";
import { parseTeamSettings } from "#core/slack/team-settings";
import type { Actor, Modal, Submission, Submitted } from "#functions/interactions/modals";
import type { People } from "#functions/people";
import type { TeamSettingsTable } from "#stores/slack/team-settings";

const CHANGED_MEANWHILE = "Somebody changed the settings in the meantime. Close this window and open it again.";

class SettingsModal implements Modal {
  constructor(
    private readonly teamSettings: Pick<TeamSettingsTable, "read" | "write">,
    private readonly people: Pick<People, "refuseUnlessAdmin">,
    private readonly choices: Choices,
  ) {}

  async open(_value: string, actor: Actor, deadline: Deadline): Promise<JsonObject | Problem> {
    const [problem, present] = await Promise.all([
      this.people.refuseUnlessAdmin(actor, deadline),
      this.teamSettings.read(actor.team, deadline),
    ]);
    return problem === undefined ? buildSettingsModal(present, this.choices) : { problem };
  }

  async submit({ entered, metadata }: Submission, actor: Actor, deadline: Deadline): Promise<Submitted> {
    const present = await this.teamSettings.read(actor.team, deadline);
    const parsed = parseTeamSettings(completeEntered(entered, present, this.choices));
    if ("problems" in parsed) return { errors: parsed.problems };
    const refusal = await this.people.refuseUnlessAdmin(actor, deadline);
    if (refusal !== undefined) return { errors: { triggerWords: refusal } };
    try {
      await this.teamSettings.write(actor.team, parsed.settings, metadata || undefined, deadline);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return { errors: { triggerWords: CHANGED_MEANWHILE } };
    }
    return { note: "The settings are changed. They apply within a minute." };
  }
}

export { SettingsModal };
