/** `npm start`: runs the program of this folder on the laptop cloud, with a pretend Slack and panels of our own. */
import { join } from "node:path";
import { runCommand } from "@slack-fanout/laptop-cloud";
import { pretendSlack } from "@slack-fanout/pretend-slack";
import { buildModules, buildOnce, bundlesFolder } from "./components/bundling/function-modules";
import { buildContext } from "./components/bundling/worker-context";

/** An edited module of a function, or of the agents' worker, is bundled again, and the new code runs. */
const code = {
  prepare: () => void buildOnce().catch(() => undefined),
  build: async () => {
    const { bundles, sources } = await buildModules();
    const files = Object.fromEntries(Object.entries(bundles).map(([module, text]) => [`${module}.js`, text]));
    const worker = await buildContext("agent");
    return { files, sources: [...sources, ...worker.sources] };
  },
  findMap: (path: string) => join(bundlesFolder, `${path}.map`),
};

runCommand({
  plugins: [pretendSlack],
  code,
  page: join(__dirname, "panels/page.tsx"),
  signedDoors: ["webhook", "events", "commands", "interactions"].map(door => `/api-gateway/${door}`),
  // A browser comes to these pages, one after the other, when somebody installs the app.
  landingPages: ["/api-gateway/install", "/slack/oauth/v2/authorize", "/api-gateway/install/callback"],
  printedOutputs: { Webhook: "webhookUrl", Install: "installUrl" },
});
