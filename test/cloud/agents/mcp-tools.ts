import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

interface Ran {
  code: number | null;
  output: string;
}

/** MCP's own tools, which test a server from outside. */
interface McpTools {
  inspect(...args: string[]): Promise<Ran>;
  judge(...args: string[]): Promise<Ran>;
}

const inspector = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";
const conformance = "node_modules/@modelcontextprotocol/conformance/dist/index.js";

/** More time than either tool needs, even on a busy machine. */
const limitMs = 60_000;

const run = async (node: string, script: string, args: string[]): Promise<Ran> => {
  const child = spawn(node, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", chunk => (output += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
};

/** Finds the tools in the folder `MCP_TOOLS`; undefined where they are not installed. The Inspector needs Node.js 22.19: `ARTEFACT_NODE`. */
const findMcpTools = (): McpTools | undefined => {
  const { MCP_TOOLS: folder = "", ARTEFACT_NODE: node = "", CI: ci } = process.env;
  const missing = folder === "" || node === "" || [inspector, conformance].some(script => !existsSync(join(folder, script)));
  if (!missing)
    return {
      inspect: (...args) => run(node, join(folder, inspector), ["--cli", ...args]),
      judge: (...args) => run(node, join(folder, conformance), ["server", ...args]),
    };
  const sentence =
    "MCP's Inspector and conformance package did not look at the gateway. Install both into a folder, set MCP_TOOLS to it and ARTEFACT_NODE to a Node.js of 22.19 or later.";
  if (ci === "true") throw new Error(sentence);
  console.warn(`\n  !!! ${sentence}\n`);
  return undefined;
};

export type { McpTools };
export { findMcpTools };
