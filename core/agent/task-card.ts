/** The card of a task: the message that shows its progress. */
import { buildSection, buildStopRow, type Layout } from "#core/agent/buttons";
import { buildSafeMrkdwn } from "#core/agent/safe-text";
import { isEnded, type Task, type TaskState } from "#core/agent/task";
import type { ToolArguments } from "#core/agent/tools";
import { formatDuration } from "#core/dibs/duration";

/** The content of a card. */
interface CardTask {
  id: string;
  /** Slack id of the user who asked. */
  user: string;
  text: string;
  createdAtMs: number;
}

type Progress = ToolArguments<"report_progress">;

const MARKS: Record<TaskState, string> = {
  waiting: ":hourglass_flowing_sand:",
  processing: ":arrow_forward:",
  done: ":white_check_mark:",
  stopped: ":black_square_for_stop:",
  failed: ":x:",
};
const TITLES: Record<TaskState, string> = { waiting: "Waiting", processing: "Working", done: "Done", stopped: "Stopped", failed: "Failed" };

/** Fits on a phone's screen beside the conversation. */
const SHOWN_STEPS = 8;
const SHOWN_PROMPT_CHARACTERS = 300;
const SHOWN_LABEL_CHARACTERS = 120;
const SHOWN_NOTE_CHARACTERS = 500;

/** Cuts a text to one line of at most this many characters, safe to show. */
const shorten = (text: string, maxCharacters: number): string => {
  const line = text.toWellFormed().replace(/\s+/g, " ").trim();
  // A character takes at most two units.
  const characters = Array.from(line.slice(0, 2 * (maxCharacters + 1)));
  const shown = characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 3).join("")}...` : characters.join("");
  return buildSafeMrkdwn(shown);
};

const buildSteps = (steps: Progress["steps"]): string[] => {
  const hidden = steps.length - SHOWN_STEPS;
  return [
    ...(hidden > 0 ? [`_${hidden} earlier ${hidden === 1 ? "step" : "steps"}_`] : []),
    ...steps.slice(-SHOWN_STEPS).map(({ label, state }) => `${MARKS[state]} ${shorten(label, SHOWN_LABEL_CHARACTERS)}`),
  ];
};

/** Builds one line about a task, as mrkdwn: state, duration and request. */
const buildTaskLine = ({ state, text, createdAtMs }: Pick<Task, "state" | "text" | "createdAtMs">, nowMs: number): string => {
  const taken = formatDuration(Math.max(0, nowMs - createdAtMs) / 1000);
  return `${MARKS[state]} *${TITLES[state]}* for ${taken}: ${shorten(text, SHOWN_PROMPT_CHARACTERS)}`;
};

/** Builds the card: state and duration, the request, the last steps, and a Stop button while the task runs. */
const buildTaskCard = (task: CardTask, { state, steps, note }: Progress, nowMs: number): Layout => {
  const taken = formatDuration(Math.max(0, nowMs - task.createdAtMs) / 1000);
  const title = `${MARKS[state]} *${TITLES[state]}* ${isEnded({ state }) ? "after" : "for"} ${taken}`;
  const prompt = shorten(task.text, SHOWN_PROMPT_CHARACTERS);
  // The card may mention the user who asked: the id comes from Slack, and the user expects the card.
  const lines = [title, `> <@${task.user}>: ${prompt}`, ...buildSteps(steps), ...(note ? [shorten(note, SHOWN_NOTE_CHARACTERS)] : [])];
  return {
    text: `${TITLES[state]}: ${prompt}`,
    blocks: [buildSection(lines.join("\n")), ...(isEnded({ state }) ? [] : [buildStopRow(task.id)])],
  };
};

export type { Progress };
export { buildTaskCard, buildTaskLine };
