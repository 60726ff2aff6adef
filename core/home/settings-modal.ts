/** The modal in which admins change the settings of their workspace. */
import { buildModal, type Entered, type Field } from "#core/home/modal";
import type { JsonObject } from "#core/json";
import { type TeamSettingsKey, type TeamSettingsTexts, type VersionedSettings, writeTeamSettings } from "#core/slack/team-settings";

/** Which features the stack has. Settings of the others are not shown. */
interface Choices {
  hasDibs: boolean;
  hasAgent: boolean;
}

/** Two hundred words of fifty characters, with spaces between them, would not fit into a field of Slack's. */
const MAX_TEXT_CHARACTERS = 3000;
const MAX_SPAN_CHARACTERS = 60;

const FIELDS: Record<TeamSettingsKey, Omit<Field, "name" | "value">> = {
  triggerWords: {
    label: "Trigger words",
    hint: "A message that begins with one of these words is counted and answered. Spaces between them.",
    isOptional: true,
    element: { type: "text", maxCharacters: MAX_TEXT_CHARACTERS },
  },
  split: {
    label: "What counts in those messages",
    element: { type: "choice", options: { words: "Words", annotations: "Hashtags" } },
  },
  ignoreWords: {
    label: "Ignored words",
    hint: "They never count. Spaces between them.",
    isOptional: true,
    element: { type: "text", maxCharacters: MAX_TEXT_CHARACTERS },
  },
  notifyChannel: {
    label: "Channel for notices",
    hint: "For notices that name no place of their own. Invite the app there. Empty for none.",
    isOptional: true,
    element: { type: "channel" },
  },
  dibsDefault: {
    label: "Usual length of a turn",
    hint: 'For example "45 minutes", "2h" or "open".',
    element: { type: "text", maxCharacters: MAX_SPAN_CHARACTERS },
  },
  agents: { label: "Agents", element: { type: "choice", options: { on: "On", off: "Off" } } },
};

/** Builds the modal. It carries the version that it shows, so that a change by somebody else is noticed. */
const buildSettingsModal = ({ settings, version = "" }: VersionedSettings, choices: Choices): JsonObject => {
  const texts = writeTeamSettings(settings);
  const fields = listKeys(choices).map(name => ({ ...FIELDS[name], name, value: texts[name] }));
  return buildModal("home_settings", "Settings", fields, version);
};

/** Adds the present values of the settings that the modal does not show. */
const completeEntered = (entered: Entered, { settings }: VersionedSettings, choices: Choices): TeamSettingsTexts => {
  const shown = Object.fromEntries(listKeys(choices).map(name => [name, entered[name] ?? ""]));
  return { ...writeTeamSettings(settings), ...shown };
};

const listKeys = ({ hasDibs, hasAgent }: Choices): TeamSettingsKey[] =>
  (Object.keys(FIELDS) as TeamSettingsKey[]).filter(name => (name !== "dibsDefault" || hasDibs) && (name !== "agents" || hasAgent));

export type { Choices };
export { buildSettingsModal, completeEntered };
