import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import type { WeatherReport } from "../../src/protocol";
import { control } from "../control";
import { kindOfType } from "../graph";
import { usePage } from "../page-context";
import type { PanelProps } from "./panel-props";

interface WeatherControlProps {
  weather: WeatherReport;
  change(changes: Partial<WeatherReport>): void;
}

interface Props extends Pick<PanelProps, "program"> {
  weather: WeatherReport;
  /** Further controls. */
  Controls: ComponentType<WeatherControlProps> | undefined;
}

const SWITCHES: {
  key: "duplicate" | "shuffle" | "throttle" | "conflict" | "partitionLimits" | "snsDown";
  label: string;
  effect: string;
}[] = [
  { key: "duplicate", label: "Duplicates", effect: "SNS and SQS deliver every message twice" },
  { key: "shuffle", label: "Reordering", effect: "SNS and SQS deliver in any order" },
  { key: "throttle", label: "DynamoDB throttles", effect: "three of ten requests are refused" },
  { key: "conflict", label: "DynamoDB conflicts", effect: "three of ten transactions are refused" },
  { key: "partitionLimits", label: "DynamoDB's partition limits", effect: "a key takes 1,000 writes a second" },
  { key: "snsDown", label: "SNS outage", effect: "publishing fails" },
];

/** Delivery delays to select from, milliseconds. */
const DELAYS_MS = [0, 200, 1000, 5000];

/** Switches for faults. A program should survive each of them. */
const WeatherPanel = ({ weather, program, Controls }: Props) => {
  const { reportError } = usePage();
  const change = (changes: Partial<WeatherReport>) => void control.changeWeather(changes).catch(reportError);
  return (
    <div class="weather">
      <fieldset>
        <legend>Weather</legend>
        {SWITCHES.map(({ key, label, effect }) => (
          <label key={key}>
            <input type="checkbox" checked={Boolean(weather[key])} onChange={event => change({ [key]: event.currentTarget.checked })} />
            <span>
              {label} <span class="empty">{effect}</span>
            </span>
          </label>
        ))}
        <div class="row">
          <label>
            Delay of deliveries
            <select value={weather.delayMs} onChange={event => change({ delayMs: Number(event.currentTarget.value) })}>
              {[...new Set([...DELAYS_MS, weather.delayMs])].map(ms => (
                <option key={ms} value={ms}>
                  {ms === 0 ? "none" : `${ms} ms`}
                </option>
              ))}
            </select>
          </label>
          {Controls === undefined ? null : <Controls {...{ weather, change }} />}
          <button type="button" onClick={() => change({})}>
            Clear the sky
          </button>
        </div>
      </fieldset>
      <KillForm {...{ weather, program, change }} />
    </div>
  );
};

/** Kills a function's process at one of its AWS calls, once. */
const KillForm = ({ weather: { kill }, program: { resources }, change }: WeatherControlProps & Pick<PanelProps, "program">) => {
  const functions = resources
    .filter(({ type }) => ["function", "container"].includes(kindOfType(type) ?? ""))
    .map(({ name }) => name)
    .sort();
  const [name, setName] = useState<string>();
  const [call, setCall] = useState(1);
  const [when, setWhen] = useState<"before" | "after">("before");
  const selected = name ?? functions[0];
  const kills = [kill ?? []].flat();
  const spare = (victim: (typeof kills)[number]) => {
    const others = kills.filter(each => each !== victim);
    change({ kill: others.length === 0 ? null : others });
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (selected !== undefined) change({ kill: { function: selected, call, when } });
      }}
    >
      <fieldset>
        <legend>Kill a function or container, once</legend>
        <label>
          Function
          <select value={selected} onChange={event => setName(event.currentTarget.value)}>
            {functions.map(each => (
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
        <button type="submit" disabled={selected === undefined || !(call >= 1)}>
          Kill
        </button>
        {kills.map(victim => (
          <p key={`${victim.function} ${victim.call} ${victim.when}`} role="status">
            {victim.function} will be killed {victim.when} its AWS call {victim.call}.{" "}
            <button type="button" onClick={() => spare(victim)}>
              Spare it
            </button>
          </p>
        ))}
      </fieldset>
    </form>
  );
};

export type { WeatherControlProps };
export { WeatherPanel };
