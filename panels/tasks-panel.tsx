import { control, formatDuration, type PanelProps, Time, useLiveData } from "@slack-fanout/laptop-cloud/page";
import { useSession } from "@slack-fanout/pretend-slack/page";
import { findTable } from "./find-table";
import { type AgentTask, buildTasks } from "./tasks";

const MAX_ITEMS = 2000;
const MAX_TASKS = 20;

/** What agents were asked, and the steps that they have finished. */
const TasksPanel = ({ program, nowMs }: PanelProps) => {
  const table = findTable(program, "tasksTable")!;
  const { user, workspace } = useSession();
  const rows = useLiveData(`tasks ${table}`, () => control.readItems(table, MAX_ITEMS));
  if (rows === undefined || workspace === undefined) return null;
  const tasks = buildTasks(workspace, user, rows).slice(0, MAX_TASKS);
  if (tasks.length === 0) return <p class="empty">No agent was asked anything. Say “@fanout report words 3”.</p>;
  return (
    <ol class="tasks" aria-label="Tasks of agents">
      {tasks.map(task => (
        <Task key={task.id} task={task} name={workspace.users.find(({ id }) => id === task.user)?.name ?? task.user} nowMs={nowMs} />
      ))}
    </ol>
  );
};

const STATES: Record<string, string> = { done: "succeeded", failed: "failed", waiting: "running", processing: "running" };

const Task = ({
  task: { state, text, createdMs, startedMs, error, steps, alarmMs = 0 },
  name,
  nowMs,
}: {
  task: AgentTask;
  name: string;
  nowMs: number;
}) => (
  <li>
    <p class="panel-line">
      <b class={`status ${STATES[state] ?? ""}`}>{state}</b>
      <span>
        {name}: {text}
      </span>
      <Time atMs={createdMs} class="empty" />
    </p>
    <ol class="agent-steps">
      {steps.map(({ label, atMs, ms }) => (
        <li key={`${atMs} ${label}`}>
          <span class="good" aria-hidden="true">
            ✔
          </span>{" "}
          {label} <span class="empty">{formatDuration(ms)}</span>
        </li>
      ))}
      {state === "waiting" ? <li class="unused">Waiting for a worker for {formatDuration(Math.max(0, nowMs - createdMs))}</li> : null}
      {state === "processing" ? (
        <li class="unused">
          {alarmMs > nowMs
            ? `Sleeping for another ${formatDuration(alarmMs - nowMs)}`
            : `Working on its next step for ${formatDuration(Math.max(0, nowMs - (steps.at(-1)?.atMs ?? startedMs ?? createdMs)))}`}
        </li>
      ) : null}
      {error === undefined ? null : <li class="bad">{error}</li>}
    </ol>
  </li>
);

export { TasksPanel };
