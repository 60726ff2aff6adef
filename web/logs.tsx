import type { LogLine } from "./cloud";

/** How many lines are open to see without asking. */
const latest = 3;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Each function's latest log lines. The platform's own lines are left out where the function said something. */
const Logs = ({ functions, logs }: { functions: string[]; logs: ReadonlyMap<string, LogLine[]> }) => (
  <section aria-labelledby="logs-title">
    <h2 id="logs-title">Functions</h2>
    {functions.length === 0 ? <p class="empty">The program has no functions.</p> : null}
    {functions.map(name => (
      <FunctionLog key={name} name={name} lines={logs.get(name) ?? []} />
    ))}
  </section>
);

const FunctionLog = ({ name, lines }: { name: string; lines: LogLine[] }) => (
  <details class="function">
    <summary>
      <b>{name}</b>
      <Lines lines={lines.filter(isSaid).slice(-latest)} none={lines.length === 0 ? "not invoked yet" : "nothing said"} />
    </summary>
    <Lines lines={[...lines].reverse()} none="no lines" />
  </details>
);

/** Lambda's own lines, in both of its formats. */
const isSaid = ({ message }: LogLine) => !/^(?:START|END|REPORT|INIT_START) |"type":"platform\./.test(message);

const Lines = ({ lines, none }: { lines: LogLine[]; none: string }) =>
  lines.length === 0 ? (
    <span class="empty"> {none}</span>
  ) : (
    <span class="lines">
      {lines.map(({ atMs, stream, message }, index) => (
        <span class="line" key={`${stream} ${atMs} ${index}`}>
          <time dateTime={new Date(atMs).toISOString()}>{time.format(atMs)}</time> {shorten(message)}
        </span>
      ))}
    </span>
  );

/** `TIME\tREQUEST\tLEVEL\tMESSAGE` without what stands beside it anyway. */
const shorten = (message: string) => message.trimEnd().replace(/^\S+\t\S+\t(\w+)\t/, "$1 ");

export { Logs };
