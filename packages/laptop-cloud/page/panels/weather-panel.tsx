import { useState } from "preact/hooks";
import { control, type Weather } from "../control";
import { kindOfType } from "../graph";
import type { PanelProps } from "./panel";

interface Props extends Pick<PanelProps, "program" | "fail"> {
  weather: Weather;
}

const switches: { key: "duplicate" | "shuffle" | "throttle" | "conflict" | "snsDown"; label: string; says: string }[] = [
  { key: "duplicate", label: "Duplicates", says: "SNS and SQS hand out everything twice" },
  { key: "shuffle", label: "Reordering", says: "SNS and SQS hand out in any order" },
  { key: "throttle", label: "DynamoDB throttles", says: "three of ten requests are refused" },
  { key: "conflict", label: "DynamoDB conflicts", says: "three of ten transactions are refused" },
  { key: "snsDown", label: "SNS outage", says: "nothing can be published" },
];

/** Delivery delays to choose from, milliseconds. */
const delays = [0, 200, 1000, 5000];
const slackStatuses = [0, 429, 500, 503];

/** Faults, to be switched on and off: the program has to come through all of them. */
const WeatherPanel = ({ weather, program, fail }: Props) => {
  const change = (changes: Partial<Weather>) => void control.changeWeather(changes).catch(fail);
  return (
    <div class="weather">
      <fieldset>
        <legend>Weather</legend>
        {switches.map(({ key, label, says }) => (
          <label key={key}>
            <input type="checkbox" checked={Boolean(weather[key])} onChange={event => change({ [key]: event.currentTarget.checked })} />
            <span>
              {label} <span class="empty">{says}</span>
            </span>
          </label>
        ))}
        <div class="row">
          <label>
            Delay of deliveries
            <select value={weather.delayMs} onChange={event => change({ delayMs: Number(event.currentTarget.value) })}>
              {[...new Set([...delays, weather.delayMs])].map(ms => (
                <option key={ms} value={ms}>
                  {ms === 0 ? "none" : `${ms} ms`}
                </option>
              ))}
            </select>
          </label>
          <label>
            Slack's Web API answers
            <select value={weather.slackStatus} onChange={event => change({ slackStatus: Number(event.currentTarget.value) })}>
              {[...new Set([...slackStatuses, weather.slackStatus])].map(status => (
                <option key={status} value={status}>
                  {status === 0 ? "as it should" : status}
                </option>
              ))}
            </select>
          </label>
          <button type="button" onClick={() => change({})}>
            Clear the sky
          </button>
        </div>
      </fieldset>
      <KillForm {...{ weather, program, change }} />
    </div>
  );
};

interface KillProps extends Pick<Props, "weather" | "program"> {
  change(changes: Partial<Weather>): void;
}

/** Ends a function's process at one of its AWS calls, once. */
const KillForm = ({ weather: { kill }, program: { resources }, change }: KillProps) => {
  const functions = resources.filter(({ type }) => ["function", "container"].includes(kindOfType(type) ?? "")).map(({ name }) => name);
  const [name, setName] = useState<string>();
  const [call, setCall] = useState(1);
  const [when, setWhen] = useState<"before" | "after">("before");
  const chosen = name ?? (functions.includes("multiplier") ? "multiplier" : functions[0]);
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (chosen !== undefined) change({ kill: { function: chosen, call, when } });
      }}
    >
      <fieldset>
        <legend>Kill a function or container, once</legend>
        <label>
          Function
          <select value={chosen} onChange={event => setName(event.currentTarget.value)}>
            {[...functions].sort().map(each => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          When
          <select value={when} onChange={event => setWhen(event.currentTarget.value === "after" ? "after" : "before")}>
            <option value="before">before</option>
            <option value="after">after</option>
          </select>
        </label>
        <label>
          its AWS call number
          <input type="number" min={1} max={99} value={call} onInput={event => setCall(Number(event.currentTarget.value))} />
        </label>
        <button type="submit" disabled={chosen === undefined || !(call >= 1)}>
          Kill
        </button>
        {kill === null ? null : (
          <p role="status">
            {kill.function} will be killed {kill.when} its AWS call {kill.call}.{" "}
            <button type="button" onClick={() => change({ kill: null })}>
              Spare it
            </button>
          </p>
        )}
      </fieldset>
    </form>
  );
};

export { WeatherPanel };
