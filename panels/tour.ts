/** The first minute of slack-fanout: counting, a failure that is mended, and an agent that works for two hours. */
import { control, listFaults, type Program, type Tour, type TourContext, type TourStep } from "@slack-fanout/laptop-cloud/page";
import { slack } from "@slack-fanout/pretend-slack/page";
import { compareCounts, keyOfWord } from "./balance";
import { findTable, isByTeam } from "./find-table";

const TEAM = "T0001";
const SPEAKER = "U0001";
const CHANNEL = "C0001";
const AGENT = "UBOT01";

const POLL_MS = 150;

/** Cold starts on a busy machine take seconds. */
const PATIENCE_MS = 60_000;

/** Lambda tries an event three times, and waits a minute and two minutes in between. */
const ATTEMPTS = 3;
const RETRY_WAIT_SECONDS = 150;

/** More words and messages than the tour reads are not compared. */
const MAX_ITEMS = 5000;

const AGENT_SECONDS = 2 * 3600;

/** Reads until there is a value. Throws an error that says what did not happen. */
const waitFor = async <T>(what: string, read: () => Promise<T | undefined>): Promise<T> => {
  for (const startedMs = performance.now(); performance.now() - startedMs < PATIENCE_MS; ) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what} did not happen within a minute. Look at the errors in the diagram.`);
};

const requireFairWeather = async () => {
  const faults = listFaults(await control.readWeather());
  if (faults.length > 0) throw new Error(`The weather is on (${faults.join(", ")}). End it first, in the header.`);
};

/** The name of a table. Throws an error with a sentence if the program has no such table. */
const requireTable = (program: Program, output: string, otherwise: string): string => {
  const table = findTable(program, output);
  if (table === undefined) throw new Error(otherwise);
  return table;
};

/** Says something in the channel and follows its trace. The channel is shown beside the diagram. */
const say = async ({ follow }: TourContext, text: string): Promise<{ ts: string; trace: string }> => {
  location.hash = CHANNEL;
  const { ts } = await slack.say({ user: SPEAKER, channel: CHANNEL, text });
  const { trace } = await waitFor("The message", async () => {
    const { messages } = await slack.readMessages(CHANNEL, SPEAKER, 20);
    return messages.find(message => message.ts === ts);
  });
  follow(trace);
  return { ts, trace };
};

/** A word that makes the program count. Throws an error with a sentence if there is none. */
const readTrigger = async (): Promise<string> => {
  const [trigger] = (await slack.readWorkspace({ channel: CHANNEL })).triggerWords;
  if (trigger === undefined) throw new Error("No trigger word is set, so nothing is counted. Set the setting triggerWords.");
  return trigger;
};

/** Waits for the answer to a message: the count of one of its words. */
const waitForCount = (word: string, ts: string): Promise<number> =>
  waitFor("An answer with the counts", async () => {
    const { messages } = await slack.readMessages(CHANNEL, SPEAKER, 20);
    const counts = messages.filter(message => message.ts > ts).map(({ text }) => readCount(text, word));
    return counts.find(count => count !== undefined);
  });

const readCount = (text: string, word: string): number | undefined => {
  const line = text.split("\n").find(each => each.startsWith(`\`${word}\` = `));
  return line === undefined ? undefined : Number(line.slice(line.indexOf("=") + 1));
};

/** Waits until the table of words has another count of a word. */
const waitForChange = (program: Program, word: string, before: number): Promise<number> => {
  const table = requireTable(program, "wordsTable", NO_WORDS);
  const key = keyOfWord({ team: TEAM, channel: CHANNEL, private: false }, word, isByTeam(program));
  return waitFor(`Another count of ${word}`, async () => {
    const { items } = await control.readItems(table, MAX_ITEMS);
    const count = Number(items.find(item => item["word"] === key)?.["count"] ?? before);
    return count === before ? undefined : count;
  });
};

const NO_WORDS = "The program has no table of words, so nothing is counted.";

const sayItTwice: TourStep = {
  label: "Say it twice",
  sentence: "A message is counted once and published once; the multiplier adds ten to each word.",
  groups: ["api"],
  run: async context => {
    await requireFairWeather();
    requireTable(context.program, "wordsTable", NO_WORDS);
    const trigger = await readTrigger();
    const text = `${trigger} some words`;
    await context.tell(`Says “${text}”. A door counts the words, and publishes the message once.`);
    const first = await waitForCount(trigger, (await say(context, text)).ts);
    await context.tell(`The answer is ${first}. Subscribers get the message at the same time; the multiplier adds to each word.`);
    const multiplied = await waitForChange(context.program, trigger, first);
    await context.tell(`The multiplier has added ${multiplied - first}. Says the same again.`);
    const second = await waitForCount(trigger, (await say(context, text)).ts);
    return `The answers are ${first} and ${second}: the first message counts 1, the multiplier adds ${multiplied - first}, and the second message counts 1 again.`;
  },
};

/** The Pulumi name of a function's dead-letter queue. Throws an error with a sentence if there is none. */
const requireDeadLetters = ({ resources }: Program, name: string): string => {
  const config = resources.find(each => each.type === "aws:lambda/function:Function" && each.name === name)?.inputs["deadLetterConfig"];
  const queue = resources.find(({ type, outputs }) => type === "aws:sqs/queue:Queue" && outputs["arn"] === config?.targetArn);
  if (config === undefined || queue === undefined) throw new Error(`The program has no function ${name} with dead letters.`);
  return queue.name;
};

const breakAndMend: TourStep = {
  label: "Break it and mend it",
  sentence: "A subscriber is killed three times; its message waits as a dead letter, and is counted once when it is redriven.",
  groups: ["api"],
  run: async context => {
    await requireFairWeather();
    if (isByTeam(context.program))
      throw new Error(
        "With many workspaces, each subscriber has a queue, which tries again for longer. Start without workspaces=many to see this.",
      );
    const words = requireTable(context.program, "wordsTable", NO_WORDS);
    const seen = requireTable(context.program, "seenTable", NO_WORDS);
    const queue = requireDeadLetters(context.program, "multiplier");
    const trigger = await readTrigger();
    const before = await countDeadLetters(queue);
    try {
      const count = await breakMultiplier(context, `${trigger} mended`);
      await waitFor("A dead letter", async () => ((await countDeadLetters(queue)) > before ? true : undefined));
      await context.tell("The message waits in the dead-letter queue, and an alarm tells a channel. Redrives it.");
      await control.redrive(queue);
      const mended = await waitForChange(context.program, "mended", count);
      const { differing, incomparable } = compareCounts(
        await control.readItems(words, MAX_ITEMS),
        await control.readItems(seen, MAX_ITEMS),
        false,
      );
      const isRight = incomparable === undefined && differing.length === 0;
      return `The multiplier was killed three times, and its message was counted once all the same: “mended” went from ${count} to ${mended}${isRight ? ", and all counts match the messages" : ""}.`;
    } finally {
      await control.changeWeather({ kill: null });
    }
  },
};

const countDeadLetters = async (queue: string): Promise<number> => (await control.readActivity()).queues[queue]?.visible ?? 0;

/** Says a text, and kills the multiplier each time it tries. Resolves with the count that the message was answered with. */
const breakMultiplier = async (context: TourContext, text: string): Promise<number> => {
  let count = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    await control.changeWeather({ kill: { function: "multiplier", call: 1, when: "before" } });
    if (attempt === 1) {
      await context.tell(`Says “${text}”. The weather kills the multiplier at its first AWS call.`);
      count = await waitForCount("mended", (await say(context, text)).ts);
    } else {
      await context.tell(
        `Lambda tries again after some minutes, which the clock skips. The multiplier is killed again: ${attempt} of ${ATTEMPTS}.`,
      );
      await control.advance(RETRY_WAIT_SECONDS);
    }
    await waitFor("A try of the multiplier", async () => ((await control.readWeather()).kill === null ? true : undefined));
  }
  return count;
};

const twoHours: TourStep = {
  label: "Give the agent two hours",
  sentence: "An agent works for two hours. The cloud's clock makes them pass in seconds.",
  groups: ["agent"],
  run: async context => {
    await requireFairWeather();
    const tasks = requireTable(context.program, "tasksTable", "Agents are off. Switch them on with the setting agent, then try again.");
    await context.tell("Asks the agent to sleep for two hours. A container takes the task from a queue.");
    const { ts } = await say(context, `<@${AGENT}> sleep 2h`);
    const rowsOf = async () =>
      (await control.readItems(tasks, MAX_ITEMS)).items.filter(({ task }) => String(task).endsWith(`-${CHANNEL}-${ts}`));
    await waitFor("The agent's first step", async () =>
      (await rowsOf()).some(({ item }) => String(item).startsWith("step#")) ? true : undefined,
    );
    await context.tell("The agent sleeps, and has stored the step that it reached. Moves the clock by two hours.");
    const startedMs = performance.now();
    await control.advance(AGENT_SECONDS);
    const answer = await waitFor(
      "The agent's answer",
      async () => (await rowsOf()).find(({ answer }) => typeof answer === "string")?.["answer"],
    );
    const seconds = Math.max(1, Math.round((performance.now() - startedMs) / 1000));
    return `Two hours took ${seconds} s: the agent answered “${answer}” in the thread. The clock stays ahead until “Back to now”.`;
  },
};

const TOUR: Tour = {
  sentence:
    "A Slack backend for AWS, running here on your laptop: what is said in Slack is counted once, and published to subscribers that react independently.",
  steps: [sayItTwice, breakAndMend, twoHours],
};

export { TOUR };
