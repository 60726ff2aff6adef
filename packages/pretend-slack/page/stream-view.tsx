import { toSameSite } from "@slack-fanout/laptop-cloud/page";
import type { Block, RichText, TaskStatus } from "../src/protocol";
import { Icon } from "./icon";

/** URLs with other schemes could run code. */
const SAFE_URL = /^(?:https?|mailto):/i;

/** Stands at the end of a message that still grows. */
const Cursor = () => <span class="cursor" aria-hidden="true" />;

const ICONS = { pending: "pending", in_progress: "clock", complete: "tick", error: "close" } as const satisfies Record<TaskStatus, string>;
const NAMES: Record<TaskStatus, string> = { pending: "waits", in_progress: "under way", complete: "done", error: "failed" };

/** One step of an agent. */
const TaskView = ({ task: { title, status = "pending", details, output, sources = [] } }: { task: Block }) => (
  <div class={`task ${status}`}>
    <span class="state" title={NAMES[status]}>
      <Icon name={ICONS[status]} />
      <span class="hidden">{NAMES[status]}: </span>
    </span>
    <div>
      <b>{title}</b>
      {details === undefined ? null : <p class="note">{textOf(details)}</p>}
      {output === undefined ? null : <p>{textOf(output)}</p>}
      {sources.length === 0 ? null : (
        <p class="sources">
          {sources.map(({ url, text }) =>
            SAFE_URL.test(url) ? (
              <a key={url} href={toSameSite(url, location.hostname)} target="_blank" rel="noreferrer noopener">
                {text}
              </a>
            ) : (
              <span key={url}>{text}</span>
            ),
          )}
        </p>
      )}
    </div>
  </div>
);

/** All steps of an agent under one title. */
const PlanView = ({ plan: { title, tasks = [] } }: { plan: Block }) => (
  <div class="plan">
    {title === undefined || title === "" ? null : <b>{title}</b>}
    {tasks.map((task, index) => (
      <TaskView key={index} task={task} />
    ))}
  </div>
);

const textOf = ({ elements }: RichText): string => elements.flatMap(section => section.elements.map(({ text = "" }) => text)).join("");

export { Cursor, PlanView, SAFE_URL, TaskView };
