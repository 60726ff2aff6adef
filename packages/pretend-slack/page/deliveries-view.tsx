import { Time } from "@slack-fanout/laptop-cloud/page";
import { useId } from "preact/hooks";
import type { Delivery } from "../src/protocol";
import { Icon } from "./icon";

/** Each edit of a message is delivered. Of the successful deliveries only this many are listed. */
const MAX_LISTED = 4;

/** A mark beside a message. Pointing at it, or the focus on it, shows how the message was delivered to the app's endpoints. */
const DeliveryMark = ({ deliveries }: { deliveries: Delivery[] }) => {
  const id = useId();
  const smooth = deliveries.filter(delivery => !isTroubled(delivery));
  if (smooth.length === 0) return null;
  const listed = smooth.slice(-MAX_LISTED);
  const others = smooth.length - listed.length;
  const isSending = smooth.some(({ state }) => state === "sending");
  return (
    <span class={isSending ? "delivery-mark sending" : "delivery-mark"}>
      <button type="button" class="quiet" aria-label={isSending ? "Being delivered" : "Delivered"} aria-describedby={id}>
        <Icon name={isSending ? "clock" : "tick"} />
      </button>
      <ul class="delivery-details" id={id} aria-label="How it went out">
        {others === 0 ? null : <li>{others} earlier</li>}
        {listed.map(delivery => (
          <DeliveryLine key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </span>
  );
};

/** The deliveries that failed or were tried again. These are always seen. */
const DeliveryTrouble = ({ deliveries }: { deliveries: Delivery[] }) => {
  const troubled = deliveries.filter(isTroubled);
  return troubled.length === 0 ? null : (
    <ul class="delivery-trouble" aria-label="Deliveries with trouble">
      {troubled.map(delivery => (
        <DeliveryLine key={delivery.id} delivery={delivery} />
      ))}
    </ul>
  );
};

const isTroubled = ({ state, retries }: Delivery) => state === "failed" || state === "waiting" || retries > 0;

const DeliveryLine = ({ delivery }: { delivery: Delivery }) => (
  <li>
    {describe(delivery)}
    {delivery.nextMs === undefined ? null : (
      <>
        , next try <Time atMs={delivery.nextMs} isExact />
      </>
    )}
  </li>
);

const describe = ({ door, event, signed, state, status, reason, ms, retries }: Delivery) =>
  [
    event === undefined || event === door ? door : `${door}: ${event}`,
    state === "delivered" ? String(status) : [state, status, reason].filter(Boolean).join(" "),
    ms === null ? "" : `${ms} ms`,
    signed ? "signed" : "",
    retries === 0 ? "" : retries === 1 ? "1 retry" : `${retries} retries`,
  ]
    .filter(part => part !== "")
    .join(", ");

export { DeliveryMark, DeliveryTrouble };
