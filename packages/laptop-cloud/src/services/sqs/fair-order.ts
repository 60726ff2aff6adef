import type { StoredMessage } from "./message";

/** A tenant's messages. Its own group makes one; a message without a group is a tenant by itself. */
interface Tenant {
  waiting: StoredMessage[];
  inFlight: number;
}

/**
 * Orders visible messages as a fair queue: the next one is of the tenant with the fewest messages in flight, the oldest first among equals. Differs
 * from AWS, where a tenant is passed over only once it has more than a tenth of what is in flight, and 30 messages, or takes a tenth of the
 * consumers' time. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
function* inFairOrder(visible: readonly StoredMessage[], inFlight: ReadonlyMap<string, number>): Generator<StoredMessage> {
  const tenants = groupByTenant(visible, inFlight);
  while (tenants.size > 0) {
    const [key, tenant] = [...tenants].reduce((first, other) => (isBefore(other[1], first[1]) ? other : first));
    const message = tenant.waiting.shift()!;
    tenant.inFlight += 1;
    if (tenant.waiting.length === 0) tenants.delete(key);
    yield message;
  }
}

const groupByTenant = (visible: readonly StoredMessage[], inFlight: ReadonlyMap<string, number>): Map<string | number, Tenant> => {
  const tenants = new Map<string | number, Tenant>();
  for (const message of visible) {
    const key = message.group ?? message.sequence;
    const tenant = tenants.get(key) ?? { waiting: [], inFlight: message.group === undefined ? 0 : (inFlight.get(message.group) ?? 0) };
    tenant.waiting.push(message);
    tenants.set(key, tenant);
  }
  return tenants;
};

const isBefore = (one: Tenant, other: Tenant) =>
  one.inFlight < other.inFlight || (one.inFlight === other.inFlight && one.waiting[0]!.sequence < other.waiting[0]!.sequence);

export { inFairOrder };
