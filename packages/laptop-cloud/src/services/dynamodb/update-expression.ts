/**
 * Removes the parentheses around the first operand of a sum in a SET action: `a = (b) + (:c)` becomes `a = b + (:c)`.
 *
 * DynamoDB accepts them ("Update expressions", `operand` of SET); dynalite's parser accepts them elsewhere only.
 */
const openSums = (request: { UpdateExpression?: unknown }) => {
  if (typeof request.UpdateExpression !== "string") return;
  request.UpdateExpression = request.UpdateExpression.split("=").map(openFirstOperand).join("=");
};

/** Rewrites the text after an equals sign, if it is a sum that begins with parentheses. */
const openFirstOperand = (text: string): string => {
  const start = text.length - text.trimStart().length;
  if (text[start] !== "(") return text;
  const end = findClosing(text, start);
  if (end === undefined || !/^\s*[+-]/.test(text.slice(end + 1))) return text;
  return `${text.slice(0, start)} ${text.slice(start + 1, end)} ${text.slice(end + 1)}`;
};

/** The position of the parenthesis that closes the one at `start`. */
const findClosing = (text: string, start: number): number | undefined => {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "(") depth++;
    if (text[index] === ")") depth--;
    if (depth === 0) return index;
  }
  return undefined;
};

export { openSums };
