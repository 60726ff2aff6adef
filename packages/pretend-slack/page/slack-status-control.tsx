import type { WeatherControlProps } from "@slack-fanout/laptop-cloud/page";

/** Statuses to select from; 0 stands for Slack's own answer. */
const STATUSES = [0, 429, 500, 503];

/** Selects the HTTP status of every answer of Slack's Web API. */
const SlackStatusControl = ({ weather, change }: WeatherControlProps) => {
  const current = Number(weather["slackStatus"]);
  return (
    <label>
      Slack's Web API answers
      <select value={current} onChange={event => change({ slackStatus: Number(event.currentTarget.value) })}>
        {[...new Set([...STATUSES, current])].map(status => (
          <option key={status} value={status}>
            {status === 0 ? "as it should" : status}
          </option>
        ))}
      </select>
    </label>
  );
};

export { SlackStatusControl };
