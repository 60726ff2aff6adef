import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { listTags, readTags, type Tag, withoutTags } from "../../../kernel/tags";
import { DEFAULT_BUS } from "../names";
import type { Buses } from "../store";

const listTagsForResource: OperationOf<Buses> = async (buses, input: { ResourceARN: string }, call) => {
  refuseUnknownParameters(call, input, ["ResourceARN"]);
  const { tags } = findTagged(buses, call, input.ResourceARN);
  return { Tags: listTags(tags) };
};

const tagResource: OperationOf<Buses> = async (buses, input: { ResourceARN: string; Tags: Tag[] }, call) => {
  refuseUnknownParameters(call, input, ["ResourceARN", "Tags"]);
  const { tags, write } = findTagged(buses, call, input.ResourceARN);
  await write({ ...tags, ...readTags(input.Tags) });
  return {};
};

const untagResource: OperationOf<Buses> = async (buses, input: { ResourceARN: string; TagKeys: string[] }, call) => {
  refuseUnknownParameters(call, input, ["ResourceARN", "TagKeys"]);
  const { tags, write } = findTagged(buses, call, input.ResourceARN);
  await write(withoutTags(tags, input.TagKeys));
  return {};
};

/** The tags of a bus or a rule. Throws `AwsError` ValidationException, ResourceNotFoundException. */
const findTagged = (buses: Buses, call: Call, arn: string) => {
  call.authorize(`events:${call.operation}`, arn);
  const [kind, path = ""] = arn
    .split(":")
    .at(-1)!
    .split(/\/(.*)/s);
  if (kind === "event-bus") {
    const { name, tags } = buses.bus(path);
    return { tags, write: (changed: Record<string, string>) => buses.putBus(name, { tags: changed }) };
  }
  if (kind !== "rule") throw new AwsError("ValidationException", `${JSON.stringify(arn)} is not the ARN of an event bus or a rule.`);
  const [name, bus = DEFAULT_BUS] = path.split("/").reverse();
  const { definition, tags } = buses.rule(bus, name!).record;
  return { tags, write: (changed: Record<string, string>) => buses.putRule(definition, { tags: changed }) };
};

export { listTagsForResource, tagResource, untagResource };
