/** The tools that an agent may call: their descriptions and arguments. */
// Import the namespace: the name `z` would add zod's 50 languages to every bundle, 62 KB zipped.
import * as z from "zod";
import { MAX_STEPS, type TaskState } from "#core/agent/task";
import { BadRequest } from "#core/errors";
import type { JsonObject } from "#core/json";

/** What only some stacks have. */
interface Needed {
  /** Trello's credentials and a list. */
  trello: boolean;
  /** Turn queues. */
  dibs: boolean;
  /** The archive of shared files. */
  documents: boolean;
}

interface ToolSpec {
  description: string;
  arguments: z.ZodObject;
  /** What the stack must have for the tool to be offered. */
  needs?: keyof Needed;
  /** Whether a call creates something that people see. Such a call counts towards the limits, is idempotent, and may need approval. */
  posts: boolean;
  /** The tool whose approval rule and limits apply to this one too. */
  sameRulesAs?: "post_to_slack";
  /** Whether only the worker may call it, not a model. */
  isForWorker?: true;
}

/** States of a task and of a step. The card and the table use the same words. */
const TASK_STATES = ["waiting", "processing", "done", "stopped", "failed"] as const satisfies readonly TaskState[];

/** Two lists of fifty are still readable in one message. */
const MAX_WORDS = 50;
const MAX_FILES = 50;

const text = z.string().min(1);
const channel = z.string().regex(/^[A-Z0-9]{1,64}$/, "must be a channel's id, such as C0123ABCD");
const ts = z.string().regex(/^[0-9]{1,16}\.[0-9]{6}$/, "must be a message's ts, such as 1763805600.000100");

const TOOLS = {
  post_to_slack: {
    description:
      "Posts a message to Slack, by default where the task was asked for. Links may be written as <https://example.com|label>; mentions are shown as text and call nobody.",
    posts: true,
    arguments: z.strictObject({
      channel: channel.optional().describe("The channel's id. Default: the task's own channel."),
      text: text.describe("The message, in Slack's mrkdwn."),
      thread: z
        .string()
        .min(1)
        .optional()
        .describe("The ts of the message to answer. In the task's own channel it is always the task's thread."),
    }),
  },
  update_message: {
    description: "Replaces the text of a message that this task posted. It counts as a post.",
    posts: false,
    // It shows a new text, as a post does.
    sameRulesAs: "post_to_slack",
    arguments: z.strictObject({
      channel: channel.optional().describe("The channel's id. Default: the task's own channel."),
      ts: ts.describe("The ts that post_to_slack returned."),
      text: text.describe("The new text, in Slack's mrkdwn."),
    }),
  },
  create_canvas: {
    description: "Creates a Slack canvas, a longer document, and lets a channel read it.",
    posts: true,
    arguments: z.strictObject({
      title: text.describe("The canvas's title."),
      markdown: text.describe("Its contents, in markdown."),
      channel: channel.optional().describe("The channel that may read it. Default: the task's own channel."),
    }),
  },
  create_trello_card: {
    needs: "trello",
    description: "Creates a card on the team's Trello board.",
    posts: true,
    arguments: z.strictObject({
      name: text.describe("The card's title."),
      description: z.string().optional().describe("What it is about, in markdown."),
      list: z
        .string()
        .regex(/^[A-Za-z0-9]{1,64}$/, "must be a list's id")
        .optional()
        .describe("The id of the configured list. No other list is accepted. Leave it out."),
    }),
  },
  read_words: {
    description: "Reads which words, or which #hashtags, were said most in public, ever or on one day.",
    posts: false,
    arguments: z.strictObject({
      limit: z.int().min(1).max(MAX_WORDS).optional().describe(`How many, 1 to ${MAX_WORDS}. Default: 10.`),
      kind: z.enum(["word", "annotation"]).optional().describe("Words, or annotations, which are the #hashtags. Default: words."),
      day: z.iso.date().optional().describe("A day in UTC, such as 2026-11-22. Default: all time."),
    }),
  },
  read_thread: {
    description: "Reads what people and the agent said in the task's own thread, including since the request.",
    posts: false,
    arguments: z.strictObject({}),
  },
  find_files: {
    needs: "documents",
    description:
      "Finds the latest archived files that were shared with a hashtag: in public, and in the conversation in which the task was asked for.",
    posts: false,
    arguments: z.strictObject({
      tag: text.describe("The hashtag, such as #receipt."),
      limit: z.int().min(1).max(MAX_FILES).optional().describe(`How many, 1 to ${MAX_FILES}. Default: 10.`),
    }),
  },
  claim_dibs: {
    needs: "dibs",
    description:
      "Takes a place in the turn queue of a shared thing, in the name of the person who asked for the task. The status says whether the turn has begun or the claim waits.",
    posts: false,
    arguments: z.strictObject({
      resource: text.describe("The shared thing's name, such as staging."),
      for: text
        .optional()
        .describe('How long it is needed, such as "45 minutes"; "open" holds until it is released. Default: the setting dibsDefault.'),
      reason: text.optional().describe("What for."),
    }),
  },
  release_dibs: {
    needs: "dibs",
    description: "Releases a shared thing that this task claimed, or leaves its queue.",
    posts: false,
    arguments: z.strictObject({
      resource: text.describe("The shared thing's name."),
      claimId: text.optional().describe("The id that claim_dibs returned. Default: the task's only claim of the thing."),
    }),
  },
  open_task: {
    description: "Posts the task's card at once, as a sign that the request has arrived.",
    posts: false,
    isForWorker: true,
    arguments: z.strictObject({}),
  },
  show_session: {
    description: "Sets the status of Slack's agent session to that of the task's thread.",
    posts: false,
    isForWorker: true,
    arguments: z.strictObject({}),
  },
  read_conversation: {
    description: "Reads what was said and shared in the task's thread before its request.",
    posts: false,
    isForWorker: true,
    arguments: z.strictObject({}),
  },
  read_file: {
    description: "Reads the content of a file that was shared in the task's thread, if a model can be given it.",
    posts: false,
    isForWorker: true,
    arguments: z.strictObject({
      file: z
        .string()
        .regex(/^[A-Z0-9]{1,64}$/, "must be a file's id, such as F0123ABCD")
        .describe("The file's id."),
    }),
  },
  write_answer: {
    description: "Shows the task's answer as it grows, in one message.",
    posts: false,
    isForWorker: true,
    arguments: z.strictObject({
      text: text.describe("The whole answer so far."),
      step: z
        .enum(["go", "pause", "end", "close"])
        .describe("go: shows more. pause: shows all, as a message that may wait. end: shows all, for good. close: shows no more."),
      stream: z
        .strictObject({ ts, mode: z.enum(["stream", "message"]), sent: z.int().min(0) })
        .optional()
        .describe("What the last call returned. Without it, the message is posted or, if it is there already, found."),
    }),
  },
  report_progress: {
    description: "Shows a task's progress on its card in Slack.",
    posts: false,
    isForWorker: true,
    arguments: z.strictObject({
      state: z.enum(TASK_STATES).describe("The state of the task."),
      steps: z
        .array(z.strictObject({ label: z.string(), state: z.enum(TASK_STATES) }))
        .max(MAX_STEPS)
        .describe("The steps so far, the latest last."),
      note: z.string().optional().describe("A line below the steps: what the task waits for, or what went wrong."),
    }),
  },
} as const satisfies Record<string, ToolSpec>;

type ToolName = keyof typeof TOOLS;
type ToolArguments<Name extends ToolName> = z.output<(typeof TOOLS)[Name]["arguments"]>;

/** The arguments that identify the task and the call. */
interface CallContext {
  task?: string;
  key?: string;
}

type ToolCall = { [Name in ToolName]: CallContext & { name: Name; args: ToolArguments<Name> } }[ToolName];

const TOOL_NAMES = Object.keys(TOOLS) as ToolName[];

/** The tools that the setting `agentApprovals` can name. */
const APPROVABLE_TOOL_NAMES = TOOL_NAMES.filter(name => TOOLS[name].posts);

const specOf = (name: ToolName): ToolSpec => TOOLS[name];

/** Lists the tools of a stack that has these things. */
const listTools = (has: Needed): ToolName[] =>
  TOOL_NAMES.filter(name => {
    const { needs } = specOf(name);
    return needs === undefined || has[needs];
  });

/** Tells whether a call is about a task as a whole, which it therefore names. Such a call is accepted after the task has ended, too. */
const isAboutTask = (name: ToolName): boolean => ["open_task", "show_session", "report_progress"].includes(name);

/** Tells whether models may call a tool. */
const isForModels = (name: ToolName): boolean => specOf(name).isForWorker !== true;

/** Tells whether a call counts as a post. */
const isPost = (name: ToolName): boolean => specOf(specOf(name).sameRulesAs ?? name).posts;

/** Tells whether a call needs approval, given the tools whose calls do. */
const needsApproval = (name: ToolName, approvals: readonly string[]): boolean =>
  [name, specOf(name).sameRulesAs].some(ruled => ruled !== undefined && approvals.includes(ruled));

const isToolName = (name: unknown): name is ToolName => typeof name === "string" && Object.hasOwn(TOOLS, name);

/** Ids and keys become parts of sort keys. Real ones are shorter. */
const CONTEXT = {
  task: z.string().min(1).max(256).optional().describe("The task's id. The worker adds it."),
  idempotencyKey: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      "The idempotency key of this call. If the call is repeated with the same key, it is done once and returns the first result. The worker adds it.",
    ),
};

const withContext = (name: ToolName): z.ZodObject => TOOLS[name].arguments.extend(CONTEXT);

/** Builds the JSON Schema of a tool's arguments, including `task` and `idempotencyKey`. */
const buildInputSchema = (name: ToolName): JsonObject & { type: "object" } => {
  const { $schema, ...schema } = z.toJSONSchema(withContext(name), { io: "input" });
  return { ...schema, type: "object" };
};

const describeIssue = ({ path, message }: z.core.$ZodIssue): string => (path.length === 0 ? message : `${path.join(".")}: ${message}`);

/** Parses a call's arguments. Throws `BadRequest` with a sentence about each invalid one. */
const parseCall = (name: ToolName, args: unknown): ToolCall => {
  const parsed = withContext(name).safeParse(args ?? {});
  if (!parsed.success) throw new BadRequest(`${name}: ${parsed.error.issues.map(describeIssue).join("; ")}.`);
  const { task, idempotencyKey: key, ...rest } = parsed.data;
  // The tool's schema has parsed its arguments, but the compiler can't derive this from a name known only at runtime.
  return { name, args: rest, ...(task === undefined ? {} : { task }), ...(key === undefined ? {} : { key }) } as ToolCall;
};

export type { Needed, ToolArguments, ToolCall, ToolName, ToolSpec };
export {
  APPROVABLE_TOOL_NAMES,
  buildInputSchema,
  isAboutTask,
  isForModels,
  isPost,
  isToolName,
  listTools,
  needsApproval,
  parseCall,
  TASK_STATES,
  TOOL_NAMES,
  TOOLS,
};
