import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { ANCHORS, addStatement, parseName } from "../../scripts/new";
import { ProgramCopy } from "./program-copy";

/** Tests of the whole program that new code could break. */
const RULES = ["test/arrows.test.ts", "test/docs/make-it-yours.test.ts", "test/artefacts/artefacts.test.ts"];

/** A whole file, or a part of one, that a page shows below the file's path. */
interface Shown {
  file: string;
  code: string;
}

const shownIn = (page: string): Shown[] =>
  [...page.matchAll(/`([\w/.-]+\.ts)`[^`]*?:\n\n```ts\n([\s\S]*?)```/g)].map(([, file, code]) => ({ file: file!, code: code! }));

const commandsIn = (page: string): string[][] => [...page.matchAll(/^npm run new (.*)$/gm)].map(([, args]) => args!.split(" "));

/** Replaces the statements of `index.ts` that begin like those of a guide. */
const replaceStatements = (program: string, code: string): string =>
  code.split("\n\n").reduce((text, statement) => {
    const begin = text.indexOf(statement.slice(0, statement.indexOf(",")));
    expect(begin, statement).not.to.equal(-1);
    const end = text.indexOf("});\n", begin) + "});\n".length;
    return `${text.slice(0, begin)}${statement.trim()}\n${text.slice(end)}`;
  }, program);

describe("new", () => {
  let copy: ProgramCopy;
  /** What all commands have written, by path. */
  const made = new Set<string>();

  const make = (...args: string[]) => {
    const { status, stdout, stderr } = copy.run("scripts/new.ts", ...args, "--json");
    expect([status, stderr], args.join(" ")).to.deep.equal([0, ""]);
    for (const file of (JSON.parse(stdout) as { files: string[] }).files) made.add(file);
  };

  before(() => {
    copy = new ProgramCopy();
    make("door", "echo");
  });
  after(() => copy.remove());

  for (const page of ["README.md", "docs/guides/pipelines.md"]) {
    it(`writes what ${page} shows`, () => {
      for (const args of commandsIn(copy.read(page))) make(...args);
      const shown = shownIn(copy.read(page));

      expect(shown).to.have.length.above(2);
      for (const { file, code } of shown) expect(copy.read(file), file).to.include(code);
    });
  }

  it("writes what docs/guides/make-it-yours.md changes", () => {
    const guide = copy.read("docs/guides/make-it-yours.md");
    for (const args of commandsIn(guide)) make(...args);
    const shown = shownIn(guide);

    expect(shown).to.have.lengthOf(5);
    for (const { file, code } of shown) {
      expect([...made]).to.include(file);
      copy.write(file, file === "index.ts" ? replaceStatements(copy.read(file), code) : code);
    }
  });

  it("leaves a program that compiles", () => {
    copy.write("tsconfig.made.json", JSON.stringify({ extends: "./tsconfig.json", include: ["**/*.d.ts"], files: [...made] }));
    const { status, stdout } = copy.run("typescript-native/bin/tsc", "--singleThreaded", "--project", "tsconfig.made.json");
    expect(status, stdout).to.equal(0);
  });

  it("leaves a program that the linter accepts", () => {
    const { status, stderr } = copy.run("@biomejs/biome/bin/biome", "check", "--error-on-warnings", ...made);
    expect(status, stderr).to.equal(0);
  });

  it("leaves a program whose tests pass, and whose artefacts work", () => {
    const units = [...made].filter(file => file.endsWith(".test.ts"));
    expect(units).to.have.lengthOf(6);
    const artefacts = "echo|greeter|texts-[a-z-]+|hello-recorder|hello-count";
    const { status, stdout } = copy.run("mocha/bin/mocha.js", ...units, ...RULES, "--grep", `^(?!artefacts )|^artefacts (${artefacts})\\b`);
    expect(status, stdout).to.equal(0);
    expect(stdout.match(/, on Node\.js /g)).to.have.lengthOf(7);
  });

  it("writes nothing in a dry run", () => {
    const program = copy.read("index.ts");
    expect(copy.run("scripts/new.ts", "table", "notes", "--dry-run").stdout).to.equal(
      "would write core/notes/tables.ts\nwould write stores/notes-table.ts\nwould write test/stores/notes-table.test.ts\nwould write index.ts\n",
    );
    expect(copy.read("index.ts")).to.equal(program);
    expect(() => copy.read("stores/notes-table.ts")).to.throw("ENOENT");
  });

  for (const [what, args, sentence] of [
    ["an unknown kind", ["queue", "notes"], 'The kind is "queue", but must be one of subscriber, door, table, pipeline.'],
    ["a file that exists", ["subscriber", "logger"], "subscribers/logger.ts exists already: choose another name."],
    ["the name of a resource", ["subscriber", "words"], 'The name "words" is used in index.ts: choose another.'],
    [
      "the name of a component's resource",
      ["door", "mcp"],
      'The name "mcp" is used in components/features/agent/agent.ts: choose another.',
    ],
    ["a constant of index.ts", ["table", "tokens"], "The code around it uses the name tokens for something else: choose another."],
    ["a class of the template", ["subscriber", "log"], "The code around it uses the name Log for something else: choose another."],
  ] as const) {
    it(`refuses ${what}`, () => {
      const { status, stderr } = copy.run("scripts/new.ts", ...args);
      expect([status, stderr]).to.deep.equal([64, `${sentence}\n`]);
    });
  }

  for (const name of ["", "Notes", "notes-", "1st", "../notes", "delete", "module", "date", "a".repeat(31)]) {
    it(`refuses the name "${name}"`, () => expect(thrownBy(() => parseName(name))).to.have.property("name", "UsageError"));
  }

  it("refuses a program without the anchor", () => {
    expect(thrownBy(() => addStatement("export {};\n", "messages.subscribe();\n", ANCHORS.subscriber))).to.have.property(
      "message",
      'index.ts needs one line that begins with "// Operations. The relay ": the statement goes above it.',
    );
  });
});
