/** The page of slack-fanout: the pretend Slack beside the program, and panels for our tables. */
import { showPage } from "@slack-fanout/laptop-cloud/page";
import { describeSlackStep, SLACK_KEYS, SlackSide, SlackStatusControl } from "@slack-fanout/pretend-slack/page";
import { BalancePanel } from "./balance-panel";
import { findTable } from "./find-table";
import { TasksPanel } from "./tasks-panel";
import { TOUR } from "./tour";
import { TurnsPanel } from "./turns-panel";
import { WordsPanel } from "./words-panel";
import "./panels.css";

showPage({
  side: { name: "Slack", Panel: SlackSide, keys: SLACK_KEYS },
  tour: TOUR,
  openGroups: ["messages"],
  tabs: [
    { name: "Words", isShown: program => findTable(program, "wordsTable") !== undefined, Panel: WordsPanel },
    { name: "Turns", isShown: program => findTable(program, "dibsTable") !== undefined, Panel: TurnsPanel },
    { name: "Agents", isShown: program => findTable(program, "tasksTable") !== undefined, Panel: TasksPanel },
  ],
  WeatherControls: SlackStatusControl,
  WeatherOutcome: BalancePanel,
  stepDescribers: { slack: describeSlackStep },
});
