import type { DeliveryCounts, Tally } from "../../src/protocol";
import { shortenArn } from "../format";
import type { NodePanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

/** A topic's subscriptions, and how much it published and delivered since the start. */
const TopicPanel = ({ name, program: { resources }, activity }: NodePanelProps) => {
  const arn = resources.find(({ type, name: each }) => type === "aws:sns/topic:Topic" && each === name)?.outputs["arn"];
  const subscriptions = resources.filter(
    ({ type, inputs }) => type === "aws:sns/topicSubscription:TopicSubscription" && inputs["topic"] === arn,
  );
  const tally: Partial<Tally> = activity?.tallies[`topic:${name}`] ?? {};
  const deliveries = activity?.balance.deliveries ?? {};
  const { published = 0, delivered = 0, retries = 0, deadLetters = 0 } = tally;
  return (
    <>
      <p class="panel-line">
        {published} published, {delivered} delivered, {retries} retries, {deadLetters} dead letters
      </p>
      <ScrollTable
        label={`Subscriptions of ${name}`}
        columns={[
          { title: "subscriber" },
          { title: "protocol" },
          { title: "filter" },
          { title: "delivered", isNumber: true },
          { title: "retries", isNumber: true },
          { title: "dead letters" },
        ]}
        rows={subscriptions.map(({ name: key, inputs }) => {
          const subscriber = shortenArn(String(inputs["endpoint"])).replace(/^function:/, "");
          const {
            done = 0,
            retries: failed = 0,
            deadLetters: dead = 0,
          }: Partial<DeliveryCounts> = deliveries[`${name} > ${subscriber}`] ?? {};
          return {
            key,
            class: dead > 0 ? "bad" : undefined,
            cells: [
              subscriber,
              inputs["protocol"],
              typeof inputs["filterPolicy"] === "string" ? <code>{inputs["filterPolicy"]}</code> : "all",
              done,
              failed,
              `${dead === 0 ? "" : `${dead} in `}${deadLettersOf(inputs["redrivePolicy"])}`,
            ],
          };
        })}
      />
    </>
  );
};

const deadLettersOf = (policy: unknown) =>
  typeof policy === "string" ? shortenArn((JSON.parse(policy) as { deadLetterTargetArn: string }).deadLetterTargetArn) : "none";

export { TopicPanel };
