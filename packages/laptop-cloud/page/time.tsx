import { formatWhen } from "./format";
import { usePage } from "./page-context";

/** A time for people: local, with the date when it isn't today. Pointing at it shows ISO 8601. */
const Time = ({ atMs, class: className }: { atMs: number; class?: string }) => {
  const { today } = usePage();
  const iso = new Date(atMs).toISOString();
  return (
    <time class={className} dateTime={iso} title={iso}>
      {formatWhen(atMs, today)}
    </time>
  );
};

export { Time };
