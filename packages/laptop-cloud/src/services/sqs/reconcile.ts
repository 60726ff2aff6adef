import type { Resource } from "../../kernel/service";
import { type Attributes, parseAttributes } from "./queue-attributes";
import type { Queues } from "./store";

/** The attribute that each input of aws.sqs.Queue sets. */
const attributeOfInput: Record<string, string> = {
  delaySeconds: "DelaySeconds",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  policy: "Policy",
  redrivePolicy: "RedrivePolicy",
  redriveAllowPolicy: "RedriveAllowPolicy",
  kmsMasterKeyId: "KmsMasterKeyId",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
};

/** Resource types that set one attribute of a queue, and the input with its value. */
const companions: Record<string, string> = {
  "aws:sqs/queuePolicy:QueuePolicy": "policy",
  "aws:sqs/redrivePolicy:RedrivePolicy": "redrivePolicy",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "redriveAllowPolicy",
};

/** Defaults of the provider that differ from AWS's (aws.sqs.Queue, maxMessageSize). */
const providerDefaults = { maxMessageSize: 262_144 };

/** Parses the attributes in inputs. Throws `AwsError` InvalidAttributeValue. */
const attributesOfInputs = (declared: Record<string, unknown>): Attributes => {
  const inputs: Record<string, unknown> = { ...providerDefaults, ...declared };
  const requested = Object.entries(attributeOfInput)
    .filter(([input]) => inputs[input] !== undefined)
    .map(([input, attribute]) => [attribute, textOf(inputs[input])]);
  return parseAttributes(Object.fromEntries(requested));
};

const textOf = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/**
 * Creates the queues that the program declares, with exactly the declared attributes. Messages stay.
 *
 * A queue that the program no longer declares is deleted with its messages, as `pulumi up` would do.
 */
const reconcile = async (queues: Queues) => {
  const declared = new Map(
    queues.cloud.inventory.ofType("aws:sqs/queue:Queue").map(resource => [resource.outputs["name"] as string, resource]),
  );
  for (const queue of queues.all()) if (queue.record.declared && !declared.has(queue.name)) await queues.delete(queue);
  for (const [name, resource] of declared) await declare(queues, name, resource);
  for (const resource of Object.keys(companions).flatMap(type => queues.cloud.inventory.ofType(type))) checkCompanion(declared, resource);
  // Last, because a dead-letter queue and its policy may be declared after the queues that use it.
  for (const name of declared.keys()) {
    const queue = queues.find(name)!;
    queues.checkRedrive(queue.arn, queue.record.attributes);
  }
};

const declare = async (queues: Queues, name: string, resource: Resource) => {
  const attributes = attributesOfInputs({ ...resource.inputs, ...companionInputs(queues, name) });
  const tags = (resource.inputs["tags"] ?? {}) as Record<string, string>;
  const { RedrivePolicy: _, ...withoutRedrive } = attributes;
  const queue = queues.find(name) ?? (await queues.create(name, withoutRedrive, tags, true));
  await queues.state.batch([queue.change({ attributes, tags, declared: true })]);
};

/** Refuses a policy of an undeclared queue, which would have no effect. */
const checkCompanion = (declared: ReadonlyMap<string, Resource>, { name, inputs }: Resource) => {
  if (!declared.has(queueNameOf(inputs)))
    throw new Error(`"${name}" is for the queue ${inputs["queueUrl"]}, which the program does not declare.`);
};

const queueNameOf = (inputs: Resource["inputs"]) => String(inputs["queueUrl"]).split("/").at(-1)!;

const companionInputs = (queues: Queues, name: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(companions).flatMap(([type, input]) =>
      queues.cloud.inventory
        .ofType(type)
        .filter(({ inputs }) => queueNameOf(inputs) === name)
        .map(({ inputs }) => [input, inputs[input]]),
    ),
  );

export { attributesOfInputs, reconcile };
