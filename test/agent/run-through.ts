/** Runs a brain as the runner does, without a queue or a table. */
import { buildStepKey, type Json, type Task } from "#core/agent/task";
import type { Brain, Tools, Turn } from "../../agent/brain";

/** Runs a brain to its answer. The first steps return their checkpoints. */
const runThrough = async (brain: Brain, task: Task & Partial<Turn>, tools: Tools, kept: readonly Json[] = []) => {
  const shown: string[] = [];
  const show = async (text: string) => void shown.push(text);
  const { signal } = new AbortController();
  const outputs: Json[] = [];
  const labels: string[] = [];
  const thinking = brain.think({ conversation: [], files: [], heard: [], ...task }, tools);
  let next = await thinking.next();
  while (!next.done) {
    const { label, run } = next.value;
    labels.push(label);
    const number = labels.length;
    const output =
      number <= kept.length ? kept[number - 1]! : await run({ signal, key: buildStepKey(number), show, pause: async () => {} });
    // As a table would return it.
    outputs.push(JSON.parse(JSON.stringify(output)) as Json);
    next = await thinking.next(outputs.at(-1)!);
  }
  return { answer: next.value, labels, outputs, shown };
};

export { runThrough };
