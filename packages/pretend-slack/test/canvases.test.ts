import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { buildManifest, startWorkspace, type TestWorkspace } from "./workspace";

const document_content = { type: "markdown" as const, markdown: "# Findings\n\n- one" };

describe("canvases of the pretend Slack", () => {
  let directory: string;
  let doors: Doors;
  let workspace: TestWorkspace;

  const start = async (scopes = ["canvases:write", "chat:write"]) => {
    const outputs = { slackManifest: JSON.stringify(buildManifest(doors.url, scopes)) };
    workspace = await startWorkspace(doors, { directory, program: { outputs } });
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-canvases-"));
    doors = await startDoors();
    await start();
  });
  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const readCanvases = async (channel: string) => {
    const response = await fetch(`${workspace.slackUrl}/canvases?channel=${channel}`);
    return ((await response.json()) as { canvases: { id: string; title: string; markdown: string }[] }).canvases;
  };
  const errorOf = (call: Promise<unknown>) =>
    call.then(
      () => "taken",
      (error: { data: { error: string } }) => error.data.error,
    );

  it("are visible in a channel with read access, also after a restart", async () => {
    const { canvas_id: id } = await workspace.web().canvases.create({ title: "Report", document_content });
    expect(await readCanvases("C0001")).to.deep.equal([]);
    const access = { canvas_id: id!, access_level: "read" as const, channel_ids: ["C0001"] as [string] };
    await workspace.web().canvases.access.set(access);
    await workspace.web().canvases.access.set(access);

    await workspace.stop();
    await start();
    const [canvas, ...others] = await readCanvases("C0001");
    expect(canvas).to.include({ id, title: "Report", markdown: document_content.markdown });
    expect(others).to.deep.equal([]);
    expect(await readCanvases("C0002")).to.deep.equal([]);
    const { canvas_id: next } = await workspace.web().canvases.create({ title: "Another" });
    expect(next).to.not.equal(id);
  });

  it("can be created once as a channel's canvas", async () => {
    const web = workspace.web();
    const { canvas_id: id } = await web.conversations.canvases.create({ channel_id: "C0001", document_content });
    expect((await readCanvases("C0001")).map(canvas => canvas.id)).to.deep.equal([id]);
    expect(await errorOf(web.conversations.canvases.create({ channel_id: "C0001" }))).to.equal("channel_canvas_already_exists");
  });

  it("are refused with Slack's error codes", async () => {
    const web = workspace.web();
    const set = (given: object) => errorOf(web.apiCall("canvases.access.set", { access_level: "read", channel_ids: ["C0001"], ...given }));
    const { canvas_id: id } = await web.canvases.create({ title: "Report" });
    expect(await set({ canvas_id: "F9999" })).to.equal("canvas_not_found");
    expect(await set({ canvas_id: id, channel_ids: ["C9999"] })).to.equal("channel_not_found");
    expect(await set({ canvas_id: id, access_level: "shout" })).to.equal("invalid_arguments");
    expect(await errorOf(web.apiCall("canvases.create", { document_content: { type: "html", html: "x" } }))).to.equal("invalid_arguments");
    expect(await errorOf(web.apiCall("canvases.create", { channel_id: "C9999" }))).to.equal("channel_not_found");
    await workspace.stop();
    await start(["chat:write"]);
    expect(await errorOf(workspace.web().canvases.create({ title: "x" }))).to.equal("missing_scope");
  });
});
