import { acts } from "../../../kernel/declared";
import type { Declared, ResourceKind } from "../../../kernel/service";
import { DEFAULT_EVENT_INVOKE, type EventInvokeConfiguration } from "../function-configuration";

const eventInvokeConfig: ResourceKind = {
  properties: acts("destinationConfig", "functionName", "maximumEventAgeInSeconds", "maximumRetryAttempts", "qualifier"),
  check: ({ inputs }) => eventInvokeRefusal(inputs),
  outputs: ({ inputs }) => ({ id: inputs["functionName"] }),
};

const eventInvokeRefusal = (inputs: Declared["inputs"]): string | undefined => {
  const { qualifier, maximumRetryAttempts: attempts, maximumEventAgeInSeconds: age } = inputs;
  if (qualifier !== undefined && qualifier !== "$LATEST") return `qualifier is ${JSON.stringify(qualifier)}: there is one version, $LATEST`;
  if (attempts !== undefined && ![0, 1, 2].includes(attempts))
    return `maximumRetryAttempts is ${JSON.stringify(attempts)}, but must be 0, 1 or 2`;
  if (age !== undefined && !(age >= 60 && age <= 21_600))
    return `maximumEventAgeInSeconds is ${JSON.stringify(age)}, but must be 60 to 21600`;
  const { onFailure, onSuccess } = inputs["destinationConfig"] ?? {};
  for (const arn of [onFailure?.destination, onSuccess?.destination]) {
    if (arn !== undefined && !/^arn:aws:(sqs|sns|lambda):/.test(arn))
      return `the destination ${JSON.stringify(arn)} is not a queue, topic or function`;
  }
  return undefined;
};

const eventInvokeConfigurationOf = (inputs: Declared["inputs"]): EventInvokeConfiguration => ({
  maximumRetryAttempts: inputs["maximumRetryAttempts"] ?? DEFAULT_EVENT_INVOKE.maximumRetryAttempts,
  maximumEventAgeSeconds: inputs["maximumEventAgeInSeconds"] ?? DEFAULT_EVENT_INVOKE.maximumEventAgeSeconds,
  onSuccessArn: inputs["destinationConfig"]?.onSuccess?.destination,
  onFailureArn: inputs["destinationConfig"]?.onFailure?.destination,
});

export { eventInvokeConfig, eventInvokeConfigurationOf, eventInvokeRefusal };
