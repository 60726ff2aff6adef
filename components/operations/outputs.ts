/** A part of the stack that adds outputs of its own. */
interface Part {
  readonly outputs: Record<string, unknown>;
}

/** Collects outputs of the stack. What is off adds none, because Pulumi warns about undefined outputs. */
const collectOutputs = (parts: readonly (Part | undefined)[], more: Part["outputs"]): Part["outputs"] => {
  const outputs = [...parts.map(part => part?.outputs ?? {}), more].flatMap(Object.entries);
  return Object.fromEntries(outputs.filter(([, value]) => value !== undefined));
};

export { collectOutputs };
