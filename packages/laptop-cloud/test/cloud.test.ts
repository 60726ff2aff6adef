import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startCloud } from "../src/cloud";
import { Inventory } from "../src/kernel/inventory";

describe("cloud", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-cloud-"));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  const start = (folder: string, fresh = false, ports: { port?: number; awsPort?: number } = {}) =>
    startCloud({
      directory: folder,
      fresh,
      port: 0,
      awsPort: 0,
      ...ports,
      region: "us-east-1",
      definitions: [],
      declare: async () => new Inventory([]),
    });

  const refusal = (...args: Parameters<typeof start>) =>
    start(...args).then(
      async cloud => {
        await cloud.stop();
        return "it started";
      },
      (error: Error) => error.message,
    );

  it("replaces a state that can't be read, and keeps other files in the folder", async () => {
    await (await start(directory)).stop();
    const state = join(directory, "cloud", "state");
    for (const file of await readdir(state)) await writeFile(join(state, file), "not what was written");
    await writeFile(join(directory, "notes.txt"), "mine");

    expect(await refusal(directory)).to.match(/^The state in \S+ can't be read: .*--fresh/);
    expect(await refusal(directory, true)).to.equal("it started");
    expect(await refusal(directory)).to.equal("it started");
    expect(await readdir(directory)).to.include("notes.txt");
  });

  it("does not start over in a folder that another cloud uses", async () => {
    const running = await start(directory);
    await running.state("test").put("kept", 1);
    expect(await refusal(directory, true)).to.contain("Another laptop cloud runs in");
    expect(await running.state("test").get("kept")).to.equal(1);
    await running.stop();
  });

  it("refuses the state of a newer cloud", async () => {
    const cloud = await start(directory);
    await cloud.state("cloud").put("format", 99);
    await cloud.stop();
    expect(await refusal(directory)).to.match(/is of a newer laptop cloud \(format 99, and this one knows 1\).*LOCAL_DIR.*--fresh/);
    expect(await refusal(directory, true)).to.equal("it started");
  });

  it("accepts a folder whose name has spaces and letters of any script", async () => {
    const folder = join(directory, "état du 雲 #1 100% (copy)");
    const cloud = await start(folder);
    await cloud.state("test").put("kept", "ja");
    await cloud.stop();
    const again = await start(folder);
    expect(await again.state("test").get("kept")).to.equal("ja");
    await again.stop();
  });

  it("refuses a file as the folder for its state", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    expect(await refusal(file)).to.match(/^The folder \S+ can't be created: .*Set LOCAL_DIR/);
    expect(await refusal(file, true)).to.match(/^The folder \S+ can't be created: .*Set LOCAL_DIR/);
  });

  it("says what to do if a port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const page = await refusal(directory, false, { port });
    const aws = await refusal(directory, false, { awsPort: port });
    server.close();

    const tail = (variable: string) => `can't listen on port ${port}, which another program uses.* Set ${variable} .*PORT=0`;
    expect(page).to.match(new RegExp(`^The page ${tail("PORT")}`));
    expect(aws).to.match(new RegExp(`^The AWS endpoint ${tail("AWS_PORT")}`));
  });
});
