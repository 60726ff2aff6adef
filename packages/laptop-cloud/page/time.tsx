import { formatMoment, formatWhen } from "./format";
import { usePage } from "./page-context";

interface Props {
  atMs: number;
  class?: string;
  /** To the second. */
  isExact?: boolean;
}

/** A time for people: local, with the date when it isn't today. Pointing at it shows ISO 8601. */
const Time = ({ atMs, class: className, isExact = false }: Props) => {
  const { today } = usePage();
  const iso = new Date(atMs).toISOString();
  return (
    <time class={className} dateTime={iso} title={iso}>
      {isExact ? formatMoment(atMs, today) : formatWhen(atMs, today)}
    </time>
  );
};

export { Time };
