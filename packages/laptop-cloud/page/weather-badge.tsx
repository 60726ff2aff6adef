import { useEffect, useState } from "preact/hooks";
import type { WeatherReport } from "../src/protocol";
import { control } from "./control";
import { usePage } from "./page-context";
import { listFaults } from "./weather";

/** Shows in the header which faults are on. One button looks at them, the other ends them. */
const WeatherBadge = () => {
  const { events, showTab, reportError } = usePage();
  const [weather, setWeather] = useState<WeatherReport>();
  useEffect(() => events.on("weather", setWeather), [events]);
  const faults = weather === undefined ? [] : listFaults(weather);
  if (faults.length === 0) return null;
  return (
    <fieldset class="weather-badge">
      <legend class="hidden">Weather</legend>
      <button type="button" title="Look at the weather" onClick={() => showTab("Weather")}>
        Weather: {faults.join(", ")}
      </button>
      <button type="button" onClick={() => void control.changeWeather({}).catch(reportError)}>
        End the weather
      </button>
    </fieldset>
  );
};

export { WeatherBadge };
