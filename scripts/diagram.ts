/** `npm run diagram`: draws the pipelines' diagrams in their guides from the state machines that the program declares. */
import { readStackConfig } from "@slack-fanout/laptop-cloud/program/config";
import { runProgram } from "@slack-fanout/laptop-cloud/program/run";
import { resourceServices } from "@slack-fanout/laptop-cloud/resource-services";
import { defineScript, runScript } from "./command-line";
import { type Markers, placeBetween, readText, root, type Texts, writeFiles } from "./write-files";

/** The part of Amazon States Language that a diagram shows. */
interface State {
  Type: string;
  Next?: string;
  End?: boolean;
  Catch?: { ErrorEquals: string[]; Next: string }[];
  MaxConcurrency?: number;
  Branches?: Definition[];
  Choices?: Rule[];
  Default?: string;
}

/** A rule of a choice, as `components/resources/pipeline-definition.ts` builds it: a field is there, and has this text. */
interface Rule {
  And: { StringEquals?: string }[];
  Next: string;
}

interface Definition {
  StartAt: string;
  States: Record<string, State>;
}

/** The guide of each state machine, by its Pulumi name. */
const guides: Record<string, string> = {
  documents: "docs/guides/archive.md",
  payroll: "docs/guides/payroll.md",
  onboarding: "docs/guides/onboarding.md",
};

/** The setting with which the program has all of them. */
const features = JSON.stringify(Object.keys(guides));

const markers: Markers = { begin: "<!-- diagram: npm run diagram -->", end: "<!-- /diagram -->" };

/** Draws a state: a failure as a hexagon, a choice as a rhombus, a notification as a parallelogram, a map with its concurrency, branches in a box. */
const drawState = (name: string, { Type, MaxConcurrency, Branches = [] }: State): string[] => {
  if (Type === "Fail") return [`${name}{{${name}}}`];
  if (Type === "Choice") return [`${name}{${name}}`];
  if (Type === "Map") return [`${name}[["${name}, ${MaxConcurrency} at once"]]`];
  if (Type === "Parallel") {
    const inner = Branches.flatMap(({ States }) => Object.entries(States).flatMap(([inside, state]) => drawState(inside, state)));
    return [`subgraph ${name}`, ...inner.map(line => `  ${line}`), "end"];
  }
  return [name.endsWith("Notification") ? `${name}[/${name}/]` : `${name}[${name}]`];
};

/** Draws the transitions from a state. A state that ends a branch has none. */
const drawEdges = (name: string, { Next, Catch = [], Branches = [], Choices = [], Default }: State): string[] => [
  ...Branches.flatMap(({ States }) => Object.entries(States).flatMap(([inside, state]) => drawEdges(inside, state))),
  ...Choices.map(({ And, Next: target }) => `${name} -- ${And.find(({ StringEquals }) => StringEquals)?.StringEquals} --> ${target}`),
  ...(Default === undefined ? [] : [`${name} -- otherwise --> ${Default}`]),
  ...(Next === undefined ? [] : [`${name} --> ${Next}`]),
  ...Catch.map(({ ErrorEquals, Next: target }) => `${name} -. ${ErrorEquals.join(", ")} .-> ${target}`),
];

/** Builds the Mermaid flowchart of a state machine. */
const buildDiagram = ({ StartAt, States }: Definition): string => {
  const states = Object.entries(States);
  const edges = states.flatMap(([name, state]) => [...drawEdges(name, state), ...(state.End === true ? [`${name} --> done((done))`] : [])]);
  const lines = [`started((started)) --> ${StartAt}`, ...states.flatMap(([name, state]) => drawState(name, state)), ...edges];
  return ["```mermaid", "flowchart TD", ...lines.map(line => `  ${line}`), "```"].join("\n");
};

/** Puts a diagram between a guide's markers. Throws if they are missing. */
const placeDiagram = (guide: string, diagram: string): string => placeBetween(markers, guide, diagram);

/** Runs the program as the laptop does, without starting services. Returns the diagram of each state machine by name. */
const readDiagrams = async (): Promise<Record<string, string>> => {
  const config = readStackConfig(root, "local", { slack: "http://127.0.0.1:1/slack" });
  config.values[`${config.project}:features`] = features;
  const { inventory } = await runProgram({
    config,
    services: resourceServices,
    place: { region: "us-east-1", account: "000000000000", awsUrl: "http://127.0.0.1:1", pageUrl: "http://127.0.0.1:1" },
    load: async () => require("../index") as object,
  });
  const machines = inventory.ofType("aws:sfn/stateMachine:StateMachine");
  return Object.fromEntries(machines.map(({ name, inputs }) => [name, buildDiagram(JSON.parse(inputs["definition"]) as Definition)]));
};

/** Builds the guides with the diagrams of the program. */
const buildGuides = async (): Promise<Texts> => {
  const diagrams = await readDiagrams();
  const build = ([machine, file]: [string, string]) => {
    const diagram = diagrams[machine];
    if (diagram === undefined) throw new Error(`The program has no state machine ${machine} for ${file}.`);
    return [file, placeDiagram(readText(file), diagram)] as const;
  };
  return new Map(Object.entries(guides).map(build));
};

const script = defineScript({
  name: "diagram",
  usage: "[--dry-run] [--json]",
  help: `Draws the pipelines' diagrams in their guides from the state machines that the program declares.

  --dry-run      lists the guides that would change, and changes none`,
  options: { "dry-run": { type: "boolean" } },
  run: async ({ options }) => writeFiles(await buildGuides(), options["dry-run"]),
});

if (require.main === module) void runScript(script);

export type { Definition };
export { buildDiagram, features, guides, placeDiagram, script };
