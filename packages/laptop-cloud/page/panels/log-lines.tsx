import type { LogLine } from "../control";
import { showTime } from "../show";

/** Log lines, the latest on top. The platform's own lines stand back. */
const LogLines = ({ lines }: { lines: LogLine[] }) =>
  lines.length === 0 ? (
    <p class="empty">No lines yet.</p>
  ) : (
    <ol class="lines">
      {[...lines].reverse().map(({ atMs, stream, message }, index) => (
        <li class={isPlatform(message) ? "line platform" : "line"} key={`${stream} ${atMs} ${index}`}>
          <time dateTime={new Date(atMs).toISOString()}>{showTime(atMs)}</time> {shorten(message)}
        </li>
      ))}
    </ol>
  );

/** Lambda's own lines, in both of its formats. */
const isPlatform = (message: string) => /^(?:START|END|REPORT|INIT_START) |"type":"platform\./.test(message);

/** `TIME\tREQUEST\tLEVEL\tMESSAGE` without what stands beside it anyway. */
const shorten = (message: string) => message.trimEnd().replace(/^\S+\t\S+\t(\w+)\t/, "$1 ");

export { LogLines };
