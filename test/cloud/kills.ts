import type { Kill } from "@slack-fanout/laptop-cloud/kernel/weather";

/** Whether calls of this operation change nothing. */
const isRead = (operation: string): boolean => /^(?:BatchGet|Get|Head|List|Query|Scan)/.test(operation);

/**
 * Where to kill a function that makes these calls: before the first, and after each that changes something. Dying anywhere else leaves the same
 * state, unless the function also changes something at Slack, in between. Leaves out what is in `known`, and adds the rest: one place for all
 * calls with the same operation, and the same before and after it.
 */
const listKills = (name: string, operations: string[], known: Set<string>, callsSlack = false): Kill[] =>
  operations.flatMap((operation, index) => {
    const call = index + 1;
    const around = [operations[index - 1] ?? "first", operation, operations[index + 1] ?? "last"].join(" ");
    const whens = [index === 0 || callsSlack ? "before" : undefined, isRead(operation) ? undefined : "after"] as const;
    return whens.flatMap(when => {
      const place = `${name}, ${when}: ${around}`;
      if (when === undefined || known.has(place)) return [];
      known.add(place);
      return [{ function: name, call, when }];
    });
  });

export { listKills };
