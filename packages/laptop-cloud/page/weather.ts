import type { WeatherReport } from "../src/protocol";

/** Faults by key of the report, in the words of the weather's switches. Faults of plugins have their key as name. */
const NAMES: Record<string, string> = {
  duplicate: "duplicates",
  delayMs: "delayed deliveries",
  shuffle: "reordering",
  throttle: "throttles",
  conflict: "conflicts",
  partitionLimits: "partition limits",
  snsDown: "SNS outage",
};

/** Lists the faults that are on: "duplicates", "kill multiplier". Empty in fair weather. */
const listFaults = (weather: WeatherReport): string[] =>
  Object.entries(weather).flatMap(([key, value]) => {
    if (key === "kill") return [weather.kill ?? []].flat().map(kill => `kill ${kill.function}`);
    const isOff = value === null || value === false || value === 0 || (Array.isArray(value) && value.length === 0);
    return isOff ? [] : [NAMES[key] ?? key];
  });

export { listFaults };
