import type { LogLine } from "../../src/protocol";
import { Time } from "../time";

/** Log lines, the latest first. Lambda's own lines are dimmed. */
const LogLines = ({ lines }: { lines: LogLine[] }) =>
  lines.length === 0 ? (
    <p class="empty">No lines yet.</p>
  ) : (
    <ol class="lines">
      {[...lines].reverse().map(({ atMs, stream, message }, index) => (
        <li class={isPlatform(message) ? "line platform" : "line"} key={`${stream} ${atMs} ${index}`}>
          <Time atMs={atMs} isExact /> {shorten(message)}
        </li>
      ))}
    </ol>
  );

/** Whether Lambda itself wrote the line, in either of its formats. */
const isPlatform = (message: string) => /^(?:START|END|REPORT|INIT_START) |"type":"platform\./.test(message);

/** Cuts `TIME\tREQUEST\tLEVEL\tMESSAGE` to the level and the message. */
const shorten = (message: string) => message.trimEnd().replace(/^\S+\t\S+\t(\w+)\t/, "$1 ");

export { LogLines };
