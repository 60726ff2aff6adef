import type { Kill } from "@slack-fanout/laptop-cloud/kernel/weather";

/** Whether calls of this operation change nothing. */
const isRead = (operation: string): boolean => /^(?:BatchGet|Get|Head|List|Query|Scan)/.test(operation);

/**
 * Where to kill a function that makes these calls: before the first, and after each that changes something. Dying anywhere else leaves the same
 * state. Only the first two and the last two of a series of one operation count, because its calls differ only in their items.
 */
const listKills = (operations: string[]): Pick<Kill, "call" | "when">[] => [
  { call: 1, when: "before" },
  ...operations.flatMap((operation, index) => {
    const around = operations.slice(Math.max(0, index - 2), index + 3);
    const isInSeries = around.length === 5 && around.every(each => each === operation);
    return isRead(operation) || isInSeries ? [] : [{ call: index + 1, when: "after" as const }];
  }),
];

export { listKills };
